"""Which rows to read for a question, and from where: the entities that a filter holds for, in some order.

A few rows in order are read along an index that has this order, and tested; unless few entities meet the filter, which
are better found first and sorted then. Texts of entities are fetched last, when it is known which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from apps.catalog.models import NO_VALUE
from apps.catalog.queries.bounds import MAX_ROWS
from apps.catalog.queries.cursors import Order
from apps.catalog.queries.filters import EVERYTHING, Contains, Filter, Matches, one_kind
from apps.catalog.queries.sql import (
    MANY,
    SINGLE_KEYS,
    SOME,
    TRUE,
    Row,
    Sql,
    all_of,
    holds,
    joined,
    looked_up,
    meets,
    members,
    parted,
    parted_keys,
    rank,
    single_column,
    sql,
)

#: The text of the entity of a row ``page``. Not a join: nothing is ever sorted or hashed together with its text.
TEXT = "(SELECT f.final_entity FROM catalog_finalentity f WHERE f.entity_id = page.entity_id)"
NAME = "metadata.name"


class Selection(NamedTuple):
    """A query's ``FROM`` and ``WHERE``, its column of ids, and that of the values it is sorted by, if it is."""

    source: Sql
    id: str
    value: str = ""

    @property
    def columns(self) -> str:
        """What is selected: ``entity_id`` and ``value``."""
        return f"{self.id} AS entity_id, {self.value or 'NULL'} AS value"


class Place(NamedTuple):
    """A place in an order: the value that is sorted by, if it is sorted, and the entity's id, both as stored."""

    value: str | None
    id: Any


def select(filter: Filter, order: Order | None, *, inside: Contains | None = None, whole: bool = False) -> Selection:
    """Return the entities that a filter holds for and that have the field they are sorted by.

    ``inside`` is a text that the value must contain which they are sorted by: of several values that an entity has, it
    leaves some out. ``whole`` says that all rows are needed, as for counting them, and not the first ones.
    """
    first, rest = parted(filter)
    parts = [first, *rest]
    few = rank(first) <= (MANY if whole else SOME)
    # A text that is looked for in the summary alone is looked for right there.
    summarised = isinstance(first, Contains) and not parted_keys(first)[1]
    if order is None:
        if not _is_one_value(first) and (summarised or not few):
            return _summaries(parts, scanned=summarised)
        others = all_of(holds(part, Row("m.entity_id")) for part in rest)
        return Selection(sql("FROM ({}) m WHERE {}", members(first), others), "m.entity_id")
    if order.field.lower() != NAME:
        return _entries(order, first, rest, inside=inside, few=few)
    if few and not summarised and not whole:
        others = all_of(holds(part, Row("m.entity_id", looked_up=True)) for part in rest)
        found = sql("FROM ({}) m WHERE {}", members(first), others)
        return Selection(found, "m.entity_id", looked_up("name", "m.entity_id"))
    if few and not summarised:
        others = all_of(holds(part, Row("s.entity_id", "s")) for part in rest)
        source = "FROM ({}) m CROSS JOIN catalog_entitysummary s WHERE s.entity_id = m.entity_id AND {}"
        return Selection(sql(source, members(first), others), "s.entity_id", "s.name")
    if whole or summarised or one_kind(filter) is not None:
        return _summaries(parts, value="s.name", scanned=summarised)
    return _entries(order, first, rest, few=False)


def has_one_plan(filter: Filter, order: Order | None) -> bool:
    """Say whether values make no difference to how the first rows are found.

    Either they are read off one index, with nothing to test. Or they are few, and looked up one by one.
    """
    first, rest = parted(filter)
    if not rest and (first == EVERYTHING or (order is None and _is_one_value(first))):
        return True
    if order is None or order.field.lower() != NAME or not _is_one_value(first):
        return False
    by_summary = all(isinstance(part, Matches) and single_column(part.key) for part in rest)
    return by_summary if rank(first) <= SOME else not rest and one_kind(first) is not None


