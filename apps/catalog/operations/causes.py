"""What the history says of why an entity changed: which file or provider, which other entity, and who asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from portal.entities import ANNOTATION_LOCATION


class Parent(NamedTuple):
    """What leads to an entity: a provider, or another entity. One of the two is there."""

    provider: str | None
    ref: str | None

    @property
    def name(self) -> str:
        """The one that is there."""
        return self.provider or self.ref or ""


def cause_of_run(entity: Mapping[str, Any], parents: Iterable[Parent], *, ok: bool, actor: str) -> str:
    """Say what a run of the pipeline had in hand. ``entity`` is as it was found, and may be malformed."""
    place = place_of(entity)
    providers = [parent.provider for parent in parents if parent.provider]
    if not ok:
        what = f"a mistake in {place}" if place else "a mistake in it"
    elif providers:
        what = f"provided by {', '.join(sorted(providers))}" + (f" ({place})" if place else "")
    else:
        what = f"read from {place}" if place else "it was processed"
    return asked_for(what, actor)


def cause_of_removal(provider: str, *, direct: bool, actor: str) -> str:
    """Say that a provider gave up an entity, or something above it."""
    return asked_for(f"{provider} no longer has {'it' if direct else 'what led to it'}", actor)


def cause_of_relation(ref: str) -> str:
    """Say that another entity declares other relations than before."""
    return f"the relations of {ref} changed"


def cause_of_deletion(ref: str) -> str:
    """Say that an entity is gone, and with it the relations that it declared."""
    return f"{ref} was deleted"


def asked_for(what: str, actor: str) -> str:
    """Add who asked, if anybody did."""
    return f"{what}, asked for by {actor}" if actor else what


def came_from(what: str, entity: Mapping[str, Any]) -> str:
    """Add where an entity came from that is about to go."""
    place = place_of(entity)
    return f"{what}; it came from {place}" if place else what


def place_of(entity: Mapping[str, Any]) -> str:
    """Return the location of the file that an entity came from, or nothing."""
    metadata = entity.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    place = annotations.get(ANNOTATION_LOCATION) if isinstance(annotations, Mapping) else None
    return place if isinstance(place, str) else ""
