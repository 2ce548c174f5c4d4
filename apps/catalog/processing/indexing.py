"""What is indexed of a final entity: rows for each of the index's tables, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from apps.catalog.models import COUNTED_KEYS, NO_VALUE
from portal.entities import Entity, SearchRow, search_rows

ENTRY_COLUMNS = ("key", "value", "entity_id", "original_value")
SUMMARY_COLUMNS = ("entity_id", "kind", "name", "title", "description")
COUNT_COLUMNS = ("key", "kind", "original_value", "value", "count")


_SUMMARISED = frozenset({"kind", "metadata.name", "metadata.title", "metadata.description"})


#: A value that is counted: its key, the kind of the entity that has it, its original text, and its text in lowercase.
Counted = tuple[str, str, str, str]


class EntityIndex(NamedTuple):
    """All that is indexed of one entity."""

    #: Distinct, in the order of the entity's fields.
    entries: Sequence[SearchRow]
    kind: str
    name: str
    title: str
    description: str

    @property
    def counted(self) -> list[Counted]:
        """The values that are counted."""
        return [
            (key, self.kind, original, value)
            for key, value, original in self.entries
            if key in COUNTED_KEYS and value is not None and original is not None
        ]


def index_of(entity: Entity) -> EntityIndex:
    """Work out the index of a final entity. Raises ``InputError`` if a filter on it could be misunderstood."""
    rows = search_rows(entity)
    texts = {key: value for key, value, _ in rows if key in _SUMMARISED and value is not None}
    return EntityIndex(
        rows,
        texts.get("kind", ""),
        texts.get("metadata.name", ""),
        texts.get("metadata.title", ""),
        texts.get("metadata.description", ""),
    )


def entry_rows(entity_id: UUID, rows: Iterable[SearchRow]) -> list[tuple[str, str, UUID, str | None]]:
    """Return rows of ``SearchEntry``."""
    return [
        (key, NO_VALUE, entity_id, None)
        if value is None
        else (key, value, entity_id, None if original == value else original)
        for key, value, original in rows
    ]


def summary_row(entity_id: UUID, index: EntityIndex) -> tuple[UUID, str, str, str, str]:
    """Return the row of ``EntitySummary``."""
    return (entity_id, *index[1:])


def count_changes(
    *, added: Iterable[EntityIndex], removed: Iterable[EntityIndex] = ()
) -> list[tuple[str, str, str, str, int]]:
    """Return by how much the rows of ``EntityCount`` change, in the order of their keys."""
    changes = Counter(counted for index in added for counted in index.counted)
    changes.subtract(counted for index in removed for counted in index.counted)
    return [(*counted, change) for counted, change in sorted(changes.items()) if change]
