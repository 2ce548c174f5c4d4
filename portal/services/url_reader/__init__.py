"""The URL reader service: reads files from allowed hosts."""

from portal.services.url_reader.base import SearchFile, SearchResponse, UrlReader, UrlReaderService, UrlResponse
from portal.services.url_reader.fetch import FetchReader
from portal.services.url_reader.predicate import PredicateUrlReader

__all__ = [
    "FetchReader",
    "PredicateUrlReader",
    "SearchFile",
    "SearchResponse",
    "UrlReader",
    "UrlReaderService",
    "UrlResponse",
]
