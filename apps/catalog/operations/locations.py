"""Registered locations: rows that people add, each with the Location entity that the pipeline reads.

Row and entity are written in one transaction. Somebody waits for the outcome, so the entities come first in the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NoReturn

from django.db import IntegrityError
from django.utils import timezone

from apps.catalog.conf import conf
from apps.catalog.extension_points import (
    CatalogLocations,
    DeferredEntity,
    EntityProvider,
    EntityProviderConnection,
)
from apps.catalog.models import Location, Priority, RefreshEdge, RefreshState
from apps.catalog.operations.mutations import apply_delta_mutation
from apps.catalog.processing import build_orchestrator, location_entity
from apps.catalog.processing.preview import preview_location
from apps.catalog.queries.locations import as_uuid
from portal.databases import atomic_for
from portal.entities import Entity, EntityRef, LocationRef, location_entity_name, parse_ref
from portal.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from portal.plugins import extension_point

#: Registered locations are entities of this provider, as in Backstage.
LOCATION_STORE = "DefaultLocationStore"

ConflictStrategy = Literal["reject", "refresh"]


def register_location(
    *, type: str, target: str, on_conflict: ConflictStrategy | None = None, actor: str = ""
) -> Location:
    """Register a location, so that the catalog reads it now and from now on.

    If it is registered already, ``on_conflict`` decides: reject it, or read it again, whatever state it is in; None is
    ``catalog.defaultLocationConflictStrategy``. ``actor`` is who asked, for the history. Raises ``InputError`` for a
    type that may not be registered or a target that can't be one, ``ConflictError``, and ``NotAllowedError`` if the
    catalog is read-only.
    """
    _require_writable()
    location = _location(type, target)
    with atomic_for(Location):
        row, is_new = _find_or_add(location)
        if not is_new and (on_conflict or conf.default_location_conflict_strategy) == "reject":
            raise ConflictError(f"The location {type}:{target} is registered already, as {row.id}.")
        if row.target:
            # Even if the row was there: the entity may have been deleted meanwhile.
            apply_delta_mutation(
                provider=LOCATION_STORE, added=[_deferred(row)], priority=Priority.INTERACTIVE, actor=actor
            )
        if not is_new:
            _start_afresh(row, actor=actor)
    if not row.target:
        # Backstage keeps such a row and then fails; clients see it in their lists and can put it right.
        raise InputError(
            f"The location {row.id} is registered, but its target is empty, so nothing can be read from it. Give it a "
            f"target with PUT /locations/{row.id}, or delete it."
        )
    return row


def update_location(*, id: str, type: str, target: str, actor: str = "") -> Location:
    """Point a registered location at something else; its entity keeps its name.

    What the old target led to goes, unless the new one leads there too. Raises ``InputError`` as ``register_location``,
    ``ConflictError`` if another location has that target, ``NotFoundError`` and ``NotAllowedError``.
    """
    _require_writable()
    location = _location(type, target)
    if not target:
        raise InputError("A location needs a target: 'target' is empty.")
    with atomic_for(Location):
        same = Location.objects.filter(type=type, target=target)
        known = as_uuid(id)
        if (same.exclude(pk=known) if known else same).exists():
            raise ConflictError(f"The location {location} is registered already.")
        row = _locked(id)
        if (row.type, row.target) != location:
            row.type, row.target = location
            row.save(update_fields=["type", "target"])
            apply_delta_mutation(
                provider=LOCATION_STORE,
                removed=[row.location_entity_ref],
                added=[_deferred(row)],
                priority=Priority.INTERACTIVE,
                actor=actor,
            )
    return row


def delete_location(*, id: str, actor: str = "") -> None:
    """Take a registered location away, and at once everything that nothing else leads to.

    Raises ``NotFoundError``, and ``NotAllowedError`` if the catalog is read-only.
    """
    _require_writable()
    with atomic_for(Location):
        row = _locked(id)
        row.delete()
        apply_delta_mutation(provider=LOCATION_STORE, removed=[row.location_entity_ref], actor=actor)


def try_location(*, type: str, target: str) -> tuple[list[Entity], bool]:
    """Return the entities that registering a location would bring, and whether it is registered already.

    Nothing is stored, so this works in a read-only catalog. Raises ``InputError`` for whatever would go wrong.
    """
    location = _location(type, target)
    entities = preview_location(location, build_orchestrator())
    return entities, Location.objects.filter(type=type, target=target).exists()


def entity_ref_of(location: LocationRef) -> str:
    """Return the ref of the Location entity that a location gets when it is registered."""
    return str(EntityRef("location", "default", location_entity_name(location.type, location.target)))


class LocationStore(EntityProvider):
    """Provides the registered locations' entities."""

    name = LOCATION_STORE

    def connect(self, connection: EntityProviderConnection) -> None:
        """Put right what differs between rows and entities, after a restored backup for instance.

        Not a full mutation: a location that somebody registers at this moment would count as removed.
        """
        with atomic_for(Location):
            stored = set(RefreshEdge.objects.filter(source_key=self.name).values_list("target_entity_ref", flat=True))
            rows = list(Location.objects.select_for_update().exclude(target="").order_by("id"))
            wanted = {row.location_entity_ref for row in rows}
            connection.apply_delta_mutation(added=map(_deferred, rows), removed=stored - wanted)


def _require_writable() -> None:
    if conf.readonly:
        raise NotAllowedError("The catalog is read-only (catalog.readonly): locations can't be changed.")


def _location(type: str, target: str) -> LocationRef:
    """Return the location, checked but for an empty target. Raises ``InputError``."""
    allowed: Sequence[str] = extension_point(CatalogLocations).allowed_types
    if type not in allowed:
        raise InputError(f"A location of type '{type}' can't be registered; allowed: {', '.join(allowed) or 'none'}.")
    location = LocationRef(type, target)
    if target:
        str(location)  # refuses what isn't safe to show as a link
    return location


def _find_or_add(location: LocationRef) -> tuple[Location, bool]:
    """Return the location's row, and whether it is new; of two who register it at once, one adds it."""
    name = entity_ref_of(location)
    try:
        return Location.objects.get_or_create(
            type=location.type, target=location.target, defaults={"location_entity_ref": name}
        )
    except IntegrityError:
        _name_is_taken(location, name)


def _name_is_taken(location: LocationRef, name: str) -> NoReturn:
    holder = Location.objects.filter(location_entity_ref=name).values_list("pk", flat=True).first()
    raise ConflictError(
        f"The name of the entity for {location} belongs to another location, {holder or 'removed just now'}: it was "
        f"registered for that and pointed elsewhere since. Point it back, or delete it."
    )


def _locked(id: str) -> Location:
    known = as_uuid(id)
    row = Location.objects.select_for_update().filter(pk=known).first() if known else None
    if row is None:
        raise NotFoundError(f"There is no location with the id {id}.")
    return row


def _deferred(row: Location) -> DeferredEntity:
    location = LocationRef(row.type, row.target)
    return DeferredEntity(
        location_entity(location, name=parse_ref(row.location_entity_ref).name), location_key=str(location)
    )


def _start_afresh(row: Location, *, actor: str) -> None:
    """Make the location's entity due, and its result count as new, so that what it emits is stored again."""
    RefreshState.objects.filter(entity_ref=row.location_entity_ref).update(
        next_update_at=timezone.now(), result_hash="", priority=Priority.INTERACTIVE, actor=actor
    )
