"""The history of entities: a row for each change, kept for as long as the configuration says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import orjson
from django.utils import timezone

from apps.catalog.conf import conf
from apps.catalog.models import FinalEntity, HistoryEntry
from apps.catalog.operations.batches import batched
from apps.catalog.operations.causes import came_from


def record_changes(finals: Iterable[FinalEntity], *, causes: Mapping[str, str], now: datetime) -> None:
    """Note what is about to become of entities; called before they are saved, in the same transaction.

    ``causes`` maps refs to what brought the change about.
    """
    changed = list(finals)
    before: dict[UUID, str] = {}
    for batch in batched(changed):
        rows = FinalEntity.objects.filter(entity_id__in=[final.entity_id for final in batch])
        before |= dict(rows.values_list("entity_id", "final_entity"))
    change = HistoryEntry.Change
    for batch in batched(changed):
        HistoryEntry.objects.bulk_create(
            HistoryEntry(
                entity_ref=final.entity_ref,
                entity_id=final.entity_id,
                at=now,
                change=change.UPDATED if final.entity_id in before else change.CREATED,
                cause=causes.get(final.entity_ref, ""),
                before=before.get(final.entity_id),
            )
            for final in batch
        )


def record_deletions(entity_ids: Iterable[UUID], *, cause: str) -> None:
    """Note that entities are about to be deleted, and where they came from."""
    now = timezone.now()
    for batch in batched(entity_ids):
        HistoryEntry.objects.bulk_create(
            HistoryEntry(
                entity_ref=final.entity_ref,
                entity_id=final.entity_id,
                at=now,
                change=HistoryEntry.Change.DELETED,
                cause=came_from(cause, orjson.loads(final.final_entity)),
                before=final.final_entity,
            )
            for final in FinalEntity.objects.filter(entity_id__in=batch)
        )


def prune_history() -> int:
    """Delete what is older than ``catalog.history.retention``; return how many entries that were."""
    oldest = timezone.now() - conf.history_retention
    deleted, _ = HistoryEntry.objects.filter(at__lt=oldest).delete()
    return deleted
