"""GitHub, its Enterprise Server and its Enterprise Cloud with data residency."""

from __future__ import annotations

import re
from urllib.parse import quote

from portal import http_client
from portal.config import Config
from portal.errors import PortalError
from portal.integrations.base import PathIntegration, RepositoryHost, base_url, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, bearer
from portal.integrations.github_apps import AppNotInstalled, GitHubApp
from portal.integrations.urls import encoded, split_url

_KIND = re.compile(r"^(/[^/]+/[^/]+)/(?:blob|tree|edit)/")


class GitHubIntegration(PathIntegration, RepositoryHost):
    """``integrations.github[]``: ``host, apiBaseUrl, rawBaseUrl, token, apps[]``."""

    type = "github"
    product = "GitHub"
    public_host = "github.com"
    credential_keys = "a token or apps"
    pattern = re.compile(
        r"/(?P<owner>[^/]+)/(?P<repo>[^/]+?)(?:\.git)?"
        r"(?:/(?:blob|tree|edit|raw)/(?P<ref>[^/]+)(?:/(?P<path>.*))?)?/?"
    )
    shape = "/<owner>/<repository>/blob/<branch>/<path>"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.api_base_url = base_url(entry, "apiBaseUrl", _api_of(self.host))
        #: Where files are served that need no credentials; None: only by the API.
        self.raw_base_url: str | None = None
        if entry.has("rawBaseUrl") or self.host == self.public_host:
            self.raw_base_url = base_url(entry, "rawBaseUrl", "https://raw.githubusercontent.com")
        self.token = secret(entry, "token")
        self.apps = tuple(
            GitHubApp(app, f"{key}.apps[{position}]", api_base_url=self.api_base_url, transport=transport)
            for position, app in enumerate(entry.children("apps"))
        )

    def resolve_url(self, target: str, base: str, line_number: int | None = None) -> str:
        """Return what ``target`` means, as a URL of a tree: GitHub leads from there to a file, not the other way."""
        return _with_kind(super().resolve_url(target, base, line_number), "tree")

    def resolve_edit_url(self, url: str) -> str:
        """Return the page on which the file can be edited."""
        return _with_kind(url, "edit")

    def api_url(self, url: str) -> str:
        """Return where the API has the repository."""
        return f"{self.api_base_url}/repos/{quote(self.parse(url).full_name)}"

    def page_url(self, url: str, path: str, *, branch: str = "") -> str:
        """Return where people see a file."""
        at = self.parse(url)
        return f"https://{self.host}/{encoded(at.full_name)}/blob/{quote(at.ref or branch, safe='')}/{encoded(path)}"

    def has_credentials(self, url: str) -> bool:
        """Say whether there is a token or an app, which may or may not be installed where the URL leads."""
        return bool(self.token or self.apps)

    def configured_credentials(self, url: str) -> Credentials:
        """Return the token of an app that is installed for the URL's owner, else the configured one.

        Raises ``InputError`` if an app is installed there and may not see the repository.
        """
        owner, _, repo = split_url(url).path.strip("/").partition("/")
        if found := self._app_credentials(owner, repo.split("/", 1)[0].removesuffix(".git")):
            return found
        return bearer(self.token, f"{self.key}.token") if self.token else ANONYMOUS

    def is_rate_limited(self, response: http_client.Response) -> bool:
        """Tell by the header as well: GitHub often answers 403."""
        return response.status_code == 429 or (
            response.status_code == 403
            and (response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers)
        )

    def _app_credentials(self, owner: str, repo: str) -> Credentials | None:
        failures: list[PortalError] = []
        for app in self.apps:
            try:
                if token := app.token_for(owner, repo):
                    return bearer(token, app.key, kind="app")
            except AppNotInstalled:
                continue
            except PortalError as error:
                failures.append(error)
        for app in self.apps:
            if app.public_access and (token := app.any_token()):
                return bearer(token, app.key, kind="app")
        if failures:
            raise failures[0]
        return None


def _api_of(host: str) -> str:
    if host == GitHubIntegration.public_host or host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"https://{host}/api/v3"


def _with_kind(url: str, kind: str) -> str:
    parts = split_url(url)
    return parts._replace(path=_KIND.sub(rf"\1/{kind}/", parts.path, count=1)).geturl()
