"""JSON Schemas as rows of a table: names, types, rules, indented by depth. Rings of references end where they close."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from apps.api_docs.definitions.documents import Pointers, brief, items, mapping, name_of, text
from apps.api_docs.definitions.reference import Field, Fields

#: Rows of one schema, and how deep they go; the text has the rest.
MAX_ROWS = 150
MAX_DEPTH = 5
#: Schemas that are looked into for one table: those that refer to each other have more ways through than there is time.
MAX_VISITS = 2_000
#: Values of an enumeration that are named.
MAX_VALUES = 12
#: How deep types of types are named: arrays of arrays.
MAX_NAMED = 4

_RULES = (
    ("format", "format {}"),
    ("const", "always {}"),
    ("default", "default {}"),
    ("pattern", "matches {}"),
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("multipleOf", "a multiple of {}"),
    ("minLength", "length at least {}"),
    ("maxLength", "length at most {}"),
    ("minItems", "number of items at least {}"),
    ("maxItems", "number of items at most {}"),
)
_FLAGS = (
    ("readOnly", "read only"),
    ("writeOnly", "write only"),
    ("nullable", "may be null"),
    ("uniqueItems", "no item twice"),
)
_CHOICES = (("oneOf", "one of"), ("anyOf", "any of"))


class Schemas:
    """The schemas of a document."""

    def __init__(self, pointers: Pointers) -> None:
        self._pointers = pointers

    def table(self, title: str, schema: Any, *, note: str = "") -> Fields:
        """Return a schema as a table. One without properties is a single row that says what it is."""
        visits = iter(range(MAX_VISITS))
        found = list(islice(self._below(schema, 0, (), visits), MAX_ROWS + 1))
        rows = found[:MAX_ROWS] or ([self.row("", schema)] if mapping(schema) else [])
        return Fields(title, rows, note=note, is_cut=len(found) > MAX_ROWS or next(visits, None) is None)

    def row(self, name: str, schema: Any, *, depth: int = 0, is_required: bool = False, note: str = "") -> Field:
        """Return the row of one value."""
        resolved, _ = self._pointers.follow(schema)
        return Field(
            name,
            type=self.type_of(schema),
            note=note or text(mapping(schema).get("description")) or text(resolved.get("description")),
            depth=depth,
            is_required=is_required,
            is_deprecated=resolved.get("deprecated") is True,
            rules=tuple(_rules(resolved)),
        )

    def type_of(self, schema: Any, depth: int = 0) -> str:
        """Return the type in a few words: ``Order``, ``array of string``, ``string or null``."""
        if isinstance(schema, bool):
            return "anything" if schema else "nothing"
        resolved, ref = self._pointers.follow(schema)
        if ref:
            return name_of(ref)
        if depth > MAX_NAMED:
            return "…"
        for key, words in _CHOICES:
            if variants := items(resolved.get(key)):
                return f"{words} {', '.join(self.type_of(one, depth + 1) for one in variants[:MAX_NAMED])}"
        if parts := items(resolved.get("allOf")):
            return " & ".join(self.type_of(part, depth + 1) for part in parts[:MAX_NAMED])
        if "items" in resolved:
            return f"array of {self.type_of(resolved['items'], depth + 1)}"
        named = resolved.get("type")
        if isinstance(named, list):
            return " or ".join(text(one) for one in named)
        return text(named) or ("object" if "properties" in resolved else text(resolved.get("title")) or "any")

    def _below(self, schema: Any, depth: int, above: tuple[str, ...], visits: Iterator[int]) -> Iterator[Field]:
        """Yield what is inside a schema. ``above`` are the references on the way, so that a ring ends; when ``visits``
        are used up, so does the table.
        """
        resolved, ref = self._pointers.follow(schema)
        if depth > MAX_DEPTH or ref in above or next(visits, None) is None:
            return
        above = (*above, ref) if ref else above
        required = {name for name in items(resolved.get("required")) if isinstance(name, str)}
        for name, value in mapping(resolved.get("properties")).items():
            yield self.row(str(name), value, depth=depth, is_required=name in required)
            yield from self._below(value, depth + 1, above, visits)
        if "additionalProperties" in resolved and resolved["additionalProperties"] is not False:
            yield self.row("any other key", resolved["additionalProperties"], depth=depth)
            yield from self._below(resolved["additionalProperties"], depth + 1, above, visits)
        for part in items(resolved.get("allOf")):
            yield from self._below(part, depth, above, visits)
        for key, words in _CHOICES:
            for variant in items(resolved.get(key)):
                inside = self._below(variant, depth + 1, above, visits)
                first = next(inside, None)
                if first is not None:
                    yield Field(words, type=self.type_of(variant), depth=depth)
                    yield first
                    yield from inside
        if "items" in resolved:
            yield from self._below(resolved["items"], depth, above, visits)


def _rules(schema: dict[str, Any]) -> Iterator[str]:
    values = items(schema.get("enum"))
    if values:
        rest = f" and {len(values) - MAX_VALUES} more" if len(values) > MAX_VALUES else ""
        yield f"one of: {', '.join(brief(value) for value in values[:MAX_VALUES])}{rest}"
    for key, words in _RULES:
        if schema.get(key) is not None and not isinstance(schema[key], bool):
            yield words.format(brief(schema[key]))
    for key, words in _FLAGS:
        if schema.get(key) is True:
            yield words
