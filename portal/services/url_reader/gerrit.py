"""The reader of Gerrit."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import quote

from portal import http_client
from portal.errors import ServiceUnavailableError
from portal.integrations import GerritIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader.archives import MAX_ARCHIVE_BYTES, Archive, unpack_tar
from portal.services.url_reader.base import UrlResponse
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter


class GerritReader(ScmReader[GerritIntegration]):
    """Reads files through Gerrit's REST API, and trees through Gitiles, which is a part of most Gerrits.

    https://gerrit-review.googlesource.com/Documentation/rest-api-projects.html
    """

    group = "gerrit"

    def read_file(
        self, api: HostApi, integration: GerritIntegration, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read a file, which comes packed in base64."""
        kind, name = self._ref(api, integration, at)
        file = f"{kind}/{quote(name, safe='')}/files/{quote(at.path, safe='')}/content"
        url = f"{_project(integration, at)}/{file}"
        try:
            with api.stream(url, headers) as response:
                pieces = _unpacked(response.iter_bytes())
                limited = http_client.limited(pieces, api.about, max_bytes=max_bytes, deadline=api.deadline)
                return UrlResponse(b"".join(limited))
        except binascii.Error as error:
            raise ServiceUnavailableError(f"{api.about} can't be read: {integration.host} sent no base64.") from error

    def commit_of(self, api: HostApi, integration: GerritIntegration, at: RepositoryUrl) -> str:
        """Return the commit that the branch is at."""
        kind, name = self._ref(api, integration, at)
        if kind == "commits":
            return name
        return str(api.json(f"{_project(integration, at)}/branches/{quote(name, safe='')}")["revision"])

    def load_tree(
        self,
        api: HostApi,
        integration: GerritIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Unpack the archive of the folder at that commit."""
        folder = f"/{quote(at.path)}" if at.path else ""
        url = f"{integration.gitiles_api_url}/{quote(at.full_name)}/+archive/{commit}{folder}.tar.gz"
        with api.stream(url) as response:
            archive = Archive(has_top_folder=False)
            unpack_tar(api.pieces(response, max_bytes=MAX_ARCHIVE_BYTES), tree, archive, wanted)

    def _ref(self, api: HostApi, integration: GerritIntegration, at: RepositoryUrl) -> tuple[str, str]:
        """Return what the API calls a ref, which is a branch or a commit, and its name."""
        project = _project(integration, at)
        if at.ref_type == "commit":
            return "commits", at.ref
        if at.ref_type == "tag":
            tag = api.json(f"{project}/tags/{quote(at.ref, safe='')}")
            # An annotated tag is an object of its own, which points at the commit.
            return "commits", str(tag.get("object") or tag["revision"])
        return "branches", at.ref if at.ref_type else str(api.json(f"{project}/HEAD")).removeprefix("refs/heads/")


def _project(integration: GerritIntegration, at: RepositoryUrl) -> str:
    return f"{integration.api_base_url}/projects/{quote(at.full_name, safe='')}"


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        rest += piece
        end = len(rest) // 4 * 4
        yield base64.b64decode(rest[:end], validate=True)
        rest = rest[end:]
    if rest:
        raise binascii.Error("it breaks off")
