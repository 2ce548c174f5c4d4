"""What the readers of source hosts have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Generic, TypeVar

from portal import http_client
from portal.errors import InputError, NotFoundError, NotModifiedError
from portal.integrations import Integrations, RepositoryUrl, ScmIntegration, ScmIntegrations, scm_integrations
from portal.integrations.host_api import FOR_A_FILE, FOR_A_TREE, HostApi, Limits
from portal.services.url_reader.base import SearchFile, SearchResponse, UrlReader, UrlResponse, conditional_headers
from portal.services.url_reader.fetch import MAX_BYTES
from portal.services.url_reader.globs import folder_of, is_pattern, matcher
from portal.services.url_reader.trees import Tree, TreeFilter

S = TypeVar("S", bound=ScmIntegration)

#: What all files that a search found may have together; they are kept in memory.
MAX_FOUND_BYTES = 64 * 1024 * 1024


class ScmReader(UrlReader, Generic[S]):
    """Reads from the configured hosts of one type. Searching reads the tree; hosts that can list files override that.

    ``integrations`` and ``transport`` are for tests.
    """

    #: The type's name in ``ScmIntegrations``.
    group: ClassVar[str]

    def __init__(
        self,
        *,
        integrations: Callable[[], ScmIntegrations] = scm_integrations,
        transport: http_client.BaseTransport | None = None,
    ) -> None:
        self._integrations = integrations
        self._transport = transport

    # What a reader of one type says

    @abstractmethod
    def read_file(
        self, api: HostApi, integration: S, at: RepositoryUrl, headers: dict[str, str], max_bytes: int
    ) -> UrlResponse:
        """Read a file."""

    @abstractmethod
    def commit_of(self, api: HostApi, integration: S, at: RepositoryUrl) -> str:
        """Return what stands for the state of a folder: the commit, unless the host knows a better one."""

    @abstractmethod
    def load_tree(
        self, api: HostApi, integration: S, at: RepositoryUrl, commit: str, tree: Tree, wanted: TreeFilter | None
    ) -> None:
        """Add the wanted files of a folder to a tree."""

    # The contract

    def reads(self, url: str) -> bool:
        """Say whether the URL is on a host of this type."""
        return self._group().by_url(url) is not None

    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        """Read a file through the host's API."""
        integration, at = self._located(url)
        if not at.path:
            raise InputError(f"{url} is no file, but the whole of {at.full_name}. Name a file in it.")
        headers = conditional_headers(etag, last_modified_after)
        found = self.read_file(self._api(integration, url, token), integration, at, headers, max_bytes or MAX_BYTES)
        if etag and found.etag == etag:
            # Some hosts state the version and send the file all the same.
            raise NotModifiedError(f"{url} is unchanged.")
        return found

    def read_tree(
        self, url: str, *, etag: str | None = None, filter: TreeFilter | None = None, token: str | None = None
    ) -> Tree:
        """Read a folder, or a whole repository, at its newest commit."""
        integration, at = self._located(url)
        api = self._api(integration, url, token, FOR_A_TREE)
        return self._tree(api, integration, at, self._commit(api, integration, at, etag), filter)

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Find the files whose paths match the URL's; ``*``, ``**``, ``?`` and ``{a,b}`` stand for many."""
        integration, at = self._located(url)
        try:
            if is_pattern(at.path):
                api = self._api(integration, url, None, FOR_A_TREE)
                folder = replace(at, path=folder_of(at.path))
                return self.find(api, integration, at, self._commit(api, integration, folder, etag))
            found = self.read_url(url, etag=etag)
        except NotFoundError as error:
            return SearchResponse(files=(), etag="", reason=error.message)
        return SearchResponse((SearchFile(url, found.content, found.last_modified),), found.etag or "")

    def find(self, api: HostApi, integration: S, at: RepositoryUrl, commit: str) -> SearchResponse:
        """Find files by the pattern in ``at``: read the folder that all matches lie in."""
        matches, folder = matcher(at.path), folder_of(at.path)
        before = f"{folder}/" if folder else ""

        def wanted(path: str, size: int) -> bool:
            if not matches(before + path):
                return False
            if size > MAX_BYTES:
                raise http_client.too_large(integration.file_url(api.about, before + path), MAX_BYTES)
            return True

        with self._tree(api, integration, replace(at, path=folder), commit, wanted) as tree:
            files = sorted(tree.files, key=lambda file: file.path)
            found = ((before + file.path, file.read(), file.last_modified) for file in files)
            return self.found(api, integration, found, commit)

    def close(self) -> None:
        """Close the connections."""
        client = self.__dict__.pop("_client", None)
        if client is not None:
            client.close()

    # For readers

    @cached_property
    def _client(self) -> http_client.Client:
        """What requests are made with: on first use, since each takes its time to load the certificates."""
        return http_client.new_client(transport=self._transport)

    def found(
        self, api: HostApi, integration: S, files: Iterable[tuple[str, bytes, datetime | None]], etag: str
    ) -> SearchResponse:
        """Return what a search found: path, content and date of each file. Raises ``InputError`` if it is too much."""
        found, size = [], 0
        for path, content, last_modified in files:
            size += len(content)
            if size > MAX_FOUND_BYTES:
                raise InputError(
                    f"{api.about} matches more than {MAX_FOUND_BYTES >> 20} MiB. Write a pattern that matches less."
                )
            found.append(SearchFile(integration.file_url(api.about, path), content, last_modified))
        return SearchResponse(tuple(found), etag)

    def plain(self, api: HostApi, url: str, headers: dict[str, str], max_bytes: int) -> UrlResponse:
        """Read a file that the host sends as it is."""
        content, answered = api.read(url, headers, max_bytes=max_bytes)
        return UrlResponse(content, answered.get("etag"), http_client.http_date(answered.get("last-modified")))

    def _commit(self, api: HostApi, integration: S, at: RepositoryUrl, etag: str | None) -> str:
        commit = self.commit_of(api, integration, at)
        if etag and etag == commit:
            raise NotModifiedError(f"{api.about} is unchanged.")
        return commit

    def _tree(self, api: HostApi, integration: S, at: RepositoryUrl, commit: str, wanted: TreeFilter | None) -> Tree:
        tree = Tree(api.about)
        try:
            self.load_tree(api, integration, at, commit, tree, wanted)
        except BaseException:
            tree.close()
            raise
        tree.etag = commit
        return tree

    def _located(self, url: str) -> tuple[S, RepositoryUrl]:
        integration = self._group().by_url(url)
        if integration is None:
            raise InputError(f"{url} is on no host that is configured for {type(self).__name__}.")
        return integration, integration.parse(url)

    def _group(self) -> Integrations[S]:
        group: Integrations[S] = getattr(self._integrations(), self.group)
        return group

    def _api(self, integration: S, url: str, token: str | None, limits: Limits = FOR_A_FILE) -> HostApi:
        return HostApi(self._client, integration, url, token=token, limits=limits)
