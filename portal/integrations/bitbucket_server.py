"""Bitbucket Server, now Bitbucket Data Center."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs

from portal import http_client
from portal.config import Config
from portal.integrations.base import PathIntegration, base_url, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, basic, bearer
from portal.integrations.urls import RepositoryUrl, split_url


class BitbucketServerIntegration(PathIntegration):
    """``integrations.bitbucketServer[]``: ``host, apiBaseUrl, token, username, password``.

    The ref stands in the query: ``…/browse/catalog-info.yaml?at=main``.
    """

    type = "bitbucketServer"
    product = "Bitbucket Server"
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

    def configured_credentials(self, url: str) -> Credentials:
        """Return the configured token, or user and password."""
        if self.token:
            return bearer(self.token, f"{self.key}.token")
        if self.username and self.password:
            return basic(self.username, self.password, f"{self.key}.password")
        return ANONYMOUS
