"""Stitching: join what processing made of an entity with what others say about it, and index the result."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.db import DataError, IntegrityError, connections
from django.utils import timezone

from apps.catalog.models import FinalEntity, Priority, RefreshEdge, RefreshState, Relation, StitchRequest
from apps.catalog.operations.history import Change, record_changes
from apps.catalog.operations.indexing import save_index
from apps.catalog.processing.final_entity import final_entity
from apps.catalog.processing.indexing import EntityIndex, index_of
from portal.databases import alias_for, append_rows, atomic_for, delete_rows, retried_for, update_rows, upsert_rows
from portal.errors import PortalError
from portal.services import logger

log = logger.for_plugin("catalog")

BATCH = 500

REQUEST_COLUMNS = ("entity_ref", "ticket", "next_stitch_at", "priority", "cause")
FINAL_COLUMNS = ("entity_id", "entity_ref", "final_entity", "hash", "last_updated_at")


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
    # In the order of the refs, so that of two who ask for the same entities one waits for the other.
    rows = ((ref, uuid.uuid4(), now, priority.value, cause) for ref, cause in sorted(causes.items()))
    upsert_rows(StitchRequest, REQUEST_COLUMNS, rows, key=["entity_ref"], update=renewed)


def stitch_pending(*, limit: int = BATCH, interactive_only: bool = False) -> int:
    """Stitch up to ``limit`` entities that wait for it; return how many did.

    All in one transaction: a worker that dies leaves the queue as it was.
    """
    return retried_for(StitchRequest, partial(_stitch_pending, limit, interactive_only=interactive_only))


def _stitch_pending(limit: int, *, interactive_only: bool) -> int:
    skip_locked = connections[alias_for(StitchRequest)].features.has_select_for_update_skip_locked
    with atomic_for(StitchRequest):
        waiting = StitchRequest.objects.select_for_update(skip_locked=skip_locked)
        if interactive_only:
            waiting = waiting.filter(priority=Priority.INTERACTIVE)
        rows = waiting.order_by("-priority", "next_stitch_at").values_list("entity_ref", "ticket", "cause")
        requests = list(rows[:limit])
        if not requests:
            return 0
        _stitch_all_that_can_be({ref: cause for ref, _, cause in requests})
        # By ticket: a request that came in meanwhile has another one and stays.
        delete_rows(StitchRequest, ["entity_ref", "ticket"], [(ref, ticket) for ref, ticket, _ in requests])
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
    rows = _processed(refs)
    relations = _relations(refs)
    with_parent = set(
        RefreshEdge.objects.filter(target_entity_ref__in=refs).values_list("target_entity_ref", flat=True)
    )
    finals = FinalEntity.objects.select_for_update().filter(entity_id__in=[row.entity_id for row in rows])
    stored = {pk: (digest, text) for pk, digest, text in finals.values_list("entity_id", "hash", "final_entity")}
    now = timezone.now()
    changes: list[Change] = []
    indexes: dict[UUID, EntityIndex] = {}
    indexed_before: dict[UUID, EntityIndex] = {}
    for row in rows:
        entity, digest = final_entity(
            orjson.loads(row.processed_entity or "{}"),
            entity_id=str(row.entity_id),
            relations=relations.get(row.entity_ref, []),
            errors=orjson.loads(row.errors) if row.errors else [],
            orphan=row.entity_ref not in with_parent,
        )
        known, before = stored.get(row.entity_id, ("", None))
        if known == digest:
            continue
        try:
            indexes[row.entity_id] = index_of(entity)
        except PortalError as error:
            log.error("The entity can't be indexed", entity=row.entity_ref, reason=error.message)
            continue
        if before is not None:
            indexed_before[row.entity_id] = index_of(orjson.loads(before))
        text = orjson.dumps(entity).decode()
        changes.append(Change(row.entity_id, row.entity_ref, text, digest, before, causes[row.entity_ref]))
    record_changes(changes, now=now)
    _save([(*change[:4], now) for change in changes], known=stored.keys())
    save_index(indexes, before=indexed_before)


def _processed(refs: Sequence[str]) -> list[RefreshState]:
    """Return the rows of entities that have been processed. They can't be deleted until the transaction ends."""
    rows = RefreshState.objects.filter(entity_ref__in=refs, processed_entity__isnull=False)
    rows = rows.only("entity_id", "entity_ref", "processed_entity", "errors")
    if connections[rows.db].vendor != "postgresql":
        return list(rows)
    # Django has no word for this lock, which keeps rows from being deleted, and from nothing else.
    query, params = rows.query.sql_with_params()
    return list(RefreshState.objects.using(rows.db).raw(f"{query} FOR KEY SHARE", params))


def _relations(refs: list[str]) -> Mapping[str, list[tuple[str, str]]]:
    """Return ``(type, target)`` of all relations whose source is one of ``refs``, sorted and without doubles."""
    found: dict[str, set[tuple[str, str]]] = {}
    rows = Relation.objects.filter(source_entity_ref__in=refs).order_by()
    for source, kind, target in rows.values_list("source_entity_ref", "type", "target_entity_ref"):
        found.setdefault(source, set()).add((kind, target))
    return {source: sorted(pairs) for source, pairs in found.items()}


def _save(rows: Sequence[tuple[Any, ...]], *, known: Collection[UUID]) -> None:
    append_rows(FinalEntity, FINAL_COLUMNS, [row for row in rows if row[0] not in known])
    changed = [row for row in rows if row[0] in known]
    if changed:
        update_rows(FinalEntity, FINAL_COLUMNS, changed, key=FINAL_COLUMNS[:1])


def stitching_backlog() -> dict[str, Any]:
    """Return how many entities wait for stitching, and since when the longest."""
    first = StitchRequest.objects.order_by("next_stitch_at").values_list("next_stitch_at", flat=True).first()
    return {"waiting": StitchRequest.objects.count(), "since": first}
