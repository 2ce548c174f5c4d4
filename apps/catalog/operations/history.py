"""The history of entities: a row for each change, kept for as long as the configuration says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.utils import timezone

from apps.catalog.conf import conf
from apps.catalog.models import FinalEntity, HistoryEntry
from apps.catalog.operations.causes import came_from
from portal.databases import append_rows

HISTORY_COLUMNS = ("entity_ref", "entity_id", "at", "change", "cause", "before")


class Change(NamedTuple):
    """What is about to become of a final entity: its new text and hash, its text until now, and what brings it on."""

    entity_id: UUID
    entity_ref: str
    text: str
    hash: str
    before: str | None
    cause: str


def record_changes(changes: Iterable[Change], *, now: datetime) -> None:
    """Note what becomes of entities; in the transaction in which it does."""
    created, updated = HistoryEntry.Change.CREATED.value, HistoryEntry.Change.UPDATED.value
    append_rows(
        HistoryEntry,
        HISTORY_COLUMNS,
        (
            (one.entity_ref, one.entity_id, now, created if one.before is None else updated, one.cause, one.before)
            for one in changes
        ),
    )


def record_deletions(finals: Iterable[FinalEntity], *, cause: str) -> None:
    """Note that entities are about to be deleted, and where they came from."""
    now, deleted = timezone.now(), HistoryEntry.Change.DELETED.value
    append_rows(
        HistoryEntry,
        HISTORY_COLUMNS,
        (
            (
                final.entity_ref,
                final.entity_id,
                now,
                deleted,
                came_from(cause, orjson.loads(final.final_entity)),
                final.final_entity,
            )
            for final in finals
        ),
    )


def prune_history() -> int:
    """Delete what is older than ``catalog.history.retention``; return how many entries that were."""
    oldest = timezone.now() - conf.history_retention
    deleted, _ = HistoryEntry.objects.filter(at__lt=oldest).delete()
    return deleted
