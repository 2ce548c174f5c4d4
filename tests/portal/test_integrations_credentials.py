"""Credentials of source hosts: what is configured, and tokens that end."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from portal.config import Config
from portal.errors import ConfigError, InputError, ServiceUnavailableError
from portal.integrations import ScmIntegrations
from portal.integrations.credentials import Token, TokenCache
from tests.portal.source_hosts.keys import PRIVATE_KEY, PUBLIC_KEY
from tests.portal.source_hosts.server import Answer, Asked, HttpServer, answer_json


def integrations(server: HttpServer | None = None, /, **entries: Any) -> Any:
    return ScmIntegrations.from_config(
        Config.of({"integrations": entries}), transport=server.transport if server else None
    )


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


# Tokens, and users


@pytest.mark.parametrize(
    ("type_", "entry", "url", "authorization"),
    [
        ("github", {"token": " t "}, "https://github.com/acme/shop", "Bearer t"),
        ("gitlab", {"host": "gitlab.com", "token": "t"}, "https://gitlab.com/acme/shop", "Bearer t"),
        ("bitbucketCloud", {"username": "u", "token": "t"}, "https://bitbucket.org/acme/shop", basic("u:t")),
        ("bitbucketCloud", {"username": "u", "appPassword": "p"}, "https://bitbucket.org/acme/shop", basic("u:p")),
        ("bitbucketCloud", {"token": "t"}, "https://bitbucket.org/acme/shop", "Bearer t"),
        ("bitbucketServer", {"host": "b.example", "token": "t", "username": "u"}, "https://b.example/", "Bearer t"),
        (
            "bitbucketServer",
            {"host": "b.example", "username": "u", "password": "p"},
            "https://b.example/",
            basic("u:p"),
        ),
        ("gitea", {"host": "t.example", "password": "t"}, "https://t.example/", "token t"),
        ("gitea", {"host": "t.example", "username": "u", "password": "p"}, "https://t.example/", basic("u:p")),
        ("harness", {"host": "h.example", "token": "t"}, "https://h.example/", "Bearer t"),
        ("azure", {"credentials": [{"personalAccessToken": "t"}]}, "https://dev.azure.com/acme/x", basic(":t")),
    ],
)
def test_configured_credentials_are_shown_as_the_host_wants_them(type_, entry, url, authorization):
    credentials = integrations(**{type_: [entry]}).by_url(url).credentials(url)
    assert credentials.headers == {"Authorization": authorization}
    assert credentials.key.startswith(f"integrations.{type_}[0].")


def test_harness_has_a_header_of_its_own_for_keys():
    found = integrations(harness=[{"host": "h.example", "apiKey": "k", "token": "t"}]).by_host("h.example")
    assert found.credentials("https://h.example/").headers == {"x-api-key": "k"}


def test_without_credentials_nothing_is_shown():
    for integration in integrations(gitea=[{"host": "t.example"}]).list():
        assert not integration.credentials(f"https://{integration.host}/acme/shop")


def test_azure_picks_credentials_by_organisation():
    found = integrations(
        azure=[
            {
                "credentials": [
                    {"personalAccessToken": "own", "organizations": ["Acme", "other"]},
                    {"personalAccessToken": "rest"},
                ]
            },
            {"host": "tfs.example", "credentials": [{"personalAccessToken": "tfs", "organizations": ["Main"]}]},
        ]
    )

    def shown(url: str) -> str | None:
        return found.by_url(url).credentials(url).token

    assert shown("https://dev.azure.com/acme/p/_git/r") == "own"
    assert shown("https://dev.azure.com/third/p/_git/r") == "rest"
    assert shown("https://tfs.example/tfs/main/p/_git/r") == "tfs"
    assert shown("https://tfs.example/main/p/_git/r") == "tfs"
    assert shown("https://tfs.example/tfs/third/p/_git/r") is None


# Tokens that end


def test_a_token_is_kept_until_shortly_before_its_end():
    now, issued = [1000.0], []

    def issue() -> Token:
        issued.append(now[0])
        return Token(f"token {len(issued)}", now[0] + 3600)

    cache = TokenCache(now=lambda: now[0])
    assert [cache.get("a", issue), cache.get("a", issue)] == ["token 1", "token 1"]
    assert cache.get("b", issue) == "token 2"
    now[0] += 2999
    assert cache.get("a", issue) == "token 1"
    now[0] += 2
    assert cache.get("a", issue) == "token 3"


def test_a_token_that_ends_soon_is_used_all_the_same():
    cache = TokenCache(now=lambda: 0.0)
    assert cache.get("a", lambda: Token("short", 60.0)) == "short"
    assert cache.get("a", lambda: Token("other", 60.0)) == "short"


def test_many_threads_wait_for_one_token():
    issued = []

    def issue() -> Token:
        issued.append(1)
        time.sleep(0.02)
        return Token("token", time.time() + 3600)

    cache, found = TokenCache(), []
    threads = [threading.Thread(target=lambda: found.append(cache.get("a", issue))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(issued), found) == (1, ["token"] * 8)


def test_a_token_that_was_not_issued_is_asked_for_again():
    cache = TokenCache()

    def fail() -> Token:
        raise ServiceUnavailableError("away")

    with pytest.raises(ServiceUnavailableError):
        cache.get("a", fail)
    assert cache.get("a", lambda: Token("token", time.time() + 3600)) == "token"


# OAuth


class TokenServer:
    """A server that issues tokens for a program's id and secret."""

    def __init__(self) -> None:
        self.fault: Answer | None = None
        self.server = HttpServer(self.respond)

    def respond(self, asked: Asked) -> Answer:
        if self.fault:
            return self.fault
        if asked.authorization != basic("id:secret"):
            return answer_json({"error": "invalid_client"}, 401)
        return answer_json({"access_token": f"issued {len(self.server.asked)}", "expires_in": 7200})


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    """A server that issues tokens."""
    made = TokenServer()
    yield made
    made.server.close()


