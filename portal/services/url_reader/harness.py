"""The reader of Harness Code."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from portal.integrations import HarnessIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_zip
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter


class HarnessReader(ScmReader[HarnessIntegration]):
    """Reads through Harness Code's REST API: https://apidocs.harness.io/tag/repository."""

    group = "harness"

    def read_file(
        self, api: HostApi, integration: HarnessIntegration, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read a file."""
        return self.plain(api, _url(integration, at, f"raw/{quote(at.path)}", **_ref(at)), headers, max_bytes)

    def commit_of(self, api: HostApi, integration: HarnessIntegration, at: RepositoryUrl) -> str:
        """Return the commit that the branch is at."""
        found = api.json(_url(integration, at, "content", include_commit="true", **_ref(at)))
        return str(found["latest_commit"]["sha"])

    def load_tree(
        self,
        api: HostApi,
        integration: HarnessIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the archive of the commit."""
        with api.stream(_url(integration, at, f"archive/{commit}.zip")) as response:
            archive = Archive(has_top_folder=False, folder=at.path)
            unpack_zip(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, archive, wanted)


def _ref(at: RepositoryUrl) -> dict[str, str]:
    return {"git_ref": f"refs/heads/{at.ref}"} if at.ref else {}


def _url(integration: HarnessIntegration, at: RepositoryUrl, what: str, **query: str) -> str:
    account = at.owner.split("/", 1)[0]
    query = {"routingId": account, **query}
    return f"{integration.api_base_url}/repos/{quote(at.full_name)}/+/{what}?{urlencode(query, safe='/')}"
