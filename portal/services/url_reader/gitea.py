"""The reader of Gitea and Forgejo."""

from __future__ import annotations

from urllib.parse import quote

from portal.integrations import GiteaIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_tar
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter


class GiteaReader(ScmReader[GiteaIntegration]):
    """Reads through Gitea's REST API: https://docs.gitea.com/api/."""

    group = "gitea"

    def read_file(
        self, api: HostApi, integration: GiteaIntegration, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read a file."""
        url = f"{integration.api_url(api.about)}/raw/{quote(at.path)}?ref={quote(at.ref, safe='')}"
        return self.plain(api, url, headers, max_bytes)

    def commit_of(self, api: HostApi, integration: GiteaIntegration, at: RepositoryUrl) -> str:
        """Return the commit that the ref is at."""
        ref = at.ref or integration.default_branch(api.about, api.json)
        url = f"{integration.api_url(api.about)}/git/commits/{quote(ref, safe='')}?stat=false&files=false"
        return str(api.json(url)["sha"])

    def load_tree(
        self,
        api: HostApi,
        integration: GiteaIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the archive of the commit."""
        with api.stream(f"{integration.api_url(api.about)}/archive/{commit}.tar.gz") as response:
            unpack_tar(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, Archive(folder=at.path), wanted)
