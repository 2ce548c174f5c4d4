"""From the bytes of a file to the entities in it."""

from __future__ import annotations

from apps.catalog.extension_points import SourceDocument, SourcePosition
from portal.entities import LocationRef, parse_documents
from portal.errors import InputError


def parse_source(content: bytes, location: LocationRef) -> list[SourceDocument]:
    """Split a YAML (or JSON) file into its documents.

    Empty documents are skipped. A document that can't be parsed, or isn't an object, becomes one with an error, and the
    others are returned all the same.
    """
    try:
        documents = parse_documents(content)
    except InputError as error:
        return [SourceDocument(location, error=error)]
    found = []
    for document in documents:
        position = SourcePosition(document.index + 1, document.line)
        if document.error is not None:
            found.append(SourceDocument(location, position, error=document.error))
        elif isinstance(document.value, dict):
            found.append(SourceDocument(location, position, entity=document.value))
        elif document.value is not None:
            problem = InputError(
                f"An entity is an object with apiVersion, kind and metadata; this document is a "
                f"{_kind_of(document.value)}."
            )
            found.append(SourceDocument(location, position, error=problem))
    return found


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "string"
