"""Cursors of ``by-query``: a question and a place in its answer, as text that clients hand back."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Self

import jsonschema_rs
import orjson

from portal.errors import InputError
from portal.storable import holds_nul


@dataclass(frozen=True)
class Order:
    """A field to sort by."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class FullText:
    """A text to look for inside the values of some fields; of none given, in the field that is sorted by, else the
    uid.
    """

    term: str
    fields: tuple[str, ...] = ()


Position = tuple[str | None, ...]


@dataclass(frozen=True)
class Cursor:
    """A question and a place in its answer. Travels as base64 of JSON; what clients may see is filled in anew each
    time.
    """

    orders: tuple[Order, ...] = ()
    full_text: FullText | None = None
    #: The question's filter as it was asked: ``filter`` texts, and a predicate.
    filters: tuple[str, ...] = ()
    query: Any = None
    #: Sort value (if sorted) and id of the entity next to the page, and of the very first one.
    position: Position | None = None
    first: Position | None = None
    backwards: bool = False
    total: int | None = None

    def encode(self) -> str:
        """Return the text that clients hand back."""
        value: dict[str, Any] = {
            "orderFields": [{"field": o.field, "order": "desc" if o.descending else "asc"} for o in self.orders],
            "isPrevious": self.backwards,
            "orderFieldValues": self.position,
            "firstSortFieldValues": self.first,
            "totalItems": self.total,
        }
        if self.full_text:
            value["fullTextFilter"] = {"term": self.full_text.term, "fields": self.full_text.fields}
        if self.filters:
            value["filters"] = self.filters
        if self.query is not None:
            value["query"] = self.query
        return base64.b64encode(orjson.dumps(value)).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read a client's text. Raises ``InputError`` if it isn't one that ``encode`` gave."""
        try:
            decoded = base64.b64decode(text, validate=True)
            # No database looks for a NUL character, and no cursor of ours holds one.
            value: Any = None if holds_nul(decoded) else orjson.loads(decoded)
        except (binascii.Error, ValueError):
            value = None
        if not _IS_CURSOR.is_valid(value) or len(value["orderFieldValues"]) != (2 if value["orderFields"] else 1):
            raise InputError("Malformed cursor: it isn't one that this portal gave. Start over without a cursor.")
        full_text = value.get("fullTextFilter")
        return cls(
            orders=tuple(Order(o["field"], descending=o["order"] == "desc") for o in value["orderFields"]),
            full_text=FullText(full_text["term"], tuple(full_text["fields"])) if full_text else None,
            filters=tuple(value.get("filters", ())),
            query=value.get("query"),
            position=tuple(value["orderFieldValues"]),
            first=tuple(value["firstSortFieldValues"]),
            backwards=value["isPrevious"],
            total=value["totalItems"],
        )


_TEXTS = {"type": "array", "items": {"type": "string"}}
_POSITION = {
    "anyOf": [
        {"type": "array", "prefixItems": prefix, "minItems": len(prefix), "maxItems": len(prefix)}
        for uid in [{"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}]
        for prefix in ([uid], [{"type": ["string", "null"]}, uid])
    ]
}
#: Clients may make cursors up; what comes back must be of the shape that went out.
_IS_CURSOR = jsonschema_rs.validator_for(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "orderFields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "order": {"enum": ["asc", "desc"]}},
                    "required": ["field", "order"],
                },
            },
            "orderFieldValues": _POSITION,
            "firstSortFieldValues": _POSITION,
            "isPrevious": {"type": "boolean"},
            "totalItems": {"type": "integer"},
            "filters": _TEXTS,
            "fullTextFilter": {
                "type": "object",
                "properties": {"term": {"type": "string"}, "fields": _TEXTS},
                "required": ["term", "fields"],
            },
        },
        "required": ["orderFields", "orderFieldValues", "firstSortFieldValues", "isPrevious", "totalItems"],
    }
)