CONSUMER = {"clientId": "id", "clientSecret": "secret"}
PRINCIPAL = {"credentials": [{**CONSUMER, "tenantId": "acme"}]}


@pytest.mark.parametrize(
    ("type_", "entry", "url", "place", "body"),
    [
        (
            "bitbucketCloud",
            CONSUMER,
            "https://bitbucket.org/acme/shop",
            ("bitbucket.org", "/site/oauth2/access_token"),
            b"grant_type=client_credentials",
        ),
        (
            "azure",
            PRINCIPAL,
            "https://dev.azure.com/acme/p/_git/r",
            ("login.microsoftonline.com", "/acme/oauth2/v2.0/token"),
            b"grant_type=client_credentials&scope=499b84ac-1321-427f-aa17-267ca6975798%2F.default",
        ),
    ],
)
def test_a_program_gets_a_token_for_its_secret(token_server, type_, entry, url, place, body):
    integration = integrations(token_server.server, **{type_: [entry]}).by_url(url)
    for _ in range(2):
        assert integration.credentials(url).headers == {"Authorization": "Bearer issued 1"}
    [asked] = token_server.server.asked
    assert ((asked.host, asked.path), asked.body) == (place, body)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Answer(status=401), InputError, "Check the id and the secret there"),
        (Answer(status=502), ServiceUnavailableError, "There is no token for integrations.azure.* now"),
        (Answer(b"<html>"), ServiceUnavailableError, "did not answer in JSON"),
    ],
)
def test_a_program_that_gets_no_token_is_told_why(token_server, fault, error, words):
    token_server.fault = fault
    integration = integrations(token_server.server, azure=[PRINCIPAL]).by_host("dev.azure.com")
    with pytest.raises(error, match=words):
        integration.credentials("https://dev.azure.com/acme/p/_git/r")


