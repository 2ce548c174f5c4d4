"""Laying one JSON Schema over another, as a layer does that changes a kind."""

from __future__ import annotations

from typing import Any, Final

from portal.entities.schemas import Schema

#: Keywords whose members are named by the value's author: a property may be called ``type``.
_NAMED: Final = {"properties", "patternProperties", "definitions", "$defs", "dependencies", "dependentSchemas"}
#: Keywords that hold one schema.
_NESTED: Final = {
    "additionalProperties",
    "additionalItems",
    "items",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
}
#: Keywords that hold any value, which is taken as it is.
_LITERAL: Final = {"const", "default"}


def merged_schema(below: Schema, above: Schema) -> Schema:
    """Return the schema that ``above`` makes of ``below``. Neither is changed.

    Objects are merged key by key and a null removes the key below it. A schema that states another ``type`` replaces
    the one below as a whole.
    """
    other_type = "type" in above and "type" in below and _types(above) != _types(below)
    result: dict[str, Any] = {} if other_type and above["type"] is not None else dict(below)
    for key, value in above.items():
        if key in _LITERAL:
            result[key] = value
        elif value is None:
            result.pop(key, None)
        elif key in _NAMED and isinstance(value, dict):
            result[key] = _merged_names(result.get(key), value)
        elif key in _NESTED and isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged_schema(result[key], value)
        else:
            result[key] = value
    return result


def _merged_names(below: object, above: dict[str, Any]) -> dict[str, Any]:
    result = dict(below) if isinstance(below, dict) else {}
    for name, schema in above.items():
        if schema is None:
            result.pop(name, None)
        elif isinstance(schema, dict) and isinstance(result.get(name), dict):
            result[name] = merged_schema(result[name], schema)
        else:
            result[name] = schema
    return result


def _types(schema: Schema) -> set[str]:
    types = schema["type"]
    return set(types) if isinstance(types, list) else {types}
