"""The processor that reads ``url`` locations."""

from __future__ import annotations

import threading
from typing import Any

from apps.catalog.extension_points import Processor, ReadContext, SourceDocument, SourcePosition
from portal.entities import LocationRef
from portal.errors import NotFoundError, NotModifiedError, PortalError
from portal.services.url_reader import UrlReaderService

#: Changes when the form of what is cached does.
CACHE_KEY = "v1"
#: Reads at the same time in one process, so that a large catalog doesn't look like an attack.
CONCURRENT_READS = 5


class UrlReaderProcessor(Processor):
    """Reads files by URL, and skips the download of what hasn't changed since the last run."""

    name = "url-reader"
    location_types = ("url",)

    def __init__(self, reader: UrlReaderService) -> None:
        self._reader = reader
        self._slots = threading.BoundedSemaphore(CONCURRENT_READS)

    def read_location(self, location: LocationRef, context: ReadContext) -> bool:
        if location.type != "url":
            return False
        context.emit.refresh_key(str(location))
        remembered = context.cache.get(CACHE_KEY)
        try:
            documents = self._read(location, context, etag=remembered["etag"] if remembered else None)
        except NotModifiedError:
            context.cache.set(CACHE_KEY, remembered)
            documents = [_recalled(form) for form in remembered["documents"]]
        except PortalError as error:
            context.emit.error(error, location)
            return True
        for document in documents:
            context.emit.document(document)
        return True

    def _read(self, location: LocationRef, context: ReadContext, *, etag: str | None) -> list[SourceDocument]:
        with self._slots:
            response = self._reader.search(location.target, etag=etag)
        if not response.files and not context.optional:
            raise NotFoundError(response.reason or f"There is no file at {location.target}.")
        documents = [
            document
            for file in response.files
            for document in context.parse(file.content, LocationRef("url", file.url))
        ]
        if response.etag:  # kept only if the run goes well, hence if no document is an error
            forms = [_remembered(document) for document in documents]
            context.cache.set(CACHE_KEY, {"etag": response.etag, "documents": forms})
        return documents


def _remembered(document: SourceDocument) -> dict[str, Any]:
    position = list(document.position) if document.position else None
    return {"url": document.location.target, "position": position, "entity": document.entity}


def _recalled(form: dict[str, Any]) -> SourceDocument:
    position = SourcePosition(*form["position"]) if form["position"] else None
    return SourceDocument(LocationRef("url", form["url"]), position, entity=form["entity"])
