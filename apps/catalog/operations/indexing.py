"""Keeping the index of final entities: what has changed in it is written, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connections
from django.db.models import Count

from apps.catalog.models import EntityCount, EntitySummary, FinalEntity, SearchEntry
from apps.catalog.processing.indexing import (
    COUNT_COLUMNS,
    ENTRY_COLUMNS,
    SUMMARY_COLUMNS,
    EntityIndex,
    count_changes,
    entry_rows,
    summary_row,
)
from portal.databases import alias_for, append_rows, atomic_for, delete_rows, update_rows


def save_index(indexes: Mapping[UUID, EntityIndex], *, before: Mapping[UUID, EntityIndex]) -> None:
    """Index entities. ``before`` has the indexes of those that were indexed before, as they were."""
    gone, new = [], []
    for entity_id, index in indexes.items():
        if entity_id in before:
            known, wanted = set(before[entity_id].entries), set(index.entries)
            gone += entry_rows(entity_id, known - wanted)
            new += entry_rows(entity_id, wanted - known)
        else:
            new += entry_rows(entity_id, index.entries)
    if gone:
        delete_rows(SearchEntry, ENTRY_COLUMNS[:3], [row[:3] for row in gone])
    append_rows(SearchEntry, ENTRY_COLUMNS, new)
    rows = [summary_row(entity_id, index) for entity_id, index in indexes.items() if entity_id not in before]
    append_rows(EntitySummary, SUMMARY_COLUMNS, rows)
    rows = [
        row
        for entity_id, index in indexes.items()
        if entity_id in before and (row := summary_row(entity_id, index)) != summary_row(entity_id, before[entity_id])
    ]
    if rows:
        update_rows(EntitySummary, SUMMARY_COLUMNS, rows, key=SUMMARY_COLUMNS[:1])
    append_rows(EntityCount, COUNT_COLUMNS, count_changes(added=indexes.values(), removed=before.values()))


def remove_index(indexes: Mapping[UUID, EntityIndex]) -> None:
    """Remove what is indexed of entities that are deleted."""
    for rows in (SearchEntry.objects.filter(entity__in=indexes), EntitySummary.objects.filter(entity__in=indexes)):
        rows._raw_delete(rows.db)
    append_rows(EntityCount, COUNT_COLUMNS, count_changes(added=(), removed=indexes.values()))


def refresh_statistics() -> None:
    """Have the database look at how the index is filled by now: it plans by that, and looks on its own only later."""
    connection = connections[alias_for(SearchEntry)]
    tables = (FinalEntity, EntitySummary, SearchEntry, EntityCount)
    with connection.cursor() as cursor:
        for model in tables if connection.vendor in {"postgresql", "sqlite"} else ():
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def sum_up_counts() -> None:
    """Put one row in the place of several that count the same, and none in the place of those that come to nothing."""
    same = COUNT_COLUMNS[:-1]
    several = EntityCount.objects.values(*same).annotate(rows=Count("id")).filter(rows__gt=1)
    keys = set(several.values_list("key", flat=True))
    for key in sorted(keys):
        _sum_up(key, same)


def _sum_up(key: str, same: Sequence[str]) -> None:
    skip_locked = connections[alias_for(EntityCount)].features.has_select_for_update_skip_locked
    with atomic_for(EntityCount):
        # What is being summed up by somebody else, or not yet committed, is left out, and counts as it stands.
        rows = EntityCount.objects.select_for_update(skip_locked=skip_locked).filter(key=key)
        sums: Counter[tuple[str, ...]] = Counter()
        ids: list[tuple[int]] = []
        for pk, count, *group in rows.values_list("id", "count", *same):
            sums[tuple(group)] += count
            ids.append((pk,))
        delete_rows(EntityCount, ["id"], ids)
        append_rows(EntityCount, COUNT_COLUMNS, _rows(sums.items()))


def _rows(sums: Iterable[tuple[tuple[str, ...], int]]) -> list[tuple[str | int, ...]]:
    return [(*group, count) for group, count in sorted(sums) if count]
