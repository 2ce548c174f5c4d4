"""The processing loop's step: take what is due, run it through the pipeline, store what came of it.

Three short phases, so that no lock is held while files are read: claim (which pushes the due time into the future, so
that a worker that dies is simply overtaken), process, store. A result that says nothing new writes nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.db import DataError, IntegrityError, connections
from django.db.models import Q
from django.utils import timezone

from apps.catalog.models import Priority, RefreshEdge, RefreshKey, RefreshState, Relation
from apps.catalog.operations.batches import batched
from apps.catalog.operations.causes import Parent, cause_of_relation, cause_of_run
from apps.catalog.operations.conflicts import record_conflicts
from apps.catalog.operations.discovery import Found, take_in
from apps.catalog.operations.news import tell_of_errors
from apps.catalog.operations.readers import Readers
from apps.catalog.operations.stitching import mark_for_stitching
from apps.catalog.processing import Orchestrator, ProcessingResult
from apps.catalog.processing.interval import DEFAULT_INTERVAL, processing_interval
from apps.catalog.processing.orchestrator import failed
from apps.catalog.processing.waiting import may_wait
from portal.databases import alias_for, atomic_for
from portal.entities import Entity, stable_hash
from portal.errors import InputError
from portal.services import logger

log = logger.for_plugin("catalog")

BATCH = 200
#: What has come of a batch is stored after so many seconds, though the rest of it takes longer: people look for it.
LONGEST_BATCH = 1.0


@dataclass(slots=True)
class Outcome:
    """A claimed entity and what its run gave."""

    row: RefreshState
    result: ProcessingResult
    hash: str
    state: str
    #: What the history is to say if the entity changes by it.
    cause: str

    @property
    def changed(self) -> bool:
        """Whether the run says anything that isn't stored already."""
        return self.hash != self.row.result_hash


def process_due(
    orchestrator: Orchestrator,
    *,
    limit: int = BATCH,
    readers: Readers[Outcome] | None = None,
    interactive_only: bool = False,
) -> int:
    """Process up to ``limit`` entities that are due, those first that somebody waits for; return how many were.

    With ``readers``, entities that may wait for other servers are left to them; what has come of earlier ones is stored
    and counts. Workers share the queue: on PostgreSQL each skips what another has locked.
    """
    outcomes = readers.finished() if readers is not None else []
    done = len(outcomes)
    rows = _claim(limit, interactive_only=interactive_only)
    parents = _parents(rows) if rows else {}
    began = time.monotonic()
    for row in rows:
        entity = orjson.loads(row.unprocessed_entity)
        work = partial(_run, orchestrator, row, entity, parents.get(row.entity_ref, []))
        if readers is not None and may_wait(entity, text=row.unprocessed_entity):
            readers.read(row, work)
        else:
            outcomes.append(work())
        if time.monotonic() - began > LONGEST_BATCH:
            _store_all_that_can_be(outcomes)
            outcomes, began = [], time.monotonic()
    _store_all_that_can_be(outcomes)
    return done + len(rows)


def give_back(readers: Readers[Outcome]) -> None:
    """Make due at once what readers leave unfinished, so that nobody waits for it longer than needs be."""
    for batch in batched(readers.abandon()):
        RefreshState.objects.filter(pk__in=batch).update(next_update_at=timezone.now())


def _claim(limit: int, *, interactive_only: bool) -> list[RefreshState]:
    now = timezone.now()
    shortest, longest = processing_interval() or DEFAULT_INTERVAL
    skip_locked = connections[alias_for(RefreshState)].features.has_select_for_update_skip_locked
    with atomic_for(RefreshState):
        # A time that no rest leads to comes of a clock that was wrong, or of a longer interval than the one of now.
        due = RefreshState.objects.select_for_update(skip_locked=skip_locked).filter(
            Q(next_update_at__lte=now) | Q(next_update_at__gt=now + 2 * longest)
        )
        if interactive_only:
            due = due.filter(priority=Priority.INTERACTIVE)
        rows = list(due.order_by("-priority", "next_update_at")[:limit])
        if rows and rows[0].priority:
            # Somebody waits for these: they don't share a batch with what time has brought.
            rows = [row for row in rows if row.priority]
        # One draw for the batch: the spread keeps batches apart, and they are what the load is made of.
        again = now + shortest + (longest - shortest) * random.random()
        RefreshState.objects.filter(pk__in=[row.pk for row in rows]).update(
            next_update_at=again, priority=Priority.BACKGROUND, actor=""
        )
    return rows


