"""Entities in the pipeline that aren't served: every run of theirs failed, or the first is to come."""

from __future__ import annotations

from typing import Any

import orjson
from django.db.models import Exists, OuterRef, QuerySet

from apps.catalog.models import FinalEntity, RefreshState


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


def _owner_of(entity: dict[str, Any]) -> Any:
    spec = entity.get("spec")
    return spec.get("owner") if isinstance(spec, dict) else None
