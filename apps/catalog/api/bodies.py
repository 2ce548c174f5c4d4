"""JSON bodies and parameters of the catalog's routes, checked and turned into what queries take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.catalog.queries import Filter, FullText, Order, Projection, parse_predicate
from apps.catalog.queries.bounds import MAX_ROWS, MAX_VALUES
from apps.catalog.queries.locations import as_uuid
from portal.errors import InputError
from portal.http.query import QueryParams


def text_list(
    body: Mapping[str, Any], name: str, *, required: bool = False, at_most: int | None = MAX_VALUES
) -> list[str] | None:
    """Return a list of texts, or None if it isn't there. Raises ``InputError``."""
    if name not in body:
        if required:
            raise InputError(f"The request body must have '{name}', a list of texts.")
        return None
    value = body[name]
    if not isinstance(value, list):
        raise InputError(f"'{name}' in the request body must be a list.")
    if at_most is not None and len(value) > at_most:
        raise InputError(f"'{name}' in the request body has {len(value):,} items; at most {at_most:,} are taken.")
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise InputError(f"'{name}[{index}]' in the request body must be a text.")
    return value


def predicate(body: Mapping[str, Any]) -> Filter:
    """Return what ``query`` asks; without it, everything. Raises ``InputError``."""
    if "query" in body and not isinstance(body["query"], Mapping):
        raise InputError("'query' in the request body must be an object.")
    return parse_predicate(body.get("query", {}))


def natural(body: Mapping[str, Any], name: str) -> int | None:
    """Return a number of rows, or None. Raises ``InputError``."""
    value = body.get(name)
    if name not in body:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ROWS:
        raise InputError(f"'{name}' in the request body must be a whole number from 0 to {MAX_ROWS}.")
    return value


def text(body: Mapping[str, Any], name: str) -> str | None:
    """Return a text, or None. Raises ``InputError``."""
    if name in body and not isinstance(body[name], str):
        raise InputError(f"'{name}' in the request body must be a text.")
    value: str | None = body.get(name)
    return value


def choice(body: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    """Return one of a few words, the first if there is none. Raises ``InputError``."""
    value = body.get(name, choices[0])
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"'{name}' in the request body must be {' or '.join(choices)}.")
    return value


def orders(body: Mapping[str, Any]) -> tuple[Order, ...]:
    """Return ``orderBy``: a list of ``{field, order}``. Raises ``InputError``."""
    value = body.get("orderBy", [])
    if not isinstance(value, list):
        raise InputError("'orderBy' in the request body must be a list of {field, order}.")
    found = []
    for index, item in enumerate(value):
        order_field = item.get("field") if isinstance(item, Mapping) else None
        direction = item.get("order") if isinstance(item, Mapping) else None
        known = isinstance(direction, str) and direction in {"asc", "desc"}
        if not isinstance(order_field, str) or not order_field or not known:
            raise InputError(f"'orderBy[{index}]' must have 'field', a text, and 'order', which is asc or desc.")
        found.append(Order(order_field, descending=direction == "desc"))
    return tuple(found)


def full_text(body: Mapping[str, Any]) -> FullText | None:
    """Return ``fullTextFilter``: ``{term, fields?}``. Raises ``InputError``."""
    value = body.get("fullTextFilter")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InputError("'fullTextFilter' in the request body must be an object of 'term' and 'fields'.")
    return FullText(text(value, "term") or "", tuple(text_list(value, "fields") or ()))


def uid(text: str) -> UUID:
    """Return the uid of an entity from a path. Raises ``InputError`` for a text that can't be one."""
    found = as_uuid(text)
    if found is None:
        raise InputError(f"'{text}' is no uid; one looks like 8a5b7c1e-7d0f-4c1e-9a53-0c9f1d2e3b4a.")
    return found


def projection(params: QueryParams) -> Projection:
    """Return what ``fields`` asks for."""
    return Projection.of(params.list("fields", split=True))


def order_fields(params: QueryParams) -> tuple[Order, ...]:
    """Return ``orderField=<field>,<asc or desc>``. Raises ``InputError``."""
    found = []
    for value in params.list("orderField"):
        order_field, _, direction = value.partition(",")
        if direction not in {"", "asc", "desc"}:
            raise InputError(f"Invalid order '{direction}' of the field '{order_field}': it must be asc or desc.")
        if not order_field:
            raise InputError(f"Invalid orderField '{value}', expected '<field>,<asc or desc>'.")
        found.append(Order(order_field, descending=direction == "desc"))
    return tuple(found)
