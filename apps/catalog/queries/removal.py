"""What removing an entity would mean: whether a registered location led to it, and what else came from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from apps.catalog.models import Location
from apps.catalog.permissions import LOCATION_READ
from apps.catalog.queries.filters import Matches
from apps.catalog.queries.listing import entity_listing
from apps.catalog.queries.sql import MAX_VALUE
from portal.credentials import Credentials
from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, Entity, parse_location_ref
from portal.errors import InputError
from portal.services import permissions

#: So many entities are listed that came from the same place; of more, only the number is told.
MAX_LISTED = 50
BOOTSTRAP = "bootstrap:bootstrap"


class RemovalState(StrEnum):
    """What can be done with an entity, as in Backstage."""

    #: It belongs to the catalog itself.
    BOOTSTRAP = "bootstrap"
    #: No registered location led to it, so that there is only the entity to delete.
    ONLY_DELETE = "only-delete"
    #: A registered location led to it, and may be removed with all that came from there.
    UNREGISTER = "unregister"


@dataclass(frozen=True, slots=True)
class Colocated:
    """Entities with the same location; ``is_known`` is False where it is too long for the index."""

    location: str
    entities: list[Entity] = field(default_factory=list)
    total: int = 0
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Removal:
    """What can be done with an entity; ``location`` and ``colocated`` are there in the state ``unregister``."""

    state: RemovalState
    origin: str
    location: Location | None = None
    colocated: Colocated | None = None


def removal_of(entity: Entity, *, credentials: Credentials) -> Removal:
    """Return what can be done to take an entity away. Two statements."""
    origin = location_in(entity, ANNOTATION_ORIGIN_LOCATION)
    if origin == BOOTSTRAP:
        return Removal(RemovalState.BOOTSTRAP, origin)
    location = _registered(origin) if permissions.authorize(LOCATION_READ, credentials).allowed else None
    if location is None:
        return Removal(RemovalState.ONLY_DELETE, origin)
    found = colocated_with(entity, ANNOTATION_ORIGIN_LOCATION, credentials=credentials)
    return Removal(RemovalState.UNREGISTER, origin, location, found)


def colocated_with(entity: Entity, annotation: str, *, credentials: Credentials) -> Colocated:
    """Return the entities, this one included, that have the same location in an annotation. One statement."""
    location = location_in(entity, annotation)
    if not location or len(location) > MAX_VALUE:
        return Colocated(location, is_known=not location)
    same = Matches(f"metadata.annotations.{annotation}", (location,))
    listing = entity_listing(credentials=credentials, filter=same, limit=MAX_LISTED)
    return Colocated(location, [orjson.loads(text) for text in listing.items], listing.total)


def location_in(entity: Entity, annotation: str = ANNOTATION_LOCATION) -> str:
    """Return the location ref in an annotation; empty if there is none."""
    value = (entity["metadata"].get("annotations") or {}).get(annotation)
    return value if isinstance(value, str) else ""


def _registered(origin: str) -> Location | None:
    try:
        type_, target = parse_location_ref(origin)
    except InputError:
        return None
    return Location.objects.filter(type=type_, target=target).first()
