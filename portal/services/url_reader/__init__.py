"""The URL reader service: reads files from source hosts, object stores and allowed web servers."""

from portal.services.url_reader.base import SearchFile, SearchResponse, UrlReader, UrlReaderService, UrlResponse
from portal.services.url_reader.fetch import FetchReader
from portal.services.url_reader.predicate import PredicateUrlReader
from portal.services.url_reader.scm import ScmReader
from portal.services.url_reader.trees import Tree, TreeFile, TreeFilter

__all__ = [
    "FetchReader",
    "PredicateUrlReader",
    "ScmReader",
    "SearchFile",
    "SearchResponse",
    "Tree",
    "TreeFile",
    "TreeFilter",
    "UrlReader",
    "UrlReaderService",
    "UrlResponse",
]
