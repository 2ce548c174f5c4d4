"""``fields``: which parts of an entity a client wants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import orjson

from portal.errors import InputError

#: A place in a list. No list is longer than these digits can say, and Python refuses to convert thousands of them.
INDEX = re.compile("[0-9]{1,9}")
#: The fields of an entity that are stored before its spec, unless its file has another order.
BEFORE_SPEC = frozenset({"apiVersion", "kind", "metadata"})


@dataclass(frozen=True)
class Projection:
    """Cuts entities down to some dotted paths; of none, it passes the stored text through untouched."""

    paths: tuple[str, ...] = ()

    @classmethod
    def of(cls, paths: Iterable[str]) -> Self:
        """Check the paths. Raises ``InputError`` for array syntax."""
        checked = tuple(paths)
        for path in checked:
            if "[" in path:
                raise InputError(f"Invalid field '{path}': array type fields are not supported.")
        return cls(checked)

    def text(self, entity: str) -> str:
        """Return the JSON text of what is wanted of a stored entity."""
        if not self.paths:
            return entity
        source = self._read(entity)
        wanted: dict[str, Any] = {}
        for path, parts in self._parts.items():
            value: Any = source
            for part in parts:
                if type(value) is not dict or part not in value:
                    keys, value = _find(source, path)
                    if keys:
                        _set(wanted, keys, value)
                    break
                value = value[part]
            else:
                target = wanted
                for part in parts[:-1]:
                    target = target.setdefault(part, {})
                target[parts[-1]] = value
        return orjson.dumps(wanted).decode()

    @cached_property
    def _parts(self) -> dict[str, list[str]]:
        return {path: path.split(".") for path in self.paths}

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(parts[0] for parts in self._parts.values())

    def _read(self, entity: str) -> dict[str, Any]:
        """Parse an entity; if nothing of its spec is wanted, as a rule without the spec and what stands behind it.

        A quote inside a text is escaped, so what is found here is the end of one object and the next key of another.
        If that other one isn't the entity itself, what is before it has more braces than one to close.
        """
        end = entity.find('},"spec":{') if self._heads <= BEFORE_SPEC else -1
        if end >= 0:
            try:
                beginning: dict[str, Any] = orjson.loads(f"{entity[: end + 1]}}}")
            except orjson.JSONDecodeError:
                pass
            else:
                if self._heads <= beginning.keys():
                    return beginning
        whole: dict[str, Any] = orjson.loads(entity)
        return whole


def _find(value: Any, path: str) -> tuple[list[Any], Any]:
    """Follow a path, letting a segment grow over dots until it is a key; return no keys if it leads nowhere."""
    keys: list[Any] = []
    segment = ""
    for part in path.split("."):
        segment = f"{segment}.{part}" if segment else part
        if isinstance(value, Mapping) and segment in value:
            keys.append(segment)
            value, segment = value[segment], ""
        elif isinstance(value, list) and INDEX.fullmatch(segment) and int(segment) < len(value):
            keys.append(int(segment))
            value, segment = value[int(segment)], ""
    return ([], None) if segment else (keys, value)


def _set(target: Any, keys: list[Any], value: Any) -> None:
    """Put a value at a path, making objects and lists on the way; gaps in lists are null."""
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        last = following is None
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(key, int):
            target.extend([None] * (key + 1 - len(target)))
            if last:
                target[key] = value
            elif target[key] is None:
                target[key] = empty
        elif last:
            target[key] = value
        else:
            target.setdefault(key, empty)
        if not last:
            target = target[key]