# Identities of machines


@pytest.fixture
def identity_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """The server that gives out a machine's tokens, as Azure's App Service has it."""

    def respond(asked: Asked) -> Answer:
        assert asked.headers["x-identity-header"] == "h"
        if asked.query.get("client_id") == "missing":
            return answer_json({"error": "no such identity"}, 400)
        token = f"for {asked.query.get('client_id', 'the machine')} at {asked.query['resource']}"
        return answer_json({"access_token": token, "expires_on": str(int(time.time()) + 3600), "token_type": "Bearer"})

    server = HttpServer(respond)
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.port}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "h")
    yield server
    server.close()


@pytest.mark.parametrize(("client", "who"), [("system-assigned", "the machine"), ("own-id", "own-id")])
def test_a_machines_identity_lets_in_at_azure(identity_server, client, who):
    integration = integrations(azure=[{"credentials": [{"clientId": client}]}]).by_host("dev.azure.com")
    credentials = integration.credentials("https://dev.azure.com/acme/p/_git/r")
    assert credentials.token == f"for {who} at 499b84ac-1321-427f-aa17-267ca6975798"


def test_a_machine_without_that_identity_says_so(identity_server):
    integration = integrations(azure=[{"credentials": [{"clientId": "missing"}]}]).by_host("dev.azure.com")
    with pytest.raises(InputError, match=r"There is no token for integrations\.azure\[0\]\.credentials\[0\]"):
        integration.credentials("https://dev.azure.com/acme/p/_git/r")


@pytest.mark.parametrize(
    ("module", "entries", "url", "extra"),
    [
        ("azure.identity", {"azure": [{"credentials": [{"clientId": "c"}]}]}, "https://dev.azure.com/a/p", "azure"),
        ("google.auth.exceptions", {"googleGcs": {}}, "https://storage.cloud.google.com/b/k", "gcs"),
    ],
)
def test_a_package_that_is_missing_is_named(monkeypatch, module, entries, url, extra):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(ConfigError, match=rf": .*\[{extra}\]"):
        integrations(**entries).by_url(url).credentials(url)


# Google


def google(server: HttpServer, **entry: Any) -> Any:
    return integrations(server, googleGcs=entry).by_host("storage.cloud.google.com")


def test_a_service_account_signs_for_its_token():
    def respond(asked: Asked) -> Answer:
        form = dict(part.split("=", 1) for part in asked.body.decode().split("&"))
        claims = jwt.decode(
            form["assertion"], PUBLIC_KEY, algorithms=["RS256"], audience="https://oauth2.googleapis.com/token"
        )
        assert claims["scope"] == "https://www.googleapis.com/auth/devstorage.read_only"
        return answer_json({"access_token": f"for {claims['iss']}", "expires_in": 3600, "token_type": "Bearer"})

    server = HttpServer(respond)
    integration = google(server, clientEmail="portal@acme.example", privateKey=PRIVATE_KEY)
    for _ in range(2):
        assert integration.credentials("https://storage.cloud.google.com/b/k").token == "for portal@acme.example"
    assert len(server.asked) == 1
    server.close()


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [(400, InputError, "There is no token"), (503, ServiceUnavailableError, "token .* now")],
)
def test_a_service_account_that_gets_no_token_is_told_why(monkeypatch, status, error, words):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server = HttpServer(lambda asked: answer_json({"error": "invalid_grant"}, status))
    with pytest.raises(error, match=words):
        google(server, clientEmail="portal@acme.example", privateKey=PRIVATE_KEY).credentials("https://x/")
    server.close()


def test_without_a_service_account_googles_own_ways_are_tried(monkeypatch, tmp_path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    server = HttpServer(lambda asked: Answer())
    with pytest.raises(InputError, match=r"There is no token for integrations\.googleGcs: .*missing\.json"):
        google(server).credentials("https://storage.cloud.google.com/b/k")
    server.close()
