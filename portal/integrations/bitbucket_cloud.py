"""Bitbucket Cloud."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import quote

from portal import http_client
from portal.config import Config
from portal.integrations.base import PathIntegration, RepositoryHost, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, TokenCache, basic, bearer, issue_by_secret
from portal.integrations.urls import encoded, split_url, with_query


class BitbucketCloudIntegration(PathIntegration, RepositoryHost):
    """``integrations.bitbucketCloud[]``: ``username, token, appPassword, clientId, clientSecret``."""

    type = "bitbucketCloud"
    product = "Bitbucket Cloud"
    public_host = "bitbucket.org"
    credential_keys = "a username and a token, or clientId and clientSecret,"
    api_base_url: ClassVar[str] = "https://api.bitbucket.org/2.0"
    token_url: ClassVar[str] = "https://bitbucket.org/site/oauth2/access_token"
    pattern = re.compile(
        r"/(?P<owner>[^/]+)/(?P<repo>[^/]+?)(?:\.git)?(?:/(?:src|raw)/(?P<ref>[^/]+)(?:/(?P<path>.*))?)?/?"
    )
    shape = "/<workspace>/<repository>/src/<branch>/<path>"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.username = entry.get_str("username", None)
        self.token = secret(entry, "token")
        self.app_password = secret(entry, "appPassword")
        self.client_id = secret(entry, "clientId")
        self.client_secret = secret(entry, "clientSecret")
        self._tokens = TokenCache()
        if self.username and not (self.token or self.app_password):
            raise entry.error("username", "needs a token, or an appPassword, beside it.")
        if bool(self.client_id) != bool(self.client_secret):
            set_, missing = ("clientId", "clientSecret") if self.client_id else ("clientSecret", "clientId")
            raise entry.error(set_, f"needs {missing} beside it: they go together.")

    def read_host(self, entry: Config) -> str:
        """Return the one host that there is."""
        return self.public_host

    def resolve_url(self, target: str, base: str, line_number: int | None = None) -> str:
        """Return what ``target`` means."""
        found = super().resolve_url(target, base)
        return split_url(found)._replace(fragment=f"lines-{line_number}").geturl() if line_number else found

    def resolve_edit_url(self, url: str) -> str:
        """Return the page on which the file can be edited."""
        match = self.match(url)
        return with_query(url, mode="edit", at=(match["ref"] if match else None) or "")

    def api_url(self, url: str) -> str:
        """Return where the API has the repository."""
        return f"{self.api_base_url}/repositories/{quote(self.parse(url).full_name)}"

    def default_branch(self, url: str, ask: Callable[[str], Any]) -> str:
        """Return what it calls the main branch."""
        return str(ask(f"{self.api_url(url)}?fields=mainbranch.name")["mainbranch"]["name"])

    def page_url(self, url: str, path: str, *, branch: str = "") -> str:
        """Return where people see a file."""
        at = self.parse(url)
        return f"https://{self.host}/{encoded(at.full_name)}/src/{quote(at.ref or branch, safe='')}/{encoded(path)}"

    def has_credentials(self, url: str) -> bool:
        """Say whether there is a token, a password or a consumer."""
        return bool(self.token or self.app_password or self.client_id)

    def configured_credentials(self, url: str) -> Credentials:
        """Return a token for the configured OAuth consumer, the user's token, or the repository's."""
        if self.client_id and self.client_secret:
            token = self._tokens.get(
                "",
                lambda: issue_by_secret(
                    self.token_url,
                    client_id=self.client_id or "",
                    client_secret=self.client_secret or "",
                    key=f"{self.key}.clientId",
                    transport=self._transport,
                ),
            )
            return bearer(token, f"{self.key}.clientId", kind="oauth")
        name = "token" if self.token else "appPassword"
        value = self.token or self.app_password
        if self.username and value:
            return basic(self.username, value, f"{self.key}.{name}")
        return bearer(self.token, f"{self.key}.token") if self.token else ANONYMOUS
