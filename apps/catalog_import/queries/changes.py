"""What reading a file again would change of an entity that the catalog has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.entities import Entity

#: What the catalog adds by itself, and to these annotations.
_OWN_METADATA = frozenset({"uid", "etag", "namespace"})
_OWN_ANNOTATIONS = "backstage.io/"
_PARTS = ("apiVersion", "metadata", "spec")


def changed_fields(old: Entity, new: Entity) -> list[str]:
    """Return the fields that differ, as dotted paths such as ``spec.owner``, sorted."""
    before, after = dict(_fields(old)), dict(_fields(new))
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _fields(entity: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what people write: a level below ``metadata`` and ``spec``, and two for labels and annotations."""
    for part in _PARTS:
        value = entity.get(part)
        if not isinstance(value, Mapping):
            yield part, value
            continue
        for name, inner in value.items():
            if part == "metadata" and name in _OWN_METADATA:
                continue
            if part == "metadata" and name in {"annotations", "labels"} and isinstance(inner, Mapping):
                own = _OWN_ANNOTATIONS if name == "annotations" else "\0"
                yield from ((f"metadata.{name}.{key}", one) for key, one in inner.items() if not key.startswith(own))
            else:
                yield f"{part}.{name}", inner
