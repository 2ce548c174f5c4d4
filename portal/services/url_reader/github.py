"""The reader of GitHub."""

from __future__ import annotations

from operator import itemgetter
from typing import Any
from urllib.parse import quote

from portal.integrations import GitHubIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_tar
from portal.services.url_reader.base import SearchResponse, UrlResponse
from portal.services.url_reader.fetch import MAX_BYTES
from portal.services.url_reader.globs import matcher
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter

RAW = {"Accept": "application/vnd.github.raw"}
SHA = {"Accept": "application/vnd.github.sha"}
FILE_MODES = {"100644", "100755"}
#: With more matches than this the whole repository is one request, and each match would be one.
MAX_BLOBS = 20


class GitHubReader(ScmReader[GitHubIntegration]):
    """Reads through GitHub's REST API; without credentials from where it serves raw files.

    https://docs.github.com/en/rest
    """

    group = "github"

    def read_file(
        self, api: HostApi, integration: GitHubIntegration, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read a file."""
        if integration.raw_base_url and not api.has_credentials:
            url = f"{integration.raw_base_url}/{quote(at.full_name)}/{quote(at.ref)}/{quote(at.path)}"
            return self.plain(api, url, headers, max_bytes)
        url = f"{integration.api_url(api.about)}/contents/{quote(at.path)}?ref={quote(at.ref, safe='')}"
        return self.plain(api, url, headers | RAW, max_bytes)

    def commit_of(self, api: HostApi, integration: GitHubIntegration, at: RepositoryUrl) -> str:
        """Return the commit that the ref is at."""
        url = f"{integration.api_url(api.about)}/commits/{quote(at.ref or 'HEAD', safe='')}"
        content, _ = api.read(url, SHA, max_bytes=MAX_BYTES)
        return content.decode(errors="replace").strip()

    def load_tree(
        self,
        api: HostApi,
        integration: GitHubIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the archive of the commit."""
        with api.stream(f"{integration.api_url(api.about)}/tarball/{commit}") as response:
            unpack_tar(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, Archive(folder=at.path), wanted)

    def find(self, api: HostApi, integration: GitHubIntegration, at: RepositoryUrl, commit: str) -> SearchResponse:
        """Look through the list of all files, and read the few that match one by one."""
        repository = integration.api_url(api.about)
        listed: dict[str, Any] = api.json(f"{repository}/git/trees/{commit}?recursive=1")
        matches = matcher(at.path)
        blobs = [item for item in listed["tree"] if item["mode"] in FILE_MODES and matches(item["path"])]
        if listed.get("truncated") or len(blobs) > MAX_BLOBS:
            return super().find(api, integration, at, commit)

        def read(item: dict[str, Any]) -> bytes:
            content, _ = api.read(f"{repository}/git/blobs/{item['sha']}", RAW, max_bytes=MAX_BYTES)
            return content

        blobs.sort(key=itemgetter("path"))
        return self.found(api, integration, ((item["path"], read(item), None) for item in blobs), commit)
