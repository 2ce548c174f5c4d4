"""The reader of Bitbucket Server and Data Center."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from portal.errors import NotFoundError
from portal.integrations import BitbucketServerIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_tar
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter


class BitbucketServerReader(ScmReader[BitbucketServerIntegration]):
    """Reads through Bitbucket Data Center's REST API: https://developer.atlassian.com/server/bitbucket/rest/."""

    group = "bitbucket_server"

    def read_file(
        self,
        api: HostApi,
        integration: BitbucketServerIntegration,
        at: RepositoryUrl,
        headers: dict[str, str],
        max_bytes: int,
    ) -> UrlResponse:
        """Read a file: of the default branch if the URL names none."""
        query = f"?{urlencode({'at': at.ref})}" if at.ref else ""
        return self.plain(api, f"{integration.api_url(api.about)}/raw/{quote(at.path)}{query}", headers, max_bytes)

    def commit_of(self, api: HostApi, integration: BitbucketServerIntegration, at: RepositoryUrl) -> str:
        """Return the last commit that changed the folder."""
        query = {"limit": "1"} | ({"until": at.ref} if at.ref else {}) | ({"path": at.path} if at.path else {})
        commits = api.json(f"{integration.api_url(api.about)}/commits?{urlencode(query)}")["values"]
        if not commits:
            raise NotFoundError(f"There is nothing at {api.about}: no commit has touched it.")
        return str(commits[0]["id"])

    def load_tree(
        self,
        api: HostApi,
        integration: BitbucketServerIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the archive of the folder at that commit."""
        query = {"format": "tgz", "at": commit, "prefix": at.repo} | ({"path": at.path} if at.path else {})
        with api.stream(f"{integration.api_url(api.about)}/archive?{urlencode(query)}") as response:
            unpack_tar(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, Archive(folder=at.path), wanted)
