"""The reader of AWS CodeCommit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal import http_client
from portal.integrations import AwsCodeCommitIntegration, RepositoryUrl
from portal.integrations.host_api import HostApi
from portal.services.url_reader import scm
from portal.services.url_reader.base import SearchResponse, UrlResponse
from portal.services.url_reader.globs import folder_of, matcher
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFilter

#: Files that may be run, as git has them.
EXECUTABLE = "EXECUTABLE"


class AwsCodeCommitReader(ScmReader[AwsCodeCommitIntegration]):
    """Reads with botocore: https://docs.aws.amazon.com/codecommit/latest/APIReference/."""

    group = "aws_code_commit"

    def read_file(
        self,
        api: HostApi,
        integration: AwsCodeCommitIntegration,
        at: RepositoryUrl,
        headers: dict[str, str],
        max_bytes: int,
    ) -> UrlResponse:
        """Read a file; its version is that of its content."""
        with integration.translated_errors(api.about):
            found = _client(api, integration).get_file(repositoryName=at.repo, filePath=at.path, **_commit(at.ref))
        if len(found["fileContent"]) > max_bytes:
            raise http_client.too_large(api.about, max_bytes)
        return UrlResponse(found["fileContent"], found["blobId"])

    def commit_of(self, api: HostApi, integration: AwsCodeCommitIntegration, at: RepositoryUrl) -> str:
        """Return the commit that the branch is at."""
        return str(_folder(api, integration, at, at.ref, f"/{at.path}")["commitId"])

    def load_tree(
        self,
        api: HostApi,
        integration: AwsCodeCommitIntegration,
        at: RepositoryUrl,
        commit: str,
        tree: Tree,
        wanted: TreeFilter | None,
    ) -> None:
        """Read the wanted files one by one: there is no archive, and no list has their sizes."""
        before = f"{at.path}/" if at.path else ""
        for file in _files(api, integration, at, commit, f"/{at.path}"):
            path, content = file["absolutePath"].removeprefix(before), _content(api, integration, at, file)
            if wanted is None or wanted(path, len(content)):
                tree.add(path, [content], is_executable=file["fileMode"] == EXECUTABLE)

    def find(
        self, api: HostApi, integration: AwsCodeCommitIntegration, at: RepositoryUrl, commit: str
    ) -> SearchResponse:
        """Find files by the pattern in ``at``, and read no others."""
        matches = matcher(at.path)

        def matching() -> Iterator[tuple[str, bytes, None]]:
            for file in _files(api, integration, at, commit, f"/{folder_of(at.path)}"):
                if matches(path := file["absolutePath"]):
                    content = _content(api, integration, at, file)
                    if len(content) > scm.MAX_BYTES:
                        raise http_client.too_large(integration.file_url(api.about, path), scm.MAX_BYTES)
                    yield path, content, None

        return self.found(api, integration, sorted(matching()), commit)


def _files(
    api: HostApi, integration: AwsCodeCommitIntegration, at: RepositoryUrl, commit: str, folder: str
) -> Iterator[dict[str, Any]]:
    api.deadline.check(api.about)
    found = _folder(api, integration, at, commit, folder)
    yield from found["files"]
    for below in found["subFolders"]:
        yield from _files(api, integration, at, commit, below["absolutePath"])


def _content(api: HostApi, integration: AwsCodeCommitIntegration, at: RepositoryUrl, file: dict[str, Any]) -> bytes:
    api.deadline.check(api.about)
    with integration.translated_errors(api.about):
        content: bytes = _client(api, integration).get_blob(repositoryName=at.repo, blobId=file["blobId"])["content"]
    return content


def _folder(
    api: HostApi, integration: AwsCodeCommitIntegration, at: RepositoryUrl, ref: str, path: str
) -> dict[str, Any]:
    with integration.translated_errors(api.about):
        found: dict[str, Any] = _client(api, integration).get_folder(
            repositoryName=at.repo, folderPath=path, **_commit(ref)
        )
    return found


def _commit(ref: str) -> dict[str, str]:
    """Return how a request names a branch or commit; without one it is the default branch."""
    return {"commitSpecifier": ref} if ref else {}


def _client(api: HostApi, integration: AwsCodeCommitIntegration) -> Any:
    return integration.client(integration.region_of(api.about))