def _parents(rows: list[RefreshState]) -> Mapping[str, list[Parent]]:
    """Return what leads to each entity, by ref; a change of it changes the result."""
    parents: dict[str, list[Parent]] = {}
    edges = RefreshEdge.objects.filter(target_entity_ref__in=[row.entity_ref for row in rows])
    for target, key, source in edges.values_list("target_entity_ref", "source_key", "source_entity_ref"):
        parents.setdefault(target, []).append(Parent(key, source))
    return parents


def _run(orchestrator: Orchestrator, row: RefreshState, entity: Entity, parents: list[Parent]) -> Outcome:
    state: dict[str, Any] = orjson.loads(row.cache) if row.cache else {}
    result = orchestrator.process(entity, state)
    try:
        return _outcome(row, entity, result, parents)
    except (InputError, orjson.JSONEncodeError) as error:
        # What processors made of it is no JSON. That is no reason to lose the rest of the batch.
        return _outcome(
            row, entity, failed(error, state, step=f"What came of {row.entity_ref} can't be stored"), parents
        )


def _outcome(row: RefreshState, entity: Entity, result: ProcessingResult, parents: list[Parent]) -> Outcome:
    says: dict[str, Any] = {
        "errors": [error.as_dict() for error in result.errors],
        "parents": sorted(parent.name for parent in parents),
    }
    if result.ok:
        says |= {
            "entity": result.completed_entity,
            "deferred": [[deferred.location_key, deferred.entity] for deferred in result.deferred],
            "relations": sorted(map(list, result.relations)),
            "keys": sorted(result.refresh_keys),
        }
    text = orjson.dumps(result.state).decode() if result.state else ""
    cause = cause_of_run(entity, parents, ok=result.ok, actor=row.actor)
    return Outcome(row, result, stable_hash(says), text, cause)


def _store_all_that_can_be(outcomes: list[Outcome]) -> None:
    """Store outcomes together. If the database refuses that, store them apart: one must not spoil the others'."""
    try:
        _store([outcome for outcome in outcomes if outcome.changed or outcome.state != outcome.row.cache])
    except (DataError, IntegrityError) as error:
        if len(outcomes) == 1:
            _store_refusal(outcomes[0], error)
            return
        middle = len(outcomes) // 2
        _store_all_that_can_be(outcomes[:middle])
        _store_all_that_can_be(outcomes[middle:])


def _store_refusal(outcome: Outcome, error: Exception) -> None:
    row = outcome.row
    log.error("The database refuses what came of an entity", entity=row.entity_ref, exc_info=error)
    state = orjson.loads(row.cache) if row.cache else {}
    entity = orjson.loads(row.unprocessed_entity)
    _store([_outcome(row, entity, failed(error, state, step=f"What came of {row.entity_ref} can't be stored"), [])])


def _store(outcomes: list[Outcome]) -> None:
    if not outcomes:
        return
    with atomic_for(RefreshState):
        outcomes = _still_wanted(outcomes)
        changed = [outcome for outcome in outcomes if outcome.changed]
        good = [outcome for outcome in changed if outcome.result.ok]
        _update_rows(outcomes)
        _store_children(good)
        peers = _sync_relations(good)
        _sync_refresh_keys(good)
        own = {outcome.row.entity_ref: outcome.cause for outcome in changed}
        priority = max((Priority(outcome.row.priority) for outcome in changed), default=Priority.BACKGROUND)
        mark_for_stitching(causes={ref: cause for ref, cause in peers.items() if ref not in own}, priority=priority)
        mark_for_stitching(causes=own, priority=priority, own_runs=True)
        for outcome in changed:
            if outcome.result.errors:
                tell_of_errors(outcome.row, outcome.result.errors)
    for outcome in changed:
        for error in outcome.result.errors:
            log.warning(error.message, entity=outcome.row.entity_ref, error=error.name, location=error.location or None)


def _still_wanted(outcomes: list[Outcome]) -> list[Outcome]:
    """Drop the results of entities that were deleted, or claimed by another source, while they were processed."""
    ids = [outcome.row.entity_id for outcome in outcomes]
    rows = RefreshState.objects.select_for_update().filter(entity_id__in=ids).order_by("entity_id")
    keys = dict(rows.values_list("entity_id", "location_key"))
    missing = object()
    return [o for o in outcomes if keys.get(o.row.entity_id, missing) == o.row.location_key]


