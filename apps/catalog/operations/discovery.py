"""Taking found entities into the pipeline, and holding names for whoever claimed them first."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from apps.catalog.extension_points import DeferredEntity
from apps.catalog.models import RefreshState
from apps.catalog.operations.batches import batched
from portal.entities import ref_of, stable_hash
from portal.services import logger

log = logger.for_plugin("catalog")


@dataclass(frozen=True, slots=True)
class Found:
    """An entity as its source gives it, with what is stored about it worked out."""

    ref: str
    text: str
    hash: str
    location_key: str | None

    @classmethod
    def of(cls, deferred: DeferredEntity) -> Found:
        """Serialise an entity. Its envelope has been checked by whoever found it."""
        return cls(
            str(ref_of(deferred.entity)),
            orjson.dumps(deferred.entity).decode(),
            stable_hash(deferred.entity),
            deferred.location_key,
        )


@dataclass(slots=True)
class Discovery:
    """What became of a batch of found entities, by ref."""

    accepted: set[str] = field(default_factory=set)
    #: Refs of entities that belong to another location key.
    conflicts: dict[str, str] = field(default_factory=dict)


def may_update(stored_key: str | None, given_key: str | None) -> bool:
    """Say whether an entity that is stored under one location key may be updated under another."""
    return stored_key is None or stored_key == given_key


def take_in(found: Iterable[Found], *, now: datetime) -> Discovery:
    """Store found entities and make them due at once, in their order; the last of one ref counts.

    An entity that belongs to another location key is left alone and reported as a conflict. Runs inside the caller's
    transaction.
    """
    discovery = Discovery()
    in_order = list(found)
    for batch in batched(in_order):
        _take_in_batch(batch, discovery, now=now)
    return discovery


def _take_in_batch(batch: list[Found], discovery: Discovery, *, now: datetime) -> None:
    known = {
        row.entity_ref: row
        for row in RefreshState.objects.select_for_update()
        .filter(entity_ref__in={entity.ref for entity in batch})
        .only("entity_id", "entity_ref", "location_key", "unprocessed_hash")
        .order_by("entity_ref")
    }
    new: dict[str, RefreshState] = {}
    changed: dict[str, RefreshState] = {}
    for position, entity in enumerate(batch):
        row = known.get(entity.ref)
        if row is not None and not may_update(row.location_key, entity.location_key):
            _report_conflict(entity, row.location_key, discovery)
            continue
        if row is None:
            row = known[entity.ref] = new[entity.ref] = RefreshState(entity_id=uuid.uuid4(), entity_ref=entity.ref)
        elif entity.ref not in new:
            changed[entity.ref] = row
        row.unprocessed_entity = entity.text
        row.unprocessed_hash = entity.hash
        row.location_key = entity.location_key
        row.last_discovery_at = now
        # Microseconds keep the order in which entities were found: who claims a name first is no accident.
        row.next_update_at = now + timedelta(microseconds=position)
        discovery.accepted.add(entity.ref)
    if new:
        RefreshState.objects.bulk_create(new.values(), ignore_conflicts=True)
        _yield_lost_races(new, discovery)
    if changed:
        RefreshState.objects.bulk_update(
            changed.values(),
            ["unprocessed_entity", "unprocessed_hash", "location_key", "last_discovery_at", "next_update_at"],
            batch_size=100,
        )


def _yield_lost_races(new: dict[str, RefreshState], discovery: Discovery) -> None:
    """Give up the refs that another worker inserted at the same moment; what it found stands."""
    stored = dict(RefreshState.objects.filter(entity_ref__in=new).values_list("entity_ref", "entity_id"))
    for ref, row in new.items():
        if stored.get(ref) != row.entity_id:
            discovery.accepted.discard(ref)
            log.info("Another worker found the entity at the same time", entity=ref)


def _report_conflict(entity: Found, owner: str | None, discovery: Discovery) -> None:
    discovery.accepted.discard(entity.ref)
    discovery.conflicts[entity.ref] = owner or ""
    log.warning(
        "Two sources claim one entity name; the first keeps it. Rename one of them, or remove its file",
        entity=entity.ref,
        kept=owner,
        ignored=entity.location_key,
    )
