"""What configuration data is made of, and how layers of it are merged.

Everything here is a pure function on JSON values; nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]

#: The way from the root to a value: names of members, and positions in lists.
KeyPath: TypeAlias = tuple[str | int, ...]


def merge(base: JsonValue, overlay: JsonValue) -> JsonValue:
    """Lay ``overlay`` over ``base``: objects are merged member by member, anything else is replaced whole.

    A null in ``overlay`` stays in the result, where it hides what ``base`` says; ``without_nulls`` takes it out once
    the last layer is on. Layers are merged from the lowest to the highest, in that order: the operation isn't
    associative.
    """
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    merged = dict(base)
    for name, value in overlay.items():
        merged[name] = merge(base[name], value) if name in base else value
    return merged


def without_nulls(value: JsonValue) -> JsonValue:
    """Drop the members that are null. Lists are left alone: a null in them is an item like any other."""
    if not isinstance(value, dict):
        return value
    return {name: without_nulls(member) for name, member in value.items() if member is not None}


def descend(value: JsonValue, path: KeyPath) -> tuple[int, JsonValue]:
    """Follow ``path`` as far as it goes: return the number of steps taken, and the value they led to."""
    for steps, part in enumerate(path):
        match value:
            case dict() if isinstance(part, str) and part in value:
                value = value[part]
            case list() if isinstance(part, int) and part < len(value):
                value = value[part]
            case _:
                return steps, value
    return len(path), value


def leaves(value: JsonValue, path: KeyPath = ()) -> Iterator[tuple[KeyPath, JsonValue]]:
    """Yield every value that holds no other, with the way to it; empty lists and objects hold none."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from leaves(item, (*path, position))
    else:
        yield path, value


def describe_type(value: object) -> str:
    """Name the type of a value for a message, with its article. The value itself may be a secret and isn't shown."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case "":
            return "an empty string"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
