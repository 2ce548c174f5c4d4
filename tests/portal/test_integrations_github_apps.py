"""GitHub apps: whose tokens they get, and for what."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from portal.config import Config
from portal.errors import InputError, ServiceUnavailableError
from portal.integrations import ScmIntegrations
from tests.portal.source_hosts.keys import PRIVATE_KEY, PUBLIC_KEY
from tests.portal.source_hosts.server import Answer, Asked, HttpServer, answer_json


def integrations(server: HttpServer | None = None, /, **entries: Any) -> Any:
    return ScmIntegrations.from_config(
        Config.of({"integrations": entries}), transport=server.transport if server else None
    )


class Apps:
    """GitHub, as far as its apps are concerned."""

    def __init__(self) -> None:
        self.installations: list[dict[str, Any]] = [
            {"id": 1, "account": {"login": "Acme"}, "suspended_at": None},
            {"id": 2, "account": {"login": "picky"}, "suspended_at": None},
            {"id": 3, "account": {"login": "asleep"}, "suspended_at": "2026-03-02T12:00:00Z"},
        ]
        self.fault: Answer | None = None
        self.server = HttpServer(self.respond)

    def respond(self, asked: Asked) -> Answer:
        if self.fault:
            return self.fault
        kind, _, token = (asked.authorization or "").partition(" ")
        assert kind == "Bearer"
        if asked.segments == ["installation", "repositories"]:
            assert token == "installation 2"
            page = int(asked.query["page"])
            names = [f"repo-{number}" for number in range(150)][(page - 1) * 100 : page * 100]
            return answer_json({"total_count": 150, "repositories": [{"name": name} for name in names]})
        claims = jwt.decode(token, PUBLIC_KEY, algorithms=["RS256"])
        if claims["iss"] != "17" or claims["exp"] - claims["iat"] > 600:
            return answer_json({"message": "A JSON web token could not be decoded"}, 401)
        match asked.method, asked.segments:
            case "GET", ["app", "installations"]:
                return answer_json(self.installations if asked.query["page"] == "1" else [])
            case "POST", ["app", "installations", id_, "access_tokens"]:
                if int(id_) not in {one["id"] for one in self.installations}:
                    return answer_json({"message": "Not Found"}, 404)
                ends = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
                selection = "selected" if id_ == "2" else "all"
                token = f"installation {id_}"
                return answer_json({"token": token, "expires_at": ends, "repository_selection": selection}, 201)
        return Answer(status=404)

    def count(self, end: str) -> int:
        """Return how many requests were for a path with this end."""
        return sum(asked.path.endswith(end) for asked in self.server.asked)


@pytest.fixture
def apps() -> Iterator[Apps]:
    """A GitHub with an app."""
    made = Apps()
    yield made
    made.server.close()


def github(apps: Apps, *more: dict[str, Any], token: str | None = None, **changes: Any) -> Any:
    app = {"appId": "17", "clientId": "c", "clientSecret": "s", "privateKey": PRIVATE_KEY.replace("\n", "\\n")}
    entry = {"host": "github.com", "apps": [app | changes, *more]} | ({"token": token} if token else {})
    return integrations(apps.server, github=[entry]).github.by_host("github.com")


def test_an_app_gets_a_token_for_the_owner_of_a_url(apps):
    integration = github(apps)
    for url in ("https://github.com/acme/shop/blob/main/a.yaml", "https://github.com/ACME"):
        credentials = integration.credentials(url)
        assert (credentials.token, credentials.kind) == ("installation 1", "app")
        assert credentials.key == "integrations.github[0].apps[0]"


def test_an_apps_token_is_got_once(apps):
    integration = github(apps)
    for _ in range(3):
        integration.credentials("https://github.com/acme/shop")
    assert (apps.count("/app/installations"), apps.count("/access_tokens")) == (1, 1)


def test_an_app_sees_the_repositories_that_it_was_given(apps):
    integration = github(apps)
    assert integration.credentials("https://github.com/picky/repo-149/blob/main/a").token == "installation 2"
    assert integration.credentials("https://github.com/picky").token == "installation 2"
    with pytest.raises(InputError, match=r"apps\[0\] may not see picky/secret\. Add the repository"):
        integration.credentials("https://github.com/picky/secret")


def test_where_an_app_is_not_installed_the_token_counts(apps):
    assert github(apps, token="t").credentials("https://github.com/strange/shop").token == "t"
    assert not github(apps).credentials("https://github.com/strange/shop")


def test_a_new_installation_is_found_after_a_minute(apps, monkeypatch):
    integration = github(apps)
    assert not integration.credentials("https://github.com/newcomer/shop")
    apps.installations.append({"id": 4, "account": {"login": "newcomer"}, "suspended_at": None})
    assert not integration.credentials("https://github.com/newcomer/shop")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert integration.credentials("https://github.com/newcomer/shop").token == "installation 4"


def test_an_installation_that_is_gone_is_looked_for_anew(apps):
    integration = github(apps)
    integration.credentials("https://github.com/picky")
    apps.installations[0]["id"] = 5
    with pytest.raises(InputError, match="404 Not Found"):
        integration.credentials("https://github.com/acme")
    assert integration.credentials("https://github.com/acme").token == "installation 5"


def test_a_suspended_app_says_so(apps):
    with pytest.raises(InputError, match="is suspended for asleep"):
        github(apps).credentials("https://github.com/asleep/shop")


def test_an_app_may_be_kept_to_some_owners(apps):
    integration = github(apps, allowedInstallationOwners=["PICKY"], token="t")
    assert integration.credentials("https://github.com/picky/repo-1").token == "installation 2"
    assert integration.credentials("https://github.com/acme/shop").token == "t"


def test_an_app_with_public_access_reads_what_everybody_may(apps):
    assert github(apps, publicAccess=True).credentials("https://github.com/strange/shop").token == "installation 1"


def test_the_first_app_that_is_installed_counts(apps):
    second = {"appId": 17, "clientId": "c", "clientSecret": "s", "privateKey": PRIVATE_KEY}
    integration = github(apps, second, allowedInstallationOwners=["picky"])
    assert integration.credentials("https://github.com/acme/shop").key == "integrations.github[0].apps[1]"


def test_for_the_whole_site_an_app_shows_itself(apps):
    token = github(apps).credentials("https://github.com").token
    assert jwt.decode(token, PUBLIC_KEY, algorithms=["RS256"])["iss"] == "17"


def test_a_key_that_is_none_is_named(apps):
    bad = "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----"
    with pytest.raises(InputError, match=r"integrations\.github\[0\]\.apps\[0\]\.privateKey is no private key"):
        github(apps, privateKey=bad).credentials("https://github.com/acme/shop")


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Answer(status=401), InputError, "answered 401 Unauthorized. Check appId and privateKey"),
        (Answer(status=503), ServiceUnavailableError, "gets no token now"),
        (Answer(b"<html>"), ServiceUnavailableError, "did not answer in JSON"),
    ],
)
def test_a_refusal_names_the_app(apps, fault, error, words):
    apps.fault = fault
    with pytest.raises(error, match=words):
        github(apps).credentials("https://github.com/acme/shop")
