"""AWS's services that speak JSON or queries, at a port of this machine: tokens and organisations."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.portal.source_hosts.object_stores import wrong_signature
from tests.portal.source_hosts.server import Answer, Asked, HttpServer, answer_json

MAIN_ACCOUNT = "111122223333"
ORGANIZATION = "o-acme"
PAGE = 2


class FakeAws:
    """AWS with one organisation. ``keys`` maps the ids of keys to their secrets; roles are lent to whoever signs.

    ``roles`` holds the roles that were asked for, with the external id; ``fault`` is answered to everything if set.
    """

    def __init__(self) -> None:
        self.keys = {"AKIAMAIN": "main-secret", "AKIAOTHER": "other-secret"}
        self.accounts = [account("Shop", 1), account("Sandbox (old)", 2, Status="SUSPENDED"), account(" Data.Lake ", 3)]
        self.roles: list[tuple[str, str | None]] = []
        self.fault: Answer | None = None
        self.server = HttpServer(self._respond)

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server.port}"

    def used_by(self, monkeypatch: pytest.MonkeyPatch, *services: str) -> None:
        """Send botocore here, on a machine that has no credentials of its own."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, "/nowhere")
        for service in ("STS", *services):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", self.endpoint)

    def _respond(self, asked: Asked) -> Answer:
        if self.fault is not None:
            return self.fault
        target = asked.headers.get("x-amz-target", "")
        form = {} if target else {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form.get("Action") != "AssumeRoleWithWebIdentity":
            key_id = re.search(r"Credential=(\w+)/", asked.authorization or "")
            secret = self.keys.get(key_id[1]) if key_id else None
            problem = wrong_signature(asked, secret) if secret else "no such key"
            if problem:
                return refusal("InvalidSignatureException" if target else "SignatureDoesNotMatch", problem, target)
        return self.answer(asked, target, form)

    def answer(self, asked: Asked, target: str, form: dict[str, str]) -> Answer:
        """Answer a request that is signed."""
        if target == "AWSOrganizationsV20161128.ListAccounts":
            return self._listed(json.loads(asked.body))
        if form.get("Action") == "GetCallerIdentity":
            return _result("GetCallerIdentity", f"<Account>{MAIN_ACCOUNT}</Account>")
        if form.get("Action", "").startswith("AssumeRole"):
            return self._lent(form)
        return refusal("UnknownOperationException", "", target)

    def _listed(self, body: dict[str, Any]) -> Answer:
        start = int(body.get("NextToken", "0"))
        more = {"NextToken": str(start + PAGE)} if len(self.accounts) > start + PAGE else {}
        return answer_json({"Accounts": self.accounts[start : start + PAGE], **more})

    def _lent(self, form: dict[str, str]) -> Answer:
        self.roles.append((form["RoleArn"], form.get("ExternalId", form.get("WebIdentityToken"))))
        self.keys["ASIALENT"] = "lent-secret"
        credentials = (
            "<Credentials><AccessKeyId>ASIALENT</AccessKeyId><SecretAccessKey>lent-secret</SecretAccessKey>"
            "<SessionToken>lent</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>"
        )
        return _result(form["Action"], credentials)


def account(name: str, number: int, **changes: str) -> dict[str, str]:
    """Return an account as the API tells of it."""
    id_ = f"{number:012}"
    return {
        "Id": id_,
        "Arn": f"arn:aws:organizations::{MAIN_ACCOUNT}:account/{ORGANIZATION}/{id_}",
        "Email": f"aws-{number}@acme.example",
        "Name": name,
        "Status": "ACTIVE",
        **changes,
    }


def refusal(code: str, message: str, target: str = "json", status: int = 400) -> Answer:
    """Refuse a request, in the form of services that speak JSON, or in that of those that speak queries."""
    if target:
        return answer_json({"__type": code, "message": message}, status)
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return Answer(body.encode(), 403, {"Content-Type": "text/xml"})


def _result(action: str, content: str) -> Answer:
    body = (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{content}'
        f"</{action}Result></{action}Response>"
    )
    return Answer(body.encode(), headers={"Content-Type": "text/xml"})
