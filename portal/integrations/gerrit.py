"""Gerrit, with Gitiles, whose URLs are those of files."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from portal import http_client
from portal.config import Config
from portal.integrations.base import PathIntegration, base_url, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, basic
from portal.integrations.urls import RepositoryUrl, host_of, is_absolute, split_url


class GerritIntegration(PathIntegration):
    """``integrations.gerrit[]``: ``host, baseUrl, gitilesBaseUrl, cloneUrl, disableEditUrl, username, password``."""

    type = "gerrit"
    product = "Gerrit"
    credential_keys = "a username and a password"
    shape = "/<project>/+/refs/heads/<branch>/<path>"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        entry.get_str("gitilesBaseUrl")
        self.base_url = base_url(entry, "baseUrl", f"https://{self.host}")
        self.clone_url = base_url(entry, "cloneUrl", self.base_url)
        self.gitiles_base_url = base_url(entry, "gitilesBaseUrl", "")
        self.disable_edit_url = entry.get_bool("disableEditUrl", False)
        self.username = entry.get_str("username", None)
        self.password = secret(entry, "password")
        if self.password and not self.username:
            raise entry.error("password", "needs a username beside it.")
        if self.password and not f"{self.gitiles_base_url}/".startswith(f"{self.base_url}/"):
            raise entry.error(
                "gitilesBaseUrl", f"must lie under the baseUrl, {self.base_url}, for a password to be good there too."
            )
        folder = urlsplit(self.gitiles_base_url).path
        self.pattern = re.compile(
            rf"(?:/a)?{re.escape(folder)}/(?P<repo>[^+]+?)"
            r"(?:/\+/(?P<ref>HEAD|[0-9a-f]{40}|refs/(?P<ref_type>heads|tags)/[^/]+)(?:/(?P<path>.*))?)?/?"
        )

    def serves(self, url: str) -> bool:
        """Tell whether a URL is on this host, or on that of its Gitiles."""
        return host_of(url) in {self.host, host_of(self.gitiles_base_url)}

    @property
    def api_base_url(self) -> str:
        """Where the API is; with credentials it has an ``/a`` before it."""
        return f"{self.base_url}/a" if self.password else self.base_url

    @property
    def gitiles_api_url(self) -> str:
        """Where Gitiles is, likewise."""
        if not self.password:
            return self.gitiles_base_url
        return f"{self.base_url}/a{self.gitiles_base_url.removeprefix(self.base_url)}"

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at; a project's folders are part of its name."""
        at = super().parse(url)
        kinds = {"heads": "branch", "tags": "tag"}
        ref_type = kinds.get(at.ref_type) or ("commit" if len(at.ref) == 40 else "")
        owner, _, repo = at.repo.rpartition("/")
        return RepositoryUrl(at.host, owner, repo, at.ref.removeprefix(f"refs/{at.ref_type}/"), at.path, ref_type)

    def resolve_url(self, target: str, base: str, line_number: int | None = None) -> str:
        """Return what ``target`` means."""
        if is_absolute(target):
            return target
        if target.startswith("/"):
            root = self.root_of(base)
            if root is None:
                raise self.malformed(base, f"{self.gitiles_base_url}{self.shape}")
            return split_url(base)._replace(path=root.rstrip("/") + target, query="", fragment="").geturl()
        found = urljoin(base, target)
        return split_url(found)._replace(fragment=str(line_number)).geturl() if line_number else found

    def resolve_edit_url(self, url: str) -> str:
        """Return the page on which the file can be edited."""
        if self.disable_edit_url:
            return url
        at = self.parse(url)
        return f"{self.base_url}/admin/repos/edit/repo/{at.full_name}/branch/refs/heads/{at.ref}/file/{quote(at.path)}"

    def configured_credentials(self, url: str) -> Credentials:
        """Return user and password."""
        if not (self.username and self.password):
            return ANONYMOUS
        return basic(self.username, self.password, f"{self.key}.password")
