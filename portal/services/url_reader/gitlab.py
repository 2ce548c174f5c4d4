"""The reader of GitLab."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from portal.errors import NotFoundError
from portal.integrations import GitLabIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.integrations.urls import split_url
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_tar
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter


class GitLabReader(ScmReader[GitLabIntegration]):
    """Reads through GitLab's REST API: https://docs.gitlab.com/api/rest/."""

    group = "gitlab"

    def read_file(
        self, api: HostApi, integration: GitLabIntegration, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read a file of a repository, or an artifact of the last job of some name."""
        project = integration.api_url(api.about)
        if integration.artifact(api.about):
            url = f"{project}/jobs/artifacts/{quote(at.ref, safe='')}/raw/{quote(at.path)}?{split_url(api.about).query}"
            # The API answers conditional requests for artifacts wrongly.
            return self.plain(api, url, {}, max_bytes)
        ref = quote(at.ref, safe="")
        return self.plain(
            api, f"{project}/repository/files/{quote(at.path, safe='')}/raw?ref={ref}", headers, max_bytes
        )

    def commit_of(self, api: HostApi, integration: GitLabIntegration, at: RepositoryUrl) -> str:
        """Return the last commit that changed the folder."""
        query = {"per_page": "1"} | ({"ref_name": at.ref} if at.ref else {}) | ({"path": at.path} if at.path else {})
        commits = api.json(f"{integration.api_url(api.about)}/repository/commits?{urlencode(query)}")
        if not commits:
            raise NotFoundError(f"There is nothing at {api.about}: no commit has touched it.")
        return str(commits[0]["id"])

    def load_tree(
        self,
        api: HostApi,
        integration: GitLabIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the archive of the folder at that commit."""
        query = {"sha": commit} | ({"path": at.path} if at.path else {})
        url = f"{integration.api_url(api.about)}/repository/archive.tar.gz?{urlencode(query)}"
        with api.stream(url) as response:
            unpack_tar(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, Archive(folder=at.path), wanted)