def page(
    selection: Selection,
    order: Order | None,
    *,
    place: Place | None = None,
    backwards: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Sql:
    """Return the query of the first rows, or of the first past a place; they are in the order of ``in_order``.

    Entities whose value is null come last in both directions. In the index they come after all others; so in the
    descending order there are two ranges of it to read, one after the other.
    """
    descending = is_descending(order, backwards=backwards)
    columns = [selection.value, selection.id] if selection.value else [selection.id]
    past = _past(place, columns, "<" if descending else ">") if place else TRUE
    rows = f"ORDER BY {directed(columns, descending)}"
    if not _has_two_ranges(order):
        found = sql(f"SELECT {selection.columns} {{}} AND {{}} {rows}", selection.source, past)
        return sql(f"{{}}{limited(limit, offset)}", found)
    ranges = ["=", "<"] if backwards else ["<", "="]
    if place is not None:
        ranges = ranges[ranges.index("=" if place.value == NO_VALUE else "<") :]
    parts = []
    for part, sign in enumerate(ranges):
        within = Sql(f"{selection.value} {sign} %s", (NO_VALUE,))
        wanted = all_of([within, past] if part == 0 else [within])
        reach = limited(None if limit is None else offset + limit)
        query = sql(f"SELECT {selection.columns}, {part} AS part {{}} AND {{}} {rows}{reach}", selection.source, wanted)
        parts.append(sql(f"SELECT entity_id, value, part FROM ({{}}) part_{part}", query))
    in_order = f"ORDER BY part, {directed(['value', 'entity_id'], descending)}"
    return sql(f"{{}} {in_order}{limited(limit, offset)}", joined(parts, " UNION ALL "))


def in_order(order: Order | None, *, backwards: bool = False) -> str:
    """Return the ``ORDER BY`` for rows ``page``: nothing more than it takes, so that databases see they are sorted."""
    columns = ["page.value", "page.entity_id"] if order else ["page.entity_id"]
    parts = "page.part, " if _has_two_ranges(order) else ""
    return f"ORDER BY {parts}{directed(columns, is_descending(order, backwards=backwards))}"


def _has_two_ranges(order: Order | None) -> bool:
    return order is not None and order.descending and order.field.lower() not in SINGLE_KEYS


def is_descending(order: Order | None, *, backwards: bool = False) -> bool:
    """Say whether rows are met from the last to the first."""
    return (order is not None and order.descending) != backwards


def directed(columns: Sequence[str], descending: bool) -> str:
    """Return what stands behind ``ORDER BY``."""
    return ", ".join(f"{column} {'DESC' if descending else 'ASC'}" for column in columns)


def limited(limit: int | None, offset: int = 0) -> str:
    """Return the clause for so many rows, all if None, behind so many others."""
    if limit is None and not offset:
        return ""
    return f" LIMIT {MAX_ROWS if limit is None else limit}" + (f" OFFSET {offset}" if offset else "")


def _past(place: Place, columns: Sequence[str], sign: str) -> Sql:
    if len(columns) == 1:
        return Sql(f"{columns[0]} {sign} %s", (place.id,))
    return Sql(f"({', '.join(columns)}) {sign} (%s, %s)", (place.value, place.id))


def _summaries(parts: Sequence[Filter], *, value: str = "", scanned: bool) -> Selection:
    # SQLite tests in the order written: comparing takes less than looking for a text.
    cheapest_first = sorted(parts, key=lambda part: isinstance(part, Contains)) if scanned else parts
    wanted = all_of(holds(part, Row("s.entity_id", "s", scanned)) for part in cheapest_first)
    return Selection(sql("FROM catalog_entitysummary s WHERE {}", wanted), "s.entity_id", value)


def _entries(
    order: Order, first: Filter, rest: Sequence[Filter], *, inside: Contains | None = None, few: bool
) -> Selection:
    parts = rest if few else [first, *rest]
    entry = meets(inside or Matches(order.field), "o")
    wanted = all_of([entry, *(holds(part, Row("o.entity_id")) for part in parts)])
    if few:
        source = "FROM ({}) m CROSS JOIN catalog_searchentry o WHERE o.entity_id = m.entity_id AND {}"
        return Selection(sql(source, members(first), wanted), "o.entity_id", "o.value")
    return Selection(sql("FROM catalog_searchentry o WHERE {}", wanted), "o.entity_id", "o.value")


def _is_one_value(filter: Filter) -> bool:
    return isinstance(filter, Matches) and filter.values is not None and len(filter.values) == 1
