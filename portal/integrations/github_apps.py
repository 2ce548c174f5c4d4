"""GitHub Apps: tokens for the accounts that an app is installed for.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import http_client
from portal.config import Config
from portal.errors import InputError, NotFoundError, ServiceUnavailableError
from portal.integrations.base import secret
from portal.integrations.credentials import Token, TokenCache

#: Seconds for which the app's own token is good: GitHub takes at most ten minutes, and clocks differ.
JWT_SECONDS = 540
CLOCK_DIFFERENCE = 60
#: Seconds for which the list of installations is kept, and after which an owner who isn't on it is looked for again.
INSTALLATIONS_SECONDS = 600.0
LOOK_AGAIN_SECONDS = 60.0
PAGE_SIZE = 100
#: Pages of a list that are read at most.
MAX_PAGES = 200


class AppNotInstalled(NotFoundError):
    """The app is not installed for an owner."""


@dataclass(frozen=True)
class Installation:
    """An account that the app is installed for."""

    id: int
    owner: str
    suspended: bool


class GitHubApp:
    """One of ``integrations.github[].apps``. Its tokens are kept until shortly before their end."""

    def __init__(
        self,
        entry: Config,
        key: str,
        *,
        api_base_url: str,
        transport: http_client.BaseTransport | None = None,
    ) -> None:
        self.key = key
        self.app_id = entry.get_int("appId")
        self.client_id = entry.get_str("clientId", None)
        self.client_secret = secret(entry, "clientSecret")
        self.webhook_secret = secret(entry, "webhookSecret")
        # In environment variables line breaks are often written as \n.
        self.private_key = entry.get_str("privateKey").replace("\\n", "\n")
        if "PRIVATE KEY-----" not in self.private_key:
            raise entry.error(
                "privateKey", "must be the app's private key in PEM form, as GitHub lets you download it."
            )
        owners = entry.get_strings("allowedInstallationOwners", None)
        self.allowed_owners = None if owners is None else frozenset(owner.lower() for owner in owners)
        self.public_access = entry.get_bool("publicAccess", False)
        self._api = api_base_url
        self._transport = transport
        self._tokens = TokenCache()
        self._repositories: dict[str, frozenset[str] | None] = {}
        self._lock = threading.Lock()
        self._installations: list[Installation] = []
        self._listed_at: float | None = None

    def token_for(self, owner: str, repo: str = "") -> str | None:
        """Return a token for an owner's repositories; None if the configuration keeps the app from that owner.

        Without an owner it is the app's own token, which can do little else than list installations. Raises
        ``AppNotInstalled``, ``InputError`` if the app may not see the repository, ``ServiceUnavailableError``.
        """
        if not owner:
            return self._own_token()
        owner = owner.lower()
        if self.allowed_owners is not None and owner not in self.allowed_owners:
            return None
        token = self._tokens.get(owner, lambda: self._issue(self._installation_of(owner)))
        visible = self._repositories.get(owner)
        if repo and visible is not None and repo.lower() not in visible:
            raise InputError(
                f"The GitHub app of {self.key} may not see {owner}/{repo}. Add the repository to its installation."
            )
        return token

    def any_token(self) -> str | None:
        """Return a token of the first installation, which will do for public repositories of anybody."""
        installations = self.installations()
        if not installations:
            return None
        return self._tokens.get(("public", installations[0].id), lambda: self._issue(installations[0]))

    def installations(self, *, fresh: bool = False) -> list[Installation]:
        """Return the accounts that the app is installed for, as of at most ten minutes ago."""
        with self._lock:
            age = None if self._listed_at is None else time.monotonic() - self._listed_at
            if age is None or age > (LOOK_AGAIN_SECONDS if fresh else INSTALLATIONS_SECONDS):
                self._installations = [
                    Installation(
                        one["id"], (one["account"] or {}).get("login", "").lower(), bool(one.get("suspended_at"))
                    )
                    for one in self._pages("/app/installations", self._own_token())
                ]
                self._listed_at = time.monotonic()
            return self._installations

    def _installation_of(self, owner: str) -> Installation:
        for fresh in (False, True):
            for installation in self.installations(fresh=fresh):
                if installation.owner == owner:
                    return installation
        raise AppNotInstalled(f"The GitHub app of {self.key} is not installed for {owner}.")

    def _issue(self, installation: Installation) -> Token:
        if installation.suspended:
            raise InputError(f"The GitHub app of {self.key} is suspended for {installation.owner}.")
        path = f"/app/installations/{installation.id}/access_tokens"
        answer = self._request("POST", path, self._own_token())
        visible = None
        if answer.get("repository_selection") == "selected":
            found = self._pages("/installation/repositories", answer["token"], member="repositories")
            visible = frozenset(one["name"].lower() for one in found)
        self._repositories[installation.owner] = visible
        return Token(answer["token"], datetime.fromisoformat(answer["expires_at"]).timestamp())

    def _own_token(self) -> str:
        now = int(time.time())
        claims = {"iat": now - CLOCK_DIFFERENCE, "exp": now + JWT_SECONDS - CLOCK_DIFFERENCE, "iss": str(self.app_id)}
        # Cryptography takes a tenth of a second to import, which a portal without a GitHub App needn't wait for.
        import jwt

        try:
            return jwt.encode(claims, self.private_key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise InputError(f"{self.key}.privateKey is no private key that GitHub apps sign with: {error}") from error

    def _pages(self, path: str, token: str, *, member: str | None = None) -> Iterator[dict[str, Any]]:
        for page in range(1, MAX_PAGES + 1):
            answer = self._request("GET", f"{path}?per_page={PAGE_SIZE}&page={page}", token)
            items = answer[member] if member else answer
            yield from items
            if len(items) < PAGE_SIZE:
                return

    def _request(self, method: str, path: str, token: str) -> Any:
        url = f"{self._api}{path}"
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        with http_client.new_client(transport=self._transport) as client, http_client.translated_errors(url):
            response = client.request(method, url, headers=headers)
        if response.is_success:
            return http_client.json_body(response, url)
        said = f"{url} answered {response.status_code} {response.reason_phrase}"
        if response.status_code in {404, 410}:
            # An installation that is gone: look for the others anew.
            self._listed_at = None
        if response.status_code in {401, 403, 404, 410, 422}:
            raise InputError(f"The GitHub app of {self.key} gets no token: {said}. Check appId and privateKey.")
        raise ServiceUnavailableError(f"The GitHub app of {self.key} gets no token now: {said}.")
