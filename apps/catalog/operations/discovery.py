"""Taking found entities into the pipeline, and holding names for whoever claimed them first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import orjson

from apps.catalog.extension_points import DeferredEntity
from apps.catalog.models import Priority, RefreshState
from apps.catalog.operations.batches import batched
from portal.databases import update_rows, upsert_rows
from portal.entities import ref_of, stable_hash

FOUND_COLUMNS = (
    "entity_id",
    "unprocessed_entity",
    "unprocessed_hash",
    "location_key",
    "last_discovery_at",
    "next_update_at",
    "priority",
    "actor",
)
NEW_COLUMNS = (*FOUND_COLUMNS, "entity_ref", "result_hash", "cache", "errors")


@dataclass(frozen=True, slots=True)
class Found:
    """An entity as its source gives it, with what is stored about it worked out."""

    ref: str
    text: str
    hash: str
    location_key: str | None
    #: Who asked for it, for the history; empty if nobody did.
    actor: str = ""

    @classmethod
    def of(cls, deferred: DeferredEntity, *, actor: str = "") -> Found:
        """Serialise an entity. Its envelope has been checked by whoever found it."""
        return cls(
            str(ref_of(deferred.entity)),
            orjson.dumps(deferred.entity).decode(),
            stable_hash(deferred.entity),
            deferred.location_key,
            actor,
        )


def may_update(stored_key: str | None, given_key: str | None) -> bool:
    """Say whether an entity that is stored under one location key may be updated under another."""
    return stored_key is None or stored_key == given_key


def take_in(found: Iterable[Found], *, now: datetime, priority: Priority = Priority.BACKGROUND) -> list[bool]:
    """Store found entities and make them due at once, in their order; return for each whether it was accepted.

    Of several under one ref, the last accepted one counts. An entity that belongs to another location key is left
    alone. Runs inside the caller's transaction.
    """
    accepted = []
    for batch in batched(found):
        accepted += _take_in_batch(batch, now=now, priority=priority)
    return accepted


def _take_in_batch(batch: list[Found], *, now: datetime, priority: Priority) -> list[bool]:
    known = {
        row.entity_ref: row
        for row in RefreshState.objects.select_for_update(no_key=True)
        .filter(entity_ref__in={entity.ref for entity in batch})
        .only("entity_id", "entity_ref", "location_key", "unprocessed_hash", "priority", "actor")
        .order_by("entity_ref")
    }
    accepted = []
    new: dict[str, RefreshState] = {}
    changed: dict[str, RefreshState] = {}
    for position, entity in enumerate(batch):
        row = known.get(entity.ref)
        accepted.append(row is None or may_update(row.location_key, entity.location_key))
        if not accepted[-1]:
            continue
        if row is None:
            row = known[entity.ref] = new[entity.ref] = RefreshState(entity_ref=entity.ref)
        elif entity.ref not in new:
            changed[entity.ref] = row
        row.unprocessed_entity = entity.text
        row.unprocessed_hash = entity.hash
        row.location_key = entity.location_key
        row.priority = max(row.priority, priority)
        row.actor = entity.actor or row.actor
        row.last_discovery_at = now
        # Microseconds keep the order in which entities were found: who claims a name first is no accident.
        row.next_update_at = now + timedelta(microseconds=position)
    if changed:
        update_rows(RefreshState, FOUND_COLUMNS, _values(changed.values(), FOUND_COLUMNS), key=FOUND_COLUMNS[:1])
    if new:
        rows = _values((row for _, row in sorted(new.items())), NEW_COLUMNS)
        upsert_rows(RefreshState, NEW_COLUMNS, rows, key=["entity_ref"])
        lost = _lost_races(new)
        if lost:
            # By now these rows are somebody's, and are treated as such.
            again = [index for index, entity in enumerate(batch) if entity.ref in lost]
            verdicts = _take_in_batch([batch[i] for i in again], now=now, priority=priority)
            for index, verdict in zip(again, verdicts, strict=True):
                accepted[index] = verdict
    return accepted


def _values(rows: Iterable[RefreshState], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    values = attrgetter(*columns)
    return [values(row) for row in rows]


def _lost_races(new: dict[str, RefreshState]) -> set[str]:
    """Return the refs that another worker inserted at the same moment."""
    stored = dict(RefreshState.objects.filter(entity_ref__in=new).values_list("entity_ref", "entity_id"))
    return {ref for ref, row in new.items() if ref in stored and stored[ref] != row.entity_id}
