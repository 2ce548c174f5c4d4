"""Collects what processors emit during one run, and sees to it that children are labelled with where they come from."""

from __future__ import annotations

from typing import Any

from apps.catalog.extension_points import (
    FROM_LOCATION,
    DeferredEntity,
    Emitter,
    FromLocation,
    SourceDocument,
    SourcePosition,
)
from apps.catalog.processing.locations import location_entity
from apps.catalog.processing.positions import with_position
from apps.catalog.processing.refresh_keys import stored_key
from apps.catalog.processing.results import ProcessingError, describe_error
from portal.entities import (
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    Entity,
    LocationRef,
    Relation,
    ref_of,
    validate_envelope,
)
from portal.errors import InputError
from portal.services.logger import PluginLogger


class EmittedEntity:
    """A child entity, with what the checks after the run want to say about it."""

    __slots__ = ("deferred", "location", "position")

    def __init__(self, deferred: DeferredEntity, location: LocationRef, position: SourcePosition | None) -> None:
        self.deferred = deferred
        self.location = location
        self.position = position


class Collector(Emitter):
    """The emitter of one run. ``close`` ends it: what is emitted after that is dropped with a warning."""

    def __init__(self, parent: Entity, parent_ref: str, logger: PluginLogger) -> None:
        self._parent = parent
        self._parent_ref = parent_ref
        self._logger = logger
        self._open = True
        self.entities: list[EmittedEntity] = []
        self.relations: list[Relation] = []
        self.refresh_keys: dict[str, None] = {}
        self.errors: list[ProcessingError] = []

    def close(self) -> None:
        """End the run."""
        self._open = False

    def entity(
        self,
        entity: Entity,
        location: LocationRef,
        *,
        location_key: str | FromLocation | None = FROM_LOCATION,
        position: SourcePosition | None = None,
    ) -> None:
        if self._dropped("entity"):
            return
        try:
            labelled, ref = self._labelled(entity, location)
        except InputError as error:
            self.error(error, location, position=position)
            return
        if ref == self._parent_ref:
            self._logger.warning(
                "Ignored an emitted entity that is the one in processing",
                entity_ref=ref,
                location=str(location),
            )
            return
        key = str(location) if isinstance(location_key, FromLocation) else location_key
        if position is not None:
            labelled = with_position(labelled, position)
        self.entities.append(EmittedEntity(DeferredEntity(labelled, key), location, position))

    def document(self, document: SourceDocument) -> None:
        if document.entity is not None:
            self.entity(document.entity, document.location, position=document.position)
        elif document.error is not None:
            self.error(document.error, document.location, position=document.position)

    def location(self, location: LocationRef, *, optional: bool = False) -> None:
        if self._dropped("location"):
            return
        annotations = self._parent["metadata"]["annotations"]
        own_location = annotations[ANNOTATION_LOCATION]
        entity = location_entity(
            location,
            presence="optional" if optional else "required",
            own_location=own_location,
            origin_location=annotations[ANNOTATION_ORIGIN_LOCATION],
        )
        self.entities.append(EmittedEntity(DeferredEntity(entity, own_location), location, None))

    def relation(self, relation: Relation) -> None:
        if not self._dropped("relation"):
            self.relations.append(relation)

    def error(self, error: Exception, location: LocationRef, *, position: SourcePosition | None = None) -> None:
        if not self._dropped("error"):
            self.errors.append(describe_error(error, location=str(location), position=position))

    def refresh_key(self, key: str) -> None:
        if not self._dropped("refresh key"):
            self.refresh_keys[stored_key(key)] = None

    def _labelled(self, entity: Entity, location: LocationRef) -> tuple[Entity, str]:
        """Return the entity with its two location annotations forced, and its ref. Raises ``InputError``."""
        validate_envelope(entity)
        metadata: dict[str, Any] = entity["metadata"]
        annotations = metadata.get("annotations") or {}
        if not isinstance(annotations, dict):
            raise InputError(
                f'"metadata.annotations" of {ref_of(entity)} must be an object with strings as values; found '
                f"{type(annotations).__name__}."
            )
        forced = {
            ANNOTATION_LOCATION: str(location),
            ANNOTATION_ORIGIN_LOCATION: self._parent["metadata"]["annotations"][ANNOTATION_ORIGIN_LOCATION],
        }
        return {**entity, "metadata": {**metadata, "annotations": {**annotations, **forced}}}, str(ref_of(entity))

    def _dropped(self, what: str) -> bool:
        if not self._open:
            self._logger.warning(
                "Dropped what a processor emitted after its run was over",
                what=what,
                entity_ref=self._parent_ref,
            )
        return not self._open
