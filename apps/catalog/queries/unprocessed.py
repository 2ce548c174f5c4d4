"""Entities in the pipeline that aren't served: every run of theirs failed, or the first is to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps.catalog.models import FinalEntity, RefreshState
from apps.catalog.queries.refresh_states import Problem, problems_in

UnprocessedState = Literal["failed", "pending"]


@dataclass(frozen=True, slots=True)
class Unprocessed:
    """An entity that isn't served: what is wrong with it, if anything, and what was read of it."""

    id: UUID
    ref: str
    problems: list[Problem]
    #: Of the location that holds it; empty if nothing does.
    location: str
    next_run_at: datetime
    last_found_at: datetime
    entity: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UnprocessedListing:
    """A page of them, how many there are in each state, and where the page starts."""

    items: list[Unprocessed]
    failed: int
    pending: int
    offset: int = 0


def unprocessed_listing(state: UnprocessedState, *, text: str = "", limit: int, offset: int = 0) -> UnprocessedListing:
    """Return a page of the entities that aren't served, by ref. Two queries.

    ``text`` has to be in the ref. An offset beyond the end gives the last page.
    """
    rows = _unserved()
    if text:
        rows = rows.filter(entity_ref__contains=text.lower())
    counts = rows.aggregate(failed=Count("pk", filter=~Q(errors="")), pending=Count("pk", filter=Q(errors="")))
    offset = min(offset, max(0, counts[state] - 1) // limit * limit)
    rows = rows.exclude(errors="") if state == "failed" else rows.filter(errors="")
    found = rows.order_by("entity_ref")[offset : offset + limit]
    return UnprocessedListing([_unprocessed(row) for row in found], counts["failed"], counts["pending"], offset)


def failed_entities(*, owner: str | None = None) -> list[dict[str, Any]]:
    """Return what failed and never succeeded, by ref, in the form of the table; ``owner`` is ``spec.owner`` exactly."""
    return _rows(_unserved().exclude(errors=""), owner)


def pending_entities(*, owner: str | None = None) -> list[dict[str, Any]]:
    """Return what is yet to be processed or stitched for the first time, likewise."""
    return _rows(_unserved().filter(errors=""), owner)


def _unserved() -> QuerySet[RefreshState]:
    return RefreshState.objects.filter(~Exists(FinalEntity.objects.filter(entity_id=OuterRef("entity_id"))))


def _rows(states: QuerySet[RefreshState], owner: str | None) -> list[dict[str, Any]]:
    rows = [_row(state) for state in states.order_by("entity_ref")]
    return rows if owner is None else [row for row in rows if _owner_of(row["unprocessed_entity"]) == owner]


def _row(state: RefreshState) -> dict[str, Any]:
    row: dict[str, Any] = {
        "entity_id": state.entity_id,
        "entity_ref": state.entity_ref,
        "unprocessed_entity": orjson.loads(state.unprocessed_entity),
        "unprocessed_hash": state.unprocessed_hash,
        "result_hash": state.result_hash,
        "next_update_at": state.next_update_at,
        "last_discovery_at": state.last_discovery_at,
        "location_key": state.location_key,
    }
    for name in ("processed_entity", "errors", "cache"):
        if stored := getattr(state, name):
            row[name] = orjson.loads(stored)
    return row


def _unprocessed(row: RefreshState) -> Unprocessed:
    return Unprocessed(
        id=row.entity_id,
        ref=row.entity_ref,
        problems=problems_in(row.errors),
        location=row.location_key or "",
        next_run_at=row.next_update_at,
        last_found_at=row.last_discovery_at,
        entity=orjson.loads(row.unprocessed_entity),
    )


def _owner_of(entity: dict[str, Any]) -> Any:
    spec = entity.get("spec")
    return spec.get("owner") if isinstance(spec, dict) else None
