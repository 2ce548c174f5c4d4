"""What a request shows to be let in, and tokens that expire."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from portal import http_client
from portal.errors import InputError, ServiceUnavailableError

#: Seconds before its end at which a token is replaced, so that none ends on its way.
MARGIN = 600.0


@dataclass(frozen=True)
class Credentials:
    """The headers that let a request in. Its ``repr`` doesn't show them."""

    #: Where they come from: ``integrations.github[0].token``; empty if there are none.
    key: str = ""
    kind: Literal["none", "token", "basic", "app", "oauth"] = "none"
    #: The token alone, for clients that want no headers: git, for one.
    token: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.headers)


ANONYMOUS = Credentials()


def bearer(token: str, key: str, *, kind: Literal["token", "app", "oauth"] = "token") -> Credentials:
    """Return a token as most hosts take it."""
    return Credentials(key, kind, token, {"Authorization": f"Bearer {token}"})


def basic(user: str, password: str, key: str) -> Credentials:
    """Return a user's name and password, or a token in a password's place."""
    packed = base64.b64encode(f"{user}:{password}".encode()).decode()
    return Credentials(key, "basic", password, {"Authorization": f"Basic {packed}"})


class Token(NamedTuple):
    """A token and the time at which it ends, in seconds since 1970."""

    value: str
    expires_at: float


class TokenCache:
    """Keeps tokens until shortly before their end. Many threads may ask; one of them gets the new token for all."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._tokens: dict[Hashable, Token] = {}

    def get(self, key: Hashable, issue: Callable[[], Token]) -> str:
        """Return the token for ``key``, from ``issue`` if there is none that lasts. What that raises is raised."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            token = self._tokens.get(key)
            if token is None or token.expires_at <= self._now():
                fresh = issue()
                # A token that lives less than the margin would be asked for each time.
                margin = min(MARGIN, (fresh.expires_at - self._now()) / 2)
                token = self._tokens[key] = Token(fresh.value, fresh.expires_at - margin)
            return token.value


def issue_by_secret(
    url: str,
    *,
    client_id: str,
    client_secret: str,
    key: str,
    scope: str = "",
    transport: http_client.BaseTransport | None = None,
) -> Token:
    """Get a token for a program's own id and secret (OAuth 2.0 client credentials, RFC 6749 4.4).

    ``key`` is where they are configured. Raises ``InputError`` if they are refused, ``ServiceUnavailableError`` if
    nobody answers.
    """
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    with http_client.new_client(transport=transport) as client, http_client.translated_errors(url):
        response = client.post(url, data=form, headers=dict(basic(client_id, client_secret, key).headers))
    said = f"{url} answered {response.status_code} {response.reason_phrase}"
    if response.status_code in {400, 401, 403}:
        raise InputError(f"There is no token for {key}: {said}. Check the id and the secret there.")
    if not response.is_success:
        raise ServiceUnavailableError(f"There is no token for {key} now: {said}.")
    body = http_client.json_body(response, url)
    return Token(body["access_token"], time.time() + float(body.get("expires_in", 3600)))
