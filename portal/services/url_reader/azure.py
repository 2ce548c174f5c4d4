"""The reader of Azure DevOps."""

from __future__ import annotations

from urllib.parse import urlencode

from portal.errors import NotFoundError
from portal.integrations import AzureIntegration, RepositoryUrl
from portal.integrations.azure import API_VERSION
from portal.integrations.host_api import HostApi
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_zip
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter

VERSION = {"api-version": API_VERSION}


class AzureReader(ScmReader[AzureIntegration]):
    """Reads through Azure DevOps' REST API: https://learn.microsoft.com/rest/api/azure/devops/git/items."""

    group = "azure"

    def read_file(
        self, api: HostApi, integration: AzureIntegration, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read a file: of the default branch if the URL names no version."""
        query = VERSION | {"path": f"/{at.path}"} | _version(at, "versionDescriptor")
        url = f"{integration.api_url(api.about)}/items?{urlencode(query)}"
        return self.plain(api, url, {**headers, "Accept": "application/octet-stream"}, max_bytes)

    def commit_of(self, api: HostApi, integration: AzureIntegration, at: RepositoryUrl) -> str:
        """Return the commit that the version is at."""
        query = VERSION | {"searchCriteria.$top": "1"} | _version(at, "searchCriteria.itemVersion")
        commits = api.json(f"{integration.api_url(api.about)}/commits?{urlencode(query)}")["value"]
        if not commits:
            raise NotFoundError(f"There is nothing at {api.about}: the repository has no commits.")
        return str(commits[0]["commitId"])

    def load_tree(
        self,
        api: HostApi,
        integration: AzureIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the zip archive of the folder, which lies in it under its own name."""
        query = VERSION | {"scopePath": f"/{at.path}", "recursionLevel": "full", "download": "true", "$format": "zip"}
        query |= {"versionDescriptor.version": commit, "versionDescriptor.versionType": "commit"}
        url = f"{integration.api_url(api.about)}/items?{urlencode(query)}"
        with api.stream(url, {"Accept": "application/zip"}) as response:
            archive = Archive(has_top_folder=False, folder=at.path.rpartition("/")[2])
            unpack_zip(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, archive, wanted)


def _version(at: RepositoryUrl, name: str) -> dict[str, str]:
    return {f"{name}.version": at.ref, f"{name}.versionType": at.ref_type} if at.ref else {}
