"""The URL reader service: asks its readers in turn, and the first that is for a URL reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from django.utils.module_loading import import_string

from portal.errors import NotAllowedError
from portal.services.url_reader.base import SearchResponse, UrlReader, UrlReaderService, UrlResponse
from portal.services.url_reader.fetch import FetchReader, advice

#: After a site's own readers. The one for plain URLs is the last: it knows least about a host.
BUILT_IN: tuple[type[UrlReader], ...] = (FetchReader,)


class PredicateUrlReader(UrlReaderService):
    """Readers in order: those of ``readers`` (dotted paths of classes), then the built-in ones."""

    def __init__(self, *, readers: Iterable[str] = ()) -> None:
        self._paths = tuple(readers)

    @cached_property
    def readers(self) -> tuple[UrlReader, ...]:
        """The readers, made on first use."""
        return (*(import_string(path)() for path in self._paths), *(reader() for reader in BUILT_IN))

    def read_url(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified_after: datetime | None = None,
        max_bytes: int | None = None,
        token: str | None = None,
    ) -> UrlResponse:
        """Read one file with the reader that is for its URL."""
        return self._reader(url).read_url(
            url, etag=etag, last_modified_after=last_modified_after, max_bytes=max_bytes, token=token
        )

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Find files with the reader that is for the URL."""
        return self._reader(url).search(url, etag=etag)

    def close(self) -> None:
        """Close the readers' connections."""
        for reader in self.__dict__.pop("readers", ()):
            reader.close()

    def _reader(self, url: str) -> UrlReader:
        for reader in self.readers:
            if reader.reads(url):
                return reader
        raise NotAllowedError(f"Reading {url} isn't allowed by the configuration. {advice(url)}")
