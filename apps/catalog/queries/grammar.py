"""The two languages in which clients filter: ``filter=`` in a query string, and predicates in a JSON body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.catalog.queries.bounds import MAX_CONDITIONS, require_bounded
from apps.catalog.queries.cursors import Order
from apps.catalog.queries.filters import EVERYTHING, AllOf, AnyOf, Filter, HasPrefix, Matches, NoneOf
from portal.entities import js_text
from portal.errors import InputError

Primitive = str | int | float | bool
#: Each takes a join of its own, and SQLite joins 64 tables at most.
MAX_ORDERS = 10


def parse_filters(texts: Iterable[str]) -> Filter:
    """Read ``filter`` parameters: each is conditions between commas that must all hold, and one text must hold.

    ``key`` asks for the key, ``key=value`` for a value; several values of one key are alternatives. Raises
    ``InputError``.
    """
    sets = [parsed for text in texts if (parsed := _parse_set(text))]
    if sum(map(len, sets)) > MAX_CONDITIONS:
        raise InputError(f"Invalid filter: it has conditions on more than {MAX_CONDITIONS} keys; ask in parts.")
    filters = [matches[0] if len(matches) == 1 else AllOf(matches) for matches in sets]
    if not filters:
        return EVERYTHING
    return filters[0] if len(filters) == 1 else AnyOf(tuple(filters))


def _parse_set(text: str) -> tuple[Matches, ...]:
    values_by_key: dict[str, list[str] | None] = {}
    for statement in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = statement.partition("=")
        key = key.strip()
        if not key:
            raise InputError(
                f"Invalid filter, '{statement}' is not a valid statement (expected the form a=b, a= or a)."
            )
        known = values_by_key.setdefault(key, None)
        if equals:
            values_by_key[key] = [*(known or []), value.strip()]
    return tuple(Matches(key, tuple(values) if values is not None else None) for key, values in values_by_key.items())


def parse_orders(texts: Iterable[str]) -> list[Order]:
    """Read ``order=asc:<field>`` parameters of ``GET /entities``. Raises ``InputError``."""
    orders: list[Order] = []
    for text in texts:
        direction, _, field = text.partition(":")
        if direction not in {"asc", "desc"} or not field:
            raise InputError(f"Invalid order parameter '{text}', expected '<asc or desc>:<field name>'.")
        orders.append(Order(field, descending=direction == "desc"))
    if len(orders) > MAX_ORDERS:
        raise InputError(f"There are {len(orders)} order parameters; at most {MAX_ORDERS} are taken.")
    return orders


def parse_predicate(value: Any) -> Filter:
    """Read a predicate object. Raises ``InputError`` saying which part is wrong."""
    if not isinstance(value, Mapping):
        raise InputError("Invalid query: a predicate must be an object.")
    require_bounded(value)
    return _predicate(value, "query")


def _predicate(value: Any, where: str) -> Filter:
    if not isinstance(value, Mapping):
        raise InputError(f"Invalid query: '{where}' must be an object.")
    operators = [key for key in value if key.startswith("$")]
    if not operators:
        parts = tuple(_field(path, wanted, f"{where}.{path}") for path, wanted in value.items())
        return parts[0] if len(parts) == 1 else AllOf(parts)
    operator = operators[0]
    if len(value) > 1:
        raise InputError(f"Invalid query: '{operator}' in '{where}' must be the only key of its object.")
    operand, where = value[operator], f"{where}.{operator}"
    if operator == "$not":
        return NoneOf(_predicate(operand, where))
    if operator not in {"$all", "$any"}:
        raise InputError(f"Invalid query: '{where}' isn't an operator; there are $all, $any and $not.")
    if not isinstance(operand, list):
        raise InputError(f"Invalid query: '{where}' must be a list of predicates.")
    parts = tuple(_predicate(part, f"{where}[{index}]") for index, part in enumerate(operand))
    return AllOf(parts) if operator == "$all" else AnyOf(parts)


def _field(path: str, wanted: Any, where: str) -> Filter:
    if isinstance(wanted, Primitive):
        return Matches(path, (js_text(wanted),))
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        raise InputError(
            f"Invalid query: '{where}' must be a text, a number, a boolean, or an object with one of "
            f"$exists, $in, $contains, $hasPrefix."
        )
    operator, operand = next(iter(wanted.items()))
    where = f"{where}.{operator}"
    if operator == "$exists" and isinstance(operand, bool):
        return Matches(path) if operand else NoneOf(Matches(path))
    if operator == "$in" and isinstance(operand, list) and all(isinstance(item, Primitive) for item in operand):
        return Matches(path, tuple(js_text(item) for item in operand)) if operand else AnyOf(())
    if operator == "$hasPrefix" and isinstance(operand, str):
        return HasPrefix(path, operand)
    if operator == "$contains":
        return _contains(path, operand, where)
    raise InputError(
        f"Invalid query: '{where}' isn't understood; expected $exists with a boolean, $in with a list of values, "
        f"$contains with a value or $hasPrefix with a text."
    )


def _contains(path: str, operand: Any, where: str) -> Filter:
    if isinstance(operand, Primitive):
        return Matches(path, (js_text(operand),))
    if path.lower() != "relations" or not isinstance(operand, Mapping):
        raise InputError(
            f"Invalid query: '{where}' must be a text, number or boolean; an object fits 'relations' only."
        )
    unknown = operand.keys() - {"type", "targetRef"}
    if unknown or not isinstance(operand.get("type"), str):
        raise InputError(f"Invalid query: '{where}' needs 'type', a text, and may have 'targetRef'; nothing else.")
    key = f"relations.{operand['type']}"
    if "targetRef" not in operand:
        return Matches(key)
    target = operand["targetRef"]
    if isinstance(target, str):
        return Matches(key, (target,))
    refs = target.get("$in") if isinstance(target, Mapping) and len(target) == 1 else None
    if not isinstance(refs, list) or not refs or not all(isinstance(ref, str) for ref in refs):
        raise InputError(f"Invalid query: '{where}.targetRef' must be a text, or {{$in: [at least one text]}}.")
    return Matches(key, tuple(refs))
