"""What became of an entity, and what it was at some moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import orjson
from django.db.models import Min, Q

from apps.catalog.models import FinalEntity, HistoryEntry
from apps.catalog.queries.filters import EVERYTHING
from apps.catalog.queries.sql import condition
from apps.catalog.queries.visibility import may_see, visible_to
from portal.credentials import Credentials
from portal.entities import EntityRef
from portal.errors import NotFoundError

MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class EntityChange:
    """One change of an entity. ``before`` and ``after`` are stored JSON texts; None means that it wasn't there."""

    id: int
    uid: UUID
    at: datetime
    #: ``created``, ``updated`` or ``deleted``.
    change: str
    cause: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class EntityHistory:
    """A page of an entity's changes, the latest first, how many there are in all, and where the page starts."""

    items: list[EntityChange] = field(default_factory=list)
    total: int = 0
    offset: int = 0


def entity_history(ref: EntityRef, *, credentials: Credentials, limit: int, offset: int = 0) -> EntityHistory:
    """Return changes of an entity, also of one that is gone. Three queries.

    They are for those who may see the entity as it is now, or as it was last. Raises ``NotFoundError`` for others, and
    for an entity of which nothing is known.
    """
    current = _current(ref, credentials)
    entries = HistoryEntry.objects.filter(entity_ref=str(ref))
    total = entries.count()
    if current is None and not total:
        raise _unknown(ref)
    # What a change led to stands in the one after it.
    rows = list(entries[max(0, offset - 1) : offset + limit])
    after = rows.pop(0).before if offset and rows else current
    items = []
    for row in rows:
        items.append(EntityChange(row.pk, row.entity_id, row.at, row.change, row.cause, row.before, after))
        after = row.before
    return EntityHistory(items, total, offset)


def entity_as_of(ref: EntityRef, moment: datetime, *, credentials: Credentials) -> str:
    """Return an entity as it was served at a moment, as stored JSON text. At most four queries.

    Raises ``NotFoundError`` saying why there is none: it wasn't there at that time, the history doesn't go back that
    far, or whoever asks may not see it.
    """
    current = _current(ref, credentials)
    later = HistoryEntry.objects.filter(entity_ref=str(ref), at__gt=moment).order_by("at", "id").first()
    if later is None:
        if current is None or not _older_than(ref, moment):
            raise _nothing_at(ref, moment)
        return current
    if later.before is None or not _is_complete_since(moment):
        raise _nothing_at(ref, moment)
    return later.before


def version_after(change: HistoryEntry) -> str | None:
    """Return what an entity was after a change, whoever asks; None if it was gone. Two queries at most."""
    later = HistoryEntry.objects.filter(entity_ref=change.entity_ref).filter(
        Q(at__gt=change.at) | Q(at=change.at, id__gt=change.pk)
    )
    following = later.order_by("at", "id").first()
    if following is not None:
        return following.before
    return FinalEntity.objects.filter(entity_ref=change.entity_ref).values_list("final_entity", flat=True).first()


def last_change(ref: EntityRef) -> HistoryEntry | None:
    """Return the latest change of an entity; None if nothing is known of any. One query, whoever asks."""
    return HistoryEntry.objects.filter(entity_ref=str(ref)).first()


def _current(ref: EntityRef, credentials: Credentials) -> str | None:
    """Return the entity, or None if it is gone.

    Raises ``NotFoundError`` if it, or the last version of what is gone, may not be seen.
    """
    visible = visible_to(credentials)
    rows = FinalEntity.objects.filter(entity_ref=str(ref)).values_list("final_entity", flat=True)
    found = rows.filter(condition(visible, id_field="entity_id")).first()
    if found is not None or visible == EVERYTHING:
        return found
    last = last_change(ref)
    was = last.before if last is not None and last.change == HistoryEntry.Change.DELETED else None
    if was is None or not may_see(orjson.loads(was), credentials):
        raise _unknown(ref)
    return None


def _older_than(ref: EntityRef, moment: datetime) -> bool:
    """Say whether the entity has been as it is since a moment; later changes may be older than the history."""
    return FinalEntity.objects.filter(entity_ref=str(ref), last_updated_at__lte=moment).exists()


def _kept_since() -> datetime | None:
    """Return when the oldest change was that is kept; of later ones, none is missing."""
    oldest: datetime | None = HistoryEntry.objects.aggregate(oldest=Min("at"))["oldest"]
    return oldest


def _is_complete_since(moment: datetime) -> bool:
    oldest = _kept_since()
    return oldest is not None and oldest <= moment


def _unknown(ref: EntityRef) -> NotFoundError:
    return NotFoundError(f"Nothing is known of an entity {ref}: it isn't in the catalog, and left no history.")


def _nothing_at(ref: EntityRef, moment: datetime) -> NotFoundError:
    when = moment.astimezone(UTC).strftime(MOMENT)
    oldest = _kept_since()
    if oldest is None or moment < oldest:
        since = f"goes back to {oldest.astimezone(UTC).strftime(MOMENT)} only" if oldest else "is empty"
        return NotFoundError(f"What {ref} was at {when} isn't known: the history of the catalog {since}.")
    return NotFoundError(f"There was no entity {ref} at {when}.")
