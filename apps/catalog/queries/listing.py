"""What pages list: a page of entities with the total, and how many somebody owns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.catalog.models import NO_VALUE
from apps.catalog.queries.cursors import Order
from apps.catalog.queries.filters import EVERYTHING, AllOf, AnyOf, Contains, Filter, Matches, both
from apps.catalog.queries.paging import read_page
from apps.catalog.queries.sql import Sql, members, sql
from apps.catalog.queries.statements import fetch
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials

#: Where a text is looked for, beside tags, of which one must be equal to it. As in Backstage.
SEARCHED_FIELDS = ("metadata.name", "metadata.title", "spec.profile.displayname", "spec.target", "spec.targets")
BY_NAME = Order("metadata.name")


@dataclass(frozen=True, slots=True)
class EntityListing:
    """A page of a list: stored JSON texts, how many there are in all, and where the page starts."""

    items: list[str]
    total: int
    offset: int = 0


def entity_listing(
    *, credentials: Credentials, filter: Filter = EVERYTHING, text: str = "", limit: int, offset: int = 0
) -> EntityListing:
    """Return a page of entities by name, and the total. One statement; two if the offset is beyond the end.

    Each word of ``text`` must be inside a name, title or target of the entity, or be one of its tags. An offset beyond
    the end gives the last page.
    """
    wanted = both(filter, visible_to(credentials))
    if words := text.lower().split():
        wanted = both(AllOf(tuple(map(_has_word, words))), wanted)
    total, found = read_page(wanted, BY_NAME, limit=limit, offset=offset)
    last = max(0, total - 1) // limit * limit
    if offset > last:
        offset = last
        found = read_page(wanted, BY_NAME, limit=limit, offset=offset, count=False)[1] if total else []
    return EntityListing([row.text for row in found], total, offset)


def _has_word(word: str) -> Filter:
    return AnyOf((Contains(SEARCHED_FIELDS, word), Matches("metadata.tags", (word,))))


@dataclass(frozen=True, slots=True)
class OwnedCount:
    """How many entities of one kind and type there are; ``type`` is empty for kinds without one."""

    kind: str
    type: str
    count: int


def owned_counts(refs: Collection[str], *, credentials: Credentials) -> list[OwnedCount]:
    """Return how many entities are owned by one of ``refs``, by kind and type, the most first. One statement."""
    owned = both(Matches("relations.ownedBy", tuple(refs)), visible_to(credentials))
    statement = sql(
        "SELECT COALESCE(k.original_value, k.value), COALESCE(o.original_value, NULLIF(o.value, %s), ''), COUNT(*) "
        "FROM ({}) m CROSS JOIN catalog_searchentry k "
        "LEFT JOIN catalog_searchentry o ON o.entity_id = m.entity_id AND o.key = 'spec.type' "
        "WHERE k.entity_id = m.entity_id AND k.key = 'kind' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        members(owned),
    )
    return [OwnedCount(*row) for row in fetch(Sql(statement.text, (NO_VALUE, *statement.params)))]
