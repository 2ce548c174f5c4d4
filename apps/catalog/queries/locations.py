"""Registered locations: all, one, the one that an entity came from, and pages of those that a predicate leaves."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

import orjson
from django.db.models import QuerySet

from apps.catalog.models import FinalEntity, Location
from apps.catalog.permissions import LOCATION_READ
from apps.catalog.queries.bounds import MAX_ROWS
from apps.catalog.queries.location_predicates import parse_location_predicate
from portal.credentials import Credentials
from portal.entities import ANNOTATION_ORIGIN_LOCATION, EntityRef, parse_location_ref
from portal.errors import InputError, NotFoundError
from portal.services import permissions

DEFAULT_LIMIT = 1000


def as_uuid(text: str) -> UUID | None:
    """Return an id as clients write it; None if no location can have it."""
    try:
        return UUID(text)
    except ValueError:
        return None


def registered_locations(*, credentials: Credentials) -> list[Location]:
    """Return every location, by type and target; none for somebody who may not see them."""
    return list(_seen(credentials).order_by("type", "target"))


def registered_location(id: str, *, credentials: Credentials) -> Location:
    """Return one location. Raises ``NotFoundError`` if there is none, or none that may be seen."""
    known = as_uuid(id)
    found = _seen(credentials).filter(pk=known).first() if known else None
    if found is None:
        raise NotFoundError(f"There is no location with the id {id}.")
    return found


def location_of_entity(ref: EntityRef, *, credentials: Credentials) -> Location:
    """Return the registered location that led to an entity in the end. Two queries.

    Raises ``NotFoundError`` saying what is missing: the entity, its origin, or the location.
    """
    if not _may_see(credentials):
        raise NotFoundError(f"There is no location that led to {ref}.")
    stored = FinalEntity.objects.filter(entity_ref=str(ref)).values_list("final_entity", flat=True).first()
    if stored is None:
        raise NotFoundError(f"There is no entity {ref}.")
    origin = (orjson.loads(stored)["metadata"].get("annotations") or {}).get(ANNOTATION_ORIGIN_LOCATION)
    if origin is None:
        raise NotFoundError(f"The entity {ref} has no annotation {ANNOTATION_ORIGIN_LOCATION}.")
    type_, target = parse_location_ref(origin)
    found = Location.objects.filter(type=type_, target=target).first()
    if found is None:
        raise NotFoundError(f"{ref} comes from {origin}, which isn't a registered location.")
    return found


@dataclass(frozen=True)
class LocationCursor:
    """A question about locations and a place in its answer. Travels as base64 of JSON, as Backstage writes it."""

    query: Any = field(default_factory=dict)
    limit: int = DEFAULT_LIMIT
    after: str | None = None

    def encode(self) -> str:
        """Return the text that clients hand back."""
        value = {"limit": self.limit, "afterId": self.after, "query": self.query}
        return base64.b64encode(orjson.dumps(value)).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read such a text. Raises ``InputError`` if it isn't one that this portal gave."""
        try:
            value = orjson.loads(base64.b64decode(text, validate=True))
            limit, after = value["limit"], value.get("afterId")
            sound = isinstance(limit, int) and not isinstance(limit, bool) and 1 <= limit <= MAX_ROWS
            if not sound or not (after is None or isinstance(after, str)):
                raise ValueError("limit or afterId")
            if after is not None:
                UUID(after)
            return cls(query=value.get("query", {}), limit=limit, after=after)
        except (binascii.Error, ValueError, KeyError, AttributeError, TypeError):
            raise InputError("The cursor isn't one that this portal gave; start over without it.") from None


@dataclass(frozen=True)
class LocationPage:
    """A page of locations by id, how many match in all, and where the next page starts."""

    items: list[Location] = field(default_factory=list)
    total: int = 0
    next: LocationCursor | None = None


def query_locations(cursor: LocationCursor, *, credentials: Credentials) -> LocationPage:
    """Answer a question at a place. Two queries. Raises ``InputError`` for a predicate that isn't understood."""
    rows = _seen(credentials).filter(parse_location_predicate(cursor.query))
    ahead = rows if cursor.after is None else rows.filter(id__gt=UUID(cursor.after))
    found = list(ahead.order_by("id")[: cursor.limit + 1])
    items = found[: cursor.limit]
    more = len(found) > cursor.limit
    return LocationPage(items, rows.count(), replace(cursor, after=str(items[-1].id)) if more else None)


def _may_see(credentials: Credentials) -> bool:
    return permissions.authorize(LOCATION_READ, credentials).allowed


def _seen(credentials: Credentials) -> QuerySet[Location]:
    # The catalogs of long ago had a row of this type, which was never a location.
    rows = Location.objects.exclude(type="bootstrap")
    return rows if _may_see(credentials) else rows.none()
