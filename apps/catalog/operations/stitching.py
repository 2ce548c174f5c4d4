"""Stitching: join what processing made of an entity with what others say about it, and index the result."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
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
from portal.databases import (
    Lock,
    alias_for,
    append_rows,
    atomic_for,
    delete_rows,
    retried_for,
    select_rows,
    update_rows,
    upsert_rows,
)
from portal.errors import PortalError
from portal.services import logger
from portal.services.lifecycle import garbage_waits

log = logger.for_plugin("catalog")

BATCH = 500

REQUEST_COLUMNS = ("entity_ref", "ticket", "next_stitch_at", "priority", "cause")
STATE_COLUMNS = ("entity_id", "entity_ref", "processed_entity", "errors")
TARGET = "target_entity_ref"
FINAL_COLUMNS = ("entity_id", "entity_ref", "final_entity", "hash", "last_updated_at")


def mark_for_stitching(
    *,
    causes: Mapping[str, str],
    of_runs: Mapping[str, str] = MappingProxyType({}),
    priority: Priority = Priority.BACKGROUND,
) -> None:
    """Ask for entities to be stitched. One that waits already keeps its place in the queue and gets a new ticket.

    ``causes`` maps their refs to what the history is to say of it. Of several requests for one entity the first one's
    is kept, unless a later one comes ``of_runs`` of its own: that says more than what others say of it.
    """
    now = timezone.now()
    # What somebody waits for moves ahead; a request in the background doesn't send it back.
    renewed = ["ticket", *(["priority"] if priority else [])]
    # All at once and in the order of their refs, so that of two who ask for the same ones each waits for the other.
    wanted = sorted({**causes, **of_runs}.items())
    ticket = uuid.uuid4()
    rows = ((ref, ticket, now, priority.value, cause) for ref, cause in wanted)
    upsert_rows(StitchRequest, REQUEST_COLUMNS, rows, key=["entity_ref"], update=renewed)
    if of_runs:
        update_rows(StitchRequest, ("entity_ref", "cause"), of_runs.items(), key=["entity_ref"])


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


@garbage_waits
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
    # They can't be deleted until the transaction ends.
    states = list(select_rows(RefreshState, STATE_COLUMNS, key="entity_ref", values=refs, lock=Lock.DELETE))
    relations = _relations(refs)
    with_parent = {ref for (ref,) in select_rows(RefreshEdge, [TARGET], key=TARGET, values=refs)}
    finals = select_rows(
        FinalEntity, FINAL_COLUMNS, key="entity_id", values=[row[0] for row in states], lock=Lock.CHANGE
    )
    stored = {entity_id: (digest, text) for entity_id, _, text, digest, _ in finals}
    now = timezone.now()
    changes: list[Change] = []
    indexes: dict[UUID, EntityIndex] = {}
    indexed_before: dict[UUID, EntityIndex] = {}
    for entity_id, ref, processed, errors in states:
        if processed is None:
            continue
        entity, digest = final_entity(
            orjson.loads(processed),
            entity_id=str(entity_id),
            relations=relations.get(ref, []),
            errors=orjson.loads(errors) if errors else [],
            orphan=ref not in with_parent,
        )
        known, before = stored.get(entity_id, ("", None))
        if known == digest:
            continue
        try:
            indexes[entity_id] = index_of(entity)
        except PortalError as error:
            log.error("The entity can't be indexed", entity=ref, reason=error.message)
            continue
        if before is not None:
            indexed_before[entity_id] = index_of(orjson.loads(before))
        changes.append(Change(entity_id, ref, orjson.dumps(entity).decode(), digest, before, causes[ref]))
    record_changes(changes, now=now)
    _save([(*change[:4], now) for change in changes], known=stored.keys())
    save_index(indexes, before=indexed_before)


def _relations(refs: list[str]) -> Mapping[str, list[tuple[str, str]]]:
    """Return ``(type, target)`` of all relations whose source is one of ``refs``, sorted and without doubles."""
    found: dict[str, set[tuple[str, str]]] = {}
    columns = ("source_entity_ref", "type", "target_entity_ref")
    for source, kind, target in select_rows(Relation, columns, key="source_entity_ref", values=refs):
        found.setdefault(source, set()).add((kind, target))
    return {source: sorted(pairs) for source, pairs in found.items()}


def _save(rows: Sequence[tuple[Any, ...]], *, known: Collection[UUID]) -> None:
    append_rows(FinalEntity, FINAL_COLUMNS, [row for row in rows if row[0] not in known])
    changed = [row for row in rows if row[0] in known]
    if changed:
        update_rows(FinalEntity, FINAL_COLUMNS, changed, key=FINAL_COLUMNS[:1])


def waiting_since() -> tuple[datetime, datetime] | None:
    """Return when the first and the last of the requests came in that nobody waits for; None if there are none."""
    requests = StitchRequest.objects.filter(priority=Priority.BACKGROUND)
    first = requests.order_by("next_stitch_at").values_list("next_stitch_at", flat=True).first()
    last = requests.order_by("-next_stitch_at").values_list("next_stitch_at", flat=True).first()
    return None if first is None or last is None else (first, last)
