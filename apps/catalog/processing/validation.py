"""Checking an entity that somebody has at hand, as the pipeline would, without storing anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.catalog.processing.build import build_orchestrator
from apps.catalog.processing.results import ProcessingError
from portal.entities import (
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    Entity,
    parse_location_ref,
    validate_envelope,
)
from portal.errors import InputError

#: What Backstage's clients know errors of the envelope and of the location by.
MALFORMED = "TypeError"


def validate_entity(entity: Entity, *, location: str) -> list[ProcessingError]:
    """Return what is wrong with an entity that is to be at ``location``; nothing if the catalog would take it.

    ``location`` is ``url:<address>``. What a Location points at and what placeholders name is read.
    """
    try:
        validate_envelope(entity)
        place = parse_location_ref(location)
        if place.type != "url":
            raise InputError(f"'{location}' can't be the location of an entity here; expected url:<address>.")
    except InputError as error:
        return [ProcessingError(MALFORMED, error.message)]
    return build_orchestrator().process(_placed(entity, str(place))).errors


def _placed(entity: Entity, location: str) -> Entity:
    """Return the entity with its two location annotations.

    The entity's own aren't believed: with another location than the stated one, relative targets and placeholders
    would be read from there, local files included.
    """
    metadata: dict[str, Any] = entity["metadata"]
    annotations = metadata.get("annotations", {})
    if not isinstance(annotations, Mapping):
        return entity
    own = {
        name: location if isinstance(annotations.get(name, ""), str) else annotations[name]
        for name in (ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION)
    }
    return {**entity, "metadata": {**metadata, "annotations": {**annotations, **own}}}
