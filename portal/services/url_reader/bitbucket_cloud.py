"""The reader of Bitbucket Cloud."""

from __future__ import annotations

from urllib.parse import quote

from portal.errors import NotFoundError
from portal.integrations import BitbucketCloudIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_tar
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter


class BitbucketCloudReader(ScmReader[BitbucketCloudIntegration]):
    """Reads through Bitbucket Cloud's REST API: https://developer.atlassian.com/cloud/bitbucket/rest/."""

    group = "bitbucket_cloud"

    def read_file(
        self,
        api: HostApi,
        integration: BitbucketCloudIntegration,
        at: RepositoryUrl,
        headers: dict[str, str],
        max_bytes: int,
    ) -> UrlResponse:
        """Read a file."""
        url = f"{integration.api_url(api.about)}/src/{quote(at.ref, safe='')}/{quote(at.path)}"
        return self.plain(api, url, headers, max_bytes)

    def commit_of(self, api: HostApi, integration: BitbucketCloudIntegration, at: RepositoryUrl) -> str:
        """Return the commit that the ref is at."""
        ref = at.ref or integration.default_branch(api.about, api.json)
        url = f"{integration.api_url(api.about)}/commits/{quote(ref, safe='')}?pagelen=1&fields=values.hash"
        commits = api.json(url)["values"]
        if not commits:
            raise NotFoundError(f"There is nothing at {api.about}: the repository has no commits.")
        return str(commits[0]["hash"])

    def load_tree(
        self,
        api: HostApi,
        integration: BitbucketCloudIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the archive of the commit, which the site has and the API hasn't."""
        with api.stream(f"https://{integration.host}/{quote(at.full_name)}/get/{commit}.tar.gz") as response:
            unpack_tar(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, Archive(folder=at.path), wanted)
