"""Bitbucket Server, now Bitbucket Data Center."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote

from portal import http_client
from portal.config import Config
from portal.integrations.base import PathIntegration, RepositoryHost, base_url, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, basic, bearer
from portal.integrations.urls import RepositoryUrl, encoded, origin_of, split_url, with_query


class BitbucketServerIntegration(PathIntegration, RepositoryHost):
    """``integrations.bitbucketServer[]``: ``host, apiBaseUrl, token, username, password``.

    The ref stands in the query: ``…/browse/catalog-info.yaml?at=main``.
    """

    type = "bitbucketServer"
    product = "Bitbucket Server"
    branch_is_optional = True
    credential_keys = "a token, or a username and a password,"
    pattern = re.compile(
        r"(?:/[^/]+)*?/(?P<ref_type>projects|users)/(?P<owner>[^/]+)/repos/(?P<repo>[^/]+)"
        r"(?:/(?:browse|raw|src)(?:/(?P<path>.*))?)?/?"
    )
    shape = "/projects/<project>/repos/<repository>/browse/<path>?at=<branch>"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.api_base_url = base_url(entry, "apiBaseUrl", f"https://{self.host}/rest/api/1.0")
        self.token = secret(entry, "token")
        self.username = entry.get_str("username", None)
        self.password = secret(entry, "password")

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at; a user's own repositories are those of the project ``~<user>``."""
        at = super().parse(url)
        ref = parse_qs(split_url(url).query).get("at", [""])[0]
        return replace(at, ref=ref, ref_type="", owner=f"~{at.owner}" if at.ref_type == "users" else at.owner)

    def resolve_url(self, target: str, base: str, line_number: int | None = None) -> str:
        """Return what ``target`` means."""
        found = super().resolve_url(target, base)
        return split_url(found)._replace(fragment=str(line_number)).geturl() if line_number else found

    def resolve_edit_url(self, url: str) -> str:
        """Return the file's page without the ref: there is no editing at a ref."""
        return url.split("?", 1)[0]

    def api_url(self, url: str) -> str:
        """Return where the API has the repository."""
        at = self.parse(url)
        return f"{self.api_base_url}/projects/{quote(at.owner)}/repos/{quote(at.repo)}"

    def default_branch(self, url: str, ask: Callable[[str], Any]) -> str:
        """Return the default branch."""
        return str(ask(f"{self.api_url(url)}/default-branch")["displayId"])

    def page_url(self, url: str, path: str, *, branch: str = "") -> str:
        """Return where people see a file."""
        at = self.parse(url)
        before = split_url(url).path.partition("/repos/")[0]
        page = f"{origin_of(url)}{before}/repos/{quote(at.repo)}/browse/{encoded(path)}"
        return with_query(page, at=at.ref or branch) if at.ref or branch else page

    def configured_credentials(self, url: str) -> Credentials:
        """Return the configured token, or user and password."""
        if self.token:
            return bearer(self.token, f"{self.key}.token")
        if self.username and self.password:
            return basic(self.username, self.password, f"{self.key}.password")
        return ANONYMOUS
