"""What is indexed of a final entity: rows for each of the index's tables, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from apps.catalog.models import COUNTED_KEYS, NO_VALUE
from portal.entities import Entity, search_rows

ENTRY_COLUMNS = ("key", "value", "entity_id", "original_value")
SUMMARY_COLUMNS = ("entity_id", "kind", "name", "title", "description")
COUNT_COLUMNS = ("key", "kind", "original_value", "value", "count")


_SUMMARISED = frozenset({"kind", "metadata.name", "metadata.title", "metadata.description"})


class Entry(NamedTuple):
    """A value of a field. ``original`` is the text as it was written, where ``value``, which is lowercase, isn't."""

    key: str
    value: str
    original: str | None


class Counted(NamedTuple):
    """A value that is counted, by the kind of the entity that has it."""

    key: str
    kind: str
    original: str
    value: str


class EntityIndex(NamedTuple):
    """All that is indexed of one entity."""

    entries: frozenset[Entry]
    kind: str
    name: str
    title: str
    description: str

    @property
    def counted(self) -> list[Counted]:
        """The values that are counted."""
        return [
            Counted(entry.key, self.kind, entry.original or entry.value, entry.value)
            for entry in self.entries
            if entry.key in COUNTED_KEYS and entry.value != NO_VALUE
        ]


def index_of(entity: Entity) -> EntityIndex:
    """Work out the index of a final entity. Raises ``InputError`` if a filter on it could be misunderstood."""
    texts: dict[str, str] = {}
    entries = []
    for key, value, original in search_rows(entity):
        if value is None:
            entries.append(Entry(key, NO_VALUE, None))
            continue
        entries.append(Entry(key, value, None if original == value else original))
        if key in _SUMMARISED:
            texts[key] = value
    return EntityIndex(
        frozenset(entries),
        texts.get("kind", ""),
        texts.get("metadata.name", ""),
        texts.get("metadata.title", ""),
        texts.get("metadata.description", ""),
    )


def entry_row(entity_id: UUID, entry: Entry) -> tuple[str, str, UUID, str | None]:
    """Return a row of ``SearchEntry``."""
    return entry.key, entry.value, entity_id, entry.original


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
