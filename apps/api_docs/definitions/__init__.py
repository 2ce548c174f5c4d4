"""What definitions of APIs say, whatever they are written in, as one outline: entries in groups, with their parts.

Pure functions from a text to a ``Reference``; whatever is in the text, they return one or raise ``InputError``.
"""

from __future__ import annotations

from apps.api_docs.definitions.asyncapi import read_asyncapi
from apps.api_docs.definitions.documents import MAX_DRAWN, guessed_language, load_document
from apps.api_docs.definitions.graphql import read_graphql
from apps.api_docs.definitions.highlighting import Source, source_of
from apps.api_docs.definitions.openapi import read_openapi, server_origins
from apps.api_docs.definitions.protobuf import read_protobuf
from apps.api_docs.definitions.reference import Entry, Fact, Field, Fields, Reference, Sample, Section, Text

__all__ = [
    "MAX_DRAWN",
    "Entry",
    "Fact",
    "Field",
    "Fields",
    "Reference",
    "Sample",
    "Section",
    "Source",
    "Text",
    "guessed_language",
    "load_document",
    "read_asyncapi",
    "read_graphql",
    "read_openapi",
    "read_protobuf",
    "server_origins",
    "source_of",
]
