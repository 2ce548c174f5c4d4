"""The predicates of ``POST /locations/by-query``.

Backstage's evaluator for locations differs from the one for entities: ``$all`` of nothing is false, an object without
fields asks for nothing and is left out, and ``$contains`` holds nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, Q, Value
from django.db.models.functions import Left, Upper
from django.db.models.lookups import Exact, In

from apps.catalog.queries.bounds import require_bounded
from portal.entities import js_text
from portal.errors import InputError

#: The columns behind the fields that clients know; fields are spelled in any case.
COLUMNS = {"id": "id", "type": "type", "target": "target", "entityref": "location_entity_ref"}

Primitive = str | int | float | bool

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NOWHERE = Q(pk__in=[])
_EVERYWHERE = Q(pk__isnull=False)


def parse_location_predicate(value: Any) -> Q:
    """Read a predicate on ``id``, ``type``, ``target`` and ``entityRef``. Raises ``InputError`` if it is wrong."""
    require_bounded(value)
    return _predicate(value, "query")


def _predicate(value: Any, where: str) -> Q:
    if not isinstance(value, Mapping):
        raise InputError(f"Invalid query: '{where}' must be an object.")
    operator = next((key for key in value if key.startswith("$")), None)
    if operator is None:
        return _all(_field(name, wanted, f"{where}.{name}") for name, wanted in value.items())
    if len(value) > 1:
        raise InputError(f"Invalid query: '{operator}' in '{where}' must be the only key of its object.")
    operand, where = value[operator], f"{where}.{operator}"
    if operator == "$not":
        return ~_predicate(operand, where)
    if operator not in {"$all", "$any"}:
        raise InputError(f"Invalid query: '{where}' isn't an operator; there are $all, $any and $not.")
    if not isinstance(operand, list):
        raise InputError(f"Invalid query: '{where}' must be a list of predicates.")
    parts = [_predicate(part, f"{where}[{index}]") for index, part in enumerate(operand)]
    if not parts:
        return _NOWHERE
    return _all(parts) if operator == "$all" else _any(parts)


def _all(parts: Iterable[Q]) -> Q:
    together = Q()
    for part in parts:
        together &= part
    return together


def _any(parts: Iterable[Q]) -> Q:
    either = Q()
    for part in parts:
        either |= part
    return either


def _field(name: str, wanted: Any, where: str) -> Q:
    column = COLUMNS.get(name.lower())
    if column is None:
        raise InputError(f"Invalid query: '{where}' is no field of a location; there are id, type, target, entityRef.")
    if isinstance(wanted, Primitive):
        return _is_one_of(column, [wanted])
    operator, operand = next(iter(wanted.items())) if isinstance(wanted, Mapping) and len(wanted) == 1 else ("", None)
    match operator, operand:
        case "$exists", bool():
            return Q(**{f"{column}__isnull": not operand})
        case "$in", list() if all(isinstance(item, Primitive) for item in operand):
            return _is_one_of(column, operand)
        case "$hasPrefix", str() if column != "id":
            # Not LIKE, whose patterns databases limit in length.
            return Q(Exact(Upper(Left(F(column), len(operand))), Upper(Value(operand)))) if operand else _EVERYWHERE
        case "$contains", str() | int() | float() | Mapping():
            return _NOWHERE
    raise InputError(
        f"Invalid query: '{where}' must be a text, a number, a boolean, or an object with one of $exists (a boolean), "
        f"$in (a list of values), $hasPrefix (a text, not on id) or $contains."
    )


def _is_one_of(column: str, values: Sequence[Primitive]) -> Q:
    """Compare in any case."""
    texts = [js_text(value) for value in values]
    if column == "id":
        return Q(id__in=[UUID(text) for text in texts if _UUID.fullmatch(text)])
    return Q(In(Upper(F(column)), [Upper(Value(text)) for text in texts])) if texts else _NOWHERE
