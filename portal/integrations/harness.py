"""Harness Code."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from portal import http_client
from portal.config import Config
from portal.integrations.base import PathIntegration, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, bearer
from portal.integrations.urls import RepositoryUrl, decoded


class HarnessIntegration(PathIntegration):
    """``integrations.harness[]``: ``host, apiKey, token``. A ref may hold slashes: it ends at ``/~``."""

    type = "harness"
    product = "Harness Code"
    credential_keys = "an apiKey or a token"
    pattern = re.compile(
        r"(?P<before>/ng/account/(?P<account>[^/]+)/module/code"
        r"(?:/orgs/(?P<org>[^/]+))?(?:/projects/(?P<project>[^/]+))?/repos/(?P<repo>[^/]+))"
        r"(?:/(?:files|edit)/(?P<ref>.+?)(?:/~(?:/(?P<path>.*))?)?)?/?"
    )
    shape = "/ng/account/<account>/module/code/…/repos/<repository>/files/<branch>/~/<path>"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.api_key = secret(entry, "apiKey")
        self.token = secret(entry, "token")
        self.api_base_url = f"https://{self.host}/gateway/code/api/v1"

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at; the owner is account, organisation and project, as far as there are such."""
        at = super().parse(url)
        match = self.match(url)
        names = (match[name] for name in ("account", "org", "project")) if match else ()
        return replace(at, owner="/".join(decoded(name, url) for name in names if name))

    def resolve_edit_url(self, url: str) -> str:
        """Return the file's page, on which it can be edited."""
        at, match = self.parse(url), self.match(url)
        before = match["before"] if match else ""
        return f"https://{self.host}{before}/files/{quote(at.ref)}/~/{quote(at.path)}"

    def configured_credentials(self, url: str) -> Credentials:
        """Return the configured key, or the token."""
        if self.api_key:
            return Credentials(f"{self.key}.apiKey", "token", self.api_key, {"x-api-key": self.api_key})
        return bearer(self.token, f"{self.key}.token") if self.token else ANONYMOUS
