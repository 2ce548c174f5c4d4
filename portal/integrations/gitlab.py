"""GitLab, the public one and self-managed ones."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from portal import http_client
from portal.config import Config
from portal.integrations.base import PathIntegration, RepositoryHost, base_url, secret
from portal.integrations.credentials import ANONYMOUS, Credentials, bearer
from portal.integrations.throttling import Retry, Throttle
from portal.integrations.urls import RepositoryUrl, encoded, split_url

_KIND = re.compile(r"/-/(?:blob|tree|edit)/")
#: ``/-/blob/main/…``; the dash is missing in old URLs.
_PROJECT = r"/(?P<owner>[^/]+(?:/[^/]+)*?)/(?P<repo>[^/]+?)(?:\.git)?"
_FILE = r"(?:/-)?/(?:blob|tree|edit|raw|blame)/(?P<ref>[^/]+)(?:/(?P<path>.*))?"


class GitLabIntegration(PathIntegration, RepositoryHost):
    """``integrations.gitlab[]``: ``host, apiBaseUrl, baseUrl, token, retry``."""

    type = "gitlab"
    product = "GitLab"
    public_host = "gitlab.com"
    shape = "/<group>/<project>/-/blob/<branch>/<path>"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.base_url = base_url(entry, "baseUrl", f"https://{self.host}")
        self.api_base_url = base_url(entry, "apiBaseUrl", f"{self.base_url}/api/v4")
        self.token = secret(entry, "token")
        folder = re.escape(urlsplit(self.base_url).path)
        self._file = re.compile(folder + _PROJECT + _FILE)
        self._project = re.compile(folder + _PROJECT + "/?")
        self._artifact = re.compile(folder + _PROJECT + r"/-/jobs/artifacts/(?P<ref>[^/]+)/raw/(?P<path>.+)")
        if entry.has("retry"):
            self._read_retry(entry.child("retry"))

    def match(self, url: str) -> re.Match[str] | None:
        """Match the path: a project's name may have any number of segments, so that of a file is looked for first."""
        path = split_url(url).path
        return self._artifact.fullmatch(path) or self._file.fullmatch(path) or self._project.fullmatch(path)

    def artifact(self, url: str) -> RepositoryUrl | None:
        """Return what a URL of a job's artifact points at, None for other URLs."""
        return self.parse(url) if self._artifact.fullmatch(split_url(url).path) else None

    def resolve_edit_url(self, url: str) -> str:
        """Return the page on which the file can be edited."""
        return _KIND.sub("/-/edit/", url, count=1)

    def api_url(self, url: str) -> str:
        """Return where the API has the project."""
        return f"{self.api_base_url}/projects/{quote(self.parse(url).full_name, safe='')}"

    def page_url(self, url: str, path: str, *, branch: str = "") -> str:
        """Return where people see a file."""
        at = self.parse(url)
        return f"{self.base_url}/{encoded(at.full_name)}/-/blob/{quote(at.ref or branch, safe='')}/{encoded(path)}"

    def configured_credentials(self, url: str) -> Credentials:
        """Return the configured token."""
        return bearer(self.token, f"{self.key}.token") if self.token else ANONYMOUS

    def _read_retry(self, entry: Config) -> None:
        self.retry = Retry.read(entry)
        per_minute = entry.get_int("maxApiRequestsPerMinute", -1)
        if per_minute > 0:
            self.throttle = Throttle(per_minute)
