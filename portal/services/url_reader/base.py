"""Contract of the URL reader service (Backstage's ``core.urlReader``)."""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import NamedTuple

from portal.errors import NotSupportedError
from portal.services.base import Service
from portal.services.url_reader.trees import Tree, TreeFilter


class UrlResponse(NamedTuple):
    """A file that was read."""

    content: bytes
    #: Given back as ``etag`` the next time, it saves the download of an unchanged file.
    etag: str | None = None
    last_modified: datetime | None = None


class SearchFile(NamedTuple):
    """A file that a search found."""

    url: str
    content: bytes
    last_modified: datetime | None = None


class SearchResponse(NamedTuple):
    """What a search found; ``etag`` stands for all of it."""

    files: tuple[SearchFile, ...]
    etag: str
    #: Why nothing was found, if the host has more to say than that: credentials may not see the file, for one.
    reason: str = ""


class UrlReader:
    """Reads URLs of one kind. Registered by its dotted path in ``PORTAL_SERVICES["url_reader"]["OPTIONS"]["readers"]``.

    A reader is made once, without arguments, and used by many threads.
    """

    def reads(self, url: str) -> bool:
        """Say whether this reader is the one for a URL. Asked for every URL, so it opens no connection."""
        raise NotImplementedError

    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        """Read a file; see ``UrlReaderService.read_url``."""
        raise NotImplementedError

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Find files by a URL whose path may hold wildcards; see ``UrlReaderService.search``."""
        raise NotSupportedError(f"{type(self).__name__} can't search: {url}")

    def read_tree(
        self, url: str, *, etag: str | None = None, filter: TreeFilter | None = None, token: str | None = None
    ) -> Tree:
        """Read a folder; see ``UrlReaderService.read_tree``."""
        raise NotSupportedError(f"{type(self).__name__} can't read folders: {url}")

    def close(self) -> None:
        """Let go of connections."""


class UrlReaderService(Service):
    """Reads files from wherever the configuration allows."""

    service_name = "url_reader"

    @abstractmethod
    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        """Read one file.

        ``etag`` and ``last_modified_after`` are of an earlier reading: an unchanged file raises
        ``NotModifiedError``. A file larger than ``max_bytes`` isn't read to its end. ``token`` takes the
        place of configured credentials.

        Raises ``NotAllowedError`` if no reader is configured for the URL (the message names the key to set),
        ``NotFoundError``, ``InputError`` for a URL or file that can't be used, ``ServiceUnavailableError`` if
        the other side fails.
        """

    @abstractmethod
    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Find the files that a URL with wildcards in its path stands for; none is no error.

        Raises like ``read_url``, and ``InputError`` where the other side has no way to list files.
        """

    @abstractmethod
    def read_tree(
        self, url: str, *, etag: str | None = None, filter: TreeFilter | None = None, token: str | None = None
    ) -> Tree:
        """Read all files of a folder, or of a whole repository, as they are at one commit.

        Paths are relative to the folder. ``filter`` says of each path and size whether the file is wanted. The tree
        is to be closed: ``with url_reader.read_tree(url) as tree``. ``etag`` is of an earlier reading: an unchanged
        tree raises ``NotModifiedError``. Raises like ``read_url``, and ``InputError`` where the other side has no way
        to list files, or has more of them than is reasonable.
        """


def conditional_headers(etag: str | None, last_modified_after: datetime | None) -> dict[str, str]:
    """Return the headers that let a server answer that a file is unchanged."""
    headers = {}
    if etag and etag.isascii():  # others can't be sent
        headers["If-None-Match"] = etag
    if last_modified_after:
        headers["If-Modified-Since"] = format_datetime(last_modified_after.astimezone(UTC), usegmt=True)
    return headers
