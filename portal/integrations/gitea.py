"""Gitea, and Forgejo, which speaks the same API."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from portal import http_client
from portal.config import Config
from portal.integrations.base import PathIntegration, RepositoryHost, base_url, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, basic
from portal.integrations.urls import encoded


class GiteaIntegration(PathIntegration, RepositoryHost):
    """``integrations.gitea[]``: ``host, baseUrl, username, password``; the password may be an access token."""

    type = "gitea"
    product = "Gitea"
    credential_keys = "a password, which may be an access token,"
    shape = "/<owner>/<repository>/src/branch/<branch>/<path>"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.base_url = base_url(entry, "baseUrl", f"https://{self.host}")
        self.api_base_url = f"{self.base_url}/api/v1"
        self.username = entry.get_str("username", None)
        self.password = secret(entry, "password")
        self.pattern = re.compile(
            re.escape(urlsplit(self.base_url).path)
            + r"/(?P<owner>[^/]+)/(?P<repo>[^/]+?)(?:\.git)?"
            + r"(?:/(?:src|raw|_edit)/(?:(?P<ref_type>branch|tag|commit)/)?(?P<ref>[^/]+)(?:/(?P<path>.*))?)?/?"
        )

    def resolve_edit_url(self, url: str) -> str:
        """Return the page on which the file can be edited."""
        at = self.parse(url)
        return f"{self.base_url}/{at.full_name}/_edit/{quote(at.ref, safe='')}/{quote(at.path)}"

    def api_url(self, url: str) -> str:
        """Return where the API has the repository."""
        return f"{self.api_base_url}/repos/{quote(self.parse(url).full_name)}"

    def page_url(self, url: str, path: str, *, branch: str = "") -> str:
        """Return where people see a file."""
        at = self.parse(url)
        ref = f"{at.ref_type or 'branch'}/{quote(at.ref or branch, safe='')}"
        return f"{self.base_url}/{encoded(at.full_name)}/src/{ref}/{encoded(path)}"

    def configured_credentials(self, url: str) -> Credentials:
        """Return user and password, or the access token that stands in the password's place."""
        key = f"{self.key}.password"
        if not self.password:
            return ANONYMOUS
        if self.username:
            return basic(self.username, self.password, key)
        return Credentials(key, "token", self.password, {"Authorization": f"token {self.password}"})