def _update_rows(outcomes: list[Outcome]) -> None:
    # Of a run that failed, the last good version isn't written, not even as it was: it may be newer by now.
    for ok, fields in ((True, ["processed_entity"]), (False, [])):
        # The rows are locked and there, so this only ever updates; an upsert is the batch update that databases do
        # fast.
        RefreshState.objects.bulk_create(
            [_updated(outcome) for outcome in outcomes if outcome.result.ok is ok],
            batch_size=100,
            update_conflicts=True,
            unique_fields=["entity_id"],
            update_fields=["cache", "result_hash", "errors", *fields],
        )


def _updated(outcome: Outcome) -> RefreshState:
    """Return the row as it is to be stored. The outcome's own stays as it was claimed: storing may be tried again."""
    row, result = copy(outcome.row), outcome.result
    row.cache = outcome.state
    row.result_hash = outcome.hash
    row.errors = orjson.dumps([error.as_dict() for error in result.errors]).decode() if result.errors else ""
    if result.ok:
        row.processed_entity = orjson.dumps(result.completed_entity).decode()
    return row


def _store_children(outcomes: list[Outcome]) -> None:
    """Take in what the entities emitted, and make them its parents; each child has one, the last that emitted it."""
    if not outcomes:
        return
    found = [
        (Found.of(child, actor=outcome.row.actor), outcome.row.entity_ref)
        for outcome in outcomes
        for child in outcome.result.deferred
    ]
    now = timezone.now()
    priority = max(Priority(outcome.row.priority) for outcome in outcomes)
    accepted = take_in((child for child, _ in found), now=now, priority=priority)
    parent_of = {child.ref: parent for (child, parent), yes in zip(found, accepted, strict=True) if yes}
    losers: dict[str, list[Found]] = {outcome.row.entity_ref: [] for outcome in outcomes}
    for (child, parent), yes in zip(found, accepted, strict=True):
        if not yes:
            losers[parent].append(child)
    record_conflicts(losers, now=now)
    for batch in batched(outcome.row.entity_ref for outcome in outcomes):
        RefreshEdge.objects.filter(source_entity_ref__in=batch).delete()
    for batch in batched(parent_of):
        RefreshEdge.objects.filter(target_entity_ref__in=batch).delete()
        RefreshEdge.objects.bulk_create(
            RefreshEdge(source_entity_ref=parent_of[child], target_entity_ref=child) for child in batch
        )


def _sync_relations(outcomes: list[Outcome]) -> dict[str, str]:
    """Make the stored relations those that the entities declare; return the sources of those that changed, and why."""
    refs = {outcome.row.entity_id: outcome.row.entity_ref for outcome in outcomes}
    wanted = {(o.row.entity_id, *relation) for o in outcomes for relation in o.result.relations}
    stored: dict[tuple[UUID, str, str, str], list[int]] = {}
    rows = Relation.objects.filter(originating_entity__in=[o.row.entity_id for o in outcomes]).order_by()
    columns = ("id", "originating_entity_id", "source_entity_ref", "type", "target_entity_ref")
    for pk, origin, source, kind, target in rows.values_list(*columns):
        stored.setdefault((origin, source, kind, target), []).append(pk)
    gone = stored.keys() - wanted
    added = wanted - stored.keys()
    _delete_by_id(Relation, [pk for key in gone for pk in stored[key]])
    for batch in batched(sorted(added, key=str)):
        Relation.objects.bulk_create(
            Relation(originating_entity_id=origin, source_entity_ref=source, type=kind, target_entity_ref=target)
            for origin, source, kind, target in batch
        )
    return {source: cause_of_relation(refs[origin]) for origin, source, _, _ in sorted(gone | added, key=str)}


def _sync_refresh_keys(outcomes: list[Outcome]) -> None:
    wanted = {(o.row.entity_id, key) for o in outcomes for key in o.result.refresh_keys}
    stored: dict[tuple[UUID, str], list[int]] = {}
    rows = RefreshKey.objects.filter(entity__in=[o.row.entity_id for o in outcomes])
    for pk, entity_id, key in rows.values_list("id", "entity_id", "key"):
        stored.setdefault((entity_id, key), []).append(pk)
    _delete_by_id(RefreshKey, [pk for key in stored.keys() - wanted for pk in stored[key]])
    for batch in batched(sorted(wanted - stored.keys(), key=str)):
        RefreshKey.objects.bulk_create(RefreshKey(entity_id=entity_id, key=key) for entity_id, key in batch)


def _delete_by_id(model: Any, ids: Iterable[int]) -> None:
    for batch in batched(ids):
        model.objects.filter(pk__in=batch).delete()


def next_due_at() -> datetime | None:
    """Return when the next entity is due, or None if there are no entities."""
    return RefreshState.objects.order_by("next_update_at").values_list("next_update_at", flat=True).first()
