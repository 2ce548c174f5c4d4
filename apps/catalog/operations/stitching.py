"""Stitching: join what processing made of an entity with what others say about it, and index the result."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db import DataError, IntegrityError, connections
from django.utils import timezone

from apps.catalog.models import (
    FinalEntity,
    Priority,
    RefreshEdge,
    RefreshState,
    Relation,
    SearchEntry,
    StitchRequest,
)
from apps.catalog.operations.batches import batched
from apps.catalog.operations.history import record_changes
from apps.catalog.processing.final_entity import final_entity
from portal.databases import alias_for, atomic_for
from portal.entities import search_rows
from portal.errors import PortalError
from portal.services import logger

log = logger.for_plugin("catalog")

BATCH = 200

SearchRow = tuple[str, str | None, str | None]


def mark_for_stitching(
    *, causes: Mapping[str, str], priority: Priority = Priority.BACKGROUND, own_runs: bool = False
) -> None:
    """Ask for entities to be stitched. One that waits already keeps its place in the queue and gets a new ticket.

    ``causes`` maps their refs to what the history is to say of it. Of several requests for one entity the first one's
    is kept, unless a later one comes of its ``own_runs``: that says more than what others say of it.
    """
    now = timezone.now()
    # What somebody waits for moves ahead; a request in the background doesn't send it back.
    renewed = ["ticket", *(["priority"] if priority else []), *(["cause"] if own_runs else [])]
    for batch in batched(sorted(causes.items())):
        StitchRequest.objects.bulk_create(
            [
                StitchRequest(entity_ref=ref, ticket=uuid.uuid4(), next_stitch_at=now, priority=priority, cause=cause)
                for ref, cause in batch
            ],
            update_conflicts=True,
            unique_fields=["entity_ref"],
            update_fields=renewed,
        )


def stitch_pending(*, limit: int = BATCH, interactive_only: bool = False) -> int:
    """Stitch up to ``limit`` entities that wait for it; return how many did.

    All in one transaction: a worker that dies leaves the queue as it was.
    """
    skip_locked = connections[alias_for(StitchRequest)].features.has_select_for_update_skip_locked
    with atomic_for(StitchRequest):
        waiting = StitchRequest.objects.select_for_update(skip_locked=skip_locked)
        if interactive_only:
            waiting = waiting.filter(priority=Priority.INTERACTIVE)
        requests = list(waiting.order_by("-priority", "next_stitch_at")[:limit])
        if not requests:
            return 0
        _stitch_all_that_can_be({request.entity_ref: request.cause for request in requests})
        # By ticket: a request that came in meanwhile has another one and stays.
        StitchRequest.objects.filter(ticket__in=[request.ticket for request in requests]).delete()
    return len(requests)


def _stitch_all_that_can_be(causes: Mapping[str, str]) -> None:
    """Stitch entities together. If the database refuses that, stitch them apart: one must not hold up the queue."""
    try:
        with atomic_for(StitchRequest):
            _stitch(causes)
    except (DataError, IntegrityError) as error:
        if len(causes) == 1:
            log.error("The database refuses an entity", entity=next(iter(causes)), exc_info=error)
            return
        items, middle = list(causes.items()), len(causes) // 2
        _stitch_all_that_can_be(dict(items[:middle]))
        _stitch_all_that_can_be(dict(items[middle:]))


def _stitch(causes: Mapping[str, str]) -> None:
    refs = list(causes)
    rows = list(
        RefreshState.objects.filter(entity_ref__in=refs, processed_entity__isnull=False).only(
            "entity_id", "entity_ref", "processed_entity", "errors"
        )
    )
    relations = _relations(refs)
    with_parent = set(
        RefreshEdge.objects.filter(target_entity_ref__in=refs).values_list("target_entity_ref", flat=True)
    )
    stored = dict(
        FinalEntity.objects.filter(entity_id__in=[row.entity_id for row in rows]).values_list("entity_id", "hash")
    )
    now = timezone.now()
    finals: list[FinalEntity] = []
    index: dict[UUID, set[SearchRow]] = {}
    for row in rows:
        entity, digest = final_entity(
            orjson.loads(row.processed_entity or "{}"),
            entity_id=str(row.entity_id),
            relations=relations.get(row.entity_ref, []),
            errors=orjson.loads(row.errors) if row.errors else [],
            orphan=row.entity_ref not in with_parent,
        )
        if stored.get(row.entity_id) == digest:
            continue
        try:
            index[row.entity_id] = set(search_rows(entity))
        except PortalError as error:
            log.error("The entity can't be indexed", entity=row.entity_ref, reason=error.message)
            continue
        finals.append(
            FinalEntity(
                entity_id=row.entity_id,
                entity_ref=row.entity_ref,
                final_entity=orjson.dumps(entity).decode(),
                hash=digest,
                last_updated_at=now,
            )
        )
    record_changes(finals, causes=causes, now=now)
    _save(finals, index, indexed_before=stored.keys() & index.keys())


def _relations(refs: list[str]) -> Mapping[str, list[tuple[str, str]]]:
    """Return ``(type, target)`` of all relations whose source is one of ``refs``, sorted and without doubles."""
    found: dict[str, set[tuple[str, str]]] = {}
    rows = Relation.objects.filter(source_entity_ref__in=refs).order_by()
    for source, kind, target in rows.values_list("source_entity_ref", "type", "target_entity_ref"):
        found.setdefault(source, set()).add((kind, target))
    return {source: sorted(pairs) for source, pairs in found.items()}


def _save(finals: list[FinalEntity], index: dict[UUID, set[SearchRow]], *, indexed_before: set[UUID]) -> None:
    FinalEntity.objects.bulk_create(
        finals,
        batch_size=100,
        update_conflicts=True,
        unique_fields=["entity_id"],
        update_fields=["entity_ref", "final_entity", "hash", "last_updated_at"],
    )
    gone: list[int] = []
    entries = SearchEntry.objects.filter(entity__in=indexed_before)
    for pk, entity_id, key, value, original in entries.values_list("id", "entity_id", "key", "value", "original_value"):
        try:
            index[entity_id].remove((key, value, original))
        except KeyError:
            gone.append(pk)
    for batch in batched(gone):
        SearchEntry.objects.filter(pk__in=batch).delete()
    new = (
        SearchEntry(entity_id=entity_id, key=key, value=value, original_value=original)
        for entity_id, rows in index.items()
        for key, value, original in rows
    )
    for entries_batch in batched(new, 2000):
        SearchEntry.objects.bulk_create(entries_batch)


def stitching_backlog() -> dict[str, Any]:
    """Return how many entities wait for stitching, and since when the longest."""
    first = StitchRequest.objects.order_by("next_stitch_at").values_list("next_stitch_at", flat=True).first()
    return {"waiting": StitchRequest.objects.count(), "since": first}
