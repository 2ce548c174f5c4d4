"""Which entities may take more than themselves to be processed: another file, or an answer of another server."""

from __future__ import annotations

from typing import Any

from portal.entities import Entity, location_of
from portal.errors import InputError
from portal.integrations import is_absolute


def may_wait(entity: Entity, *, text: str) -> bool:
    """Tell whether there is something to read from a server: a file that a Location points at, or an included one.

    ``entity`` is as it entered the pipeline, and ``text`` the same as JSON without needless spaces.
    """
    try:
        location = location_of(entity)
    except InputError:
        return False
    if entity["kind"] == "Location":
        spec: Any = entity.get("spec")
        stated = spec.get("type") if isinstance(spec, dict) else None
        return (stated or location.type) != "file"
    return may_include(text) and (location.type != "file" or _includes_url(entity))


def may_include(text: str) -> bool:
    """Tell whether there may be a placeholder in an entity, given as JSON without needless spaces."""
    return '{"$' in text


def _includes_url(data: Any) -> bool:
    """Tell whether there is a placeholder with a URL in it."""
    if isinstance(data, list):
        return any(map(_includes_url, data))
    if not isinstance(data, dict):
        return False
    return any(
        is_absolute(value) if key.startswith("$") and isinstance(value, str) else _includes_url(value)
        for key, value in data.items()
    )
