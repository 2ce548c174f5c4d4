"""Filters as SQL: one text for every database, with the values beside it.

A filter is asked in two ways. ``holds`` tests a row that is at hand: for each condition, the primary key of
``SearchEntry`` says whether it is met. ``members`` finds the entities for which a filter holds, by ranges of that key.
``rank`` says which of several conditions few entities meet, by what is usual: from there the others are tested. (On
PostgreSQL that is but the order in which they are written: it has statistics to go by.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from django.db.models import BooleanField, F, Func, Q

from apps.catalog.models import NO_VALUE
from apps.catalog.queries.filters import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Contains,
    Filter,
    HasPrefix,
    Matches,
    NoneOf,
    conjuncts,
)

#: The index has no longer values.
MAX_VALUE = 200
#: What ``EntitySummary`` has in columns.
SUMMARY_COLUMNS = {
    "kind": "kind",
    "metadata.name": "name",
    "metadata.title": "title",
    "metadata.description": "description",
}
#: What every entity has one value of. Those in the summary are never cut.
SINGLE_KEYS = frozenset({"kind", "metadata.name", "metadata.namespace", "metadata.uid"})

ONE, FEW, SOME, MANY, MOST, ALL = range(6)
_RANKS = {
    "kind": MOST,
    "metadata.name": ONE,
    "metadata.namespace": MOST,
    "metadata.tags": MANY,
    "metadata.uid": ONE,
    "spec.lifecycle": MANY,
    "spec.type": MANY,
}


class Sql(NamedTuple):
    """A piece of a statement, and the values for its placeholders."""

    text: str
    params: tuple[Any, ...] = ()


class Row(NamedTuple):
    """The row that a condition is about: its column of the entity's id, and the alias of the summary, if at hand.

    ``scanned`` says that all summaries are looked at anyway: then SQLite had better not find some of them by an index.
    ``looked_up`` says that rows are few: what the summary has is looked up for each, whatever else a planner thinks of.
    """

    id: str
    summary: str = ""
    scanned: bool = False
    looked_up: bool = False


TRUE, FALSE = Sql("TRUE"), Sql("FALSE")


def sql(template: str, *parts: Sql) -> Sql:
    """Put pieces where the template has ``{}``, in this order."""
    return Sql(template.format(*(part.text for part in parts)), tuple(value for part in parts for value in part.params))


def joined(parts: Iterable[Sql], separator: str) -> Sql:
    """Put pieces one after the other."""
    found = list(parts)
    return Sql(separator.join(part.text for part in found), tuple(value for part in found for value in part.params))


def all_of(parts: Iterable[Sql]) -> Sql:
    """Return the condition that all of these are met; of none, that's true."""
    found = list(parts)
    return joined(found, " AND ") if found else TRUE


def any_of(parts: Iterable[Sql]) -> Sql:
    """Return the condition that one of these is met; of none, that's false."""
    found = list(parts)
    return joined(found, " OR ") if found else FALSE


def one_of(column: str, values: Iterable[Any]) -> Sql:
    """Return the condition that a column has one of these values."""
    found = tuple(values)
    if len(found) == 1:
        return Sql(f"{column} = %s", found)
    return Sql(f"{column} IN ({', '.join(['%s'] * len(found))})", found) if found else FALSE


def among(column: str, values: Sequence[str], *, vendor: str) -> Sql:
    """Return the condition that a column has one of very many texts: they travel as one value, where that is possible.

    Drivers take longer over a thousand placeholders than databases over what they stand for.
    """
    if vendor == "postgresql":
        return Sql(f"{column} = ANY(%s)", (_array(values),))
    if vendor == "sqlite":
        return Sql(f"{column} IN (SELECT value FROM json_each(%s))", (orjson.dumps(values).decode(),))
    return one_of(column, values)


def _array(values: Iterable[str]) -> str:
    """Return texts as PostgreSQL writes an array of them."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def lowered(values: Iterable[str]) -> list[str]:
    """Return values as the index has them, each once, and without those that it can't have."""
    return list(dict.fromkeys(lower for value in values if (lower := value.lower()) != NO_VALUE))


def meets(filter: Matches | HasPrefix | Contains, entry: str = "e") -> Sql:
    """Return the condition that a row of ``SearchEntry`` meets a filter, by the row's alias."""
    match filter:
        case Matches(key, values):
            named = Sql(f"{entry}.key = %s", (key.lower(),))
            return named if values is None else all_of([named, one_of(f"{entry}.value", lowered(values))])
        case HasPrefix(key, prefix):
            first = prefix.lower()
            # No longer value is stored, so this is the last one that starts so; and a range, which an index has.
            last = first + NO_VALUE * (MAX_VALUE - len(first))
            between = Sql(f"{entry}.key = %s AND {entry}.value BETWEEN %s AND %s", (key.lower(), first, last))
            return all_of([between, has_value(entry)]) if len(first) <= MAX_VALUE else FALSE
        case Contains(keys):
            named = one_of(f"{entry}.key", (key.lower() for key in keys))
            return all_of([named, _like(f"{entry}.value", filter), has_value(entry)])


def has_value(entry: str) -> Sql:
    """Return the condition that a row of ``SearchEntry`` has a value that can be matched."""
    return Sql(f"{entry}.value <> %s", (NO_VALUE,))


def holds(filter: Filter, row: Row) -> Sql:
    """Return the condition that a filter holds for the entity of a row."""
    match filter:
        case AllOf(parts):
            return sql("({})", all_of(holds(part, row) for part in parts))
        case AnyOf(parts):
            return sql("({})", any_of(holds(part, row) for part in parts))
        case NoneOf(part):
            return sql("NOT ({})", holds(part, row))
        case Contains():
            return _contains(filter, row)
        case Matches(key, values) if (row.summary or row.looked_up) and (column := single_column(key)):
            if row.looked_up:
                column = looked_up(column, row.id)
            else:
                column = f"COALESCE({row.summary}.{column}, '')" if row.scanned else f"{row.summary}.{column}"
            return TRUE if values is None else one_of(column, lowered(values))
        case Matches() | HasPrefix():
            return _has_entry(meets(filter), row)


def looked_up(column: str, entity_id: str) -> str:
    """Return a column of the summary as a value of its own. Unlike a join, there is one way to find it."""
    return f"(SELECT t.{column} FROM catalog_entitysummary t WHERE t.entity_id = {entity_id})"


def members(filter: Filter) -> Sql:
    """Return the query of the entities for which a filter holds: the column ``entity_id``, each of them once."""
    match filter:
        case AllOf():
            driver, rest = parted(filter)
            if driver == EVERYTHING:
                return _summaries(TRUE)
            others = all_of(holds(part, Row("m.entity_id")) for part in rest)
            return sql("SELECT m.entity_id FROM ({}) m WHERE {}", members(driver), others)
        case AnyOf(parts):
            return joined(map(members, parts), " UNION ") if parts else _summaries(FALSE)
        case NoneOf():
            return _summaries(holds(filter, Row("t.entity_id", "t")))
        case Contains():
            columns, keys = parted_keys(filter)
            found = [_summaries(_in_columns(columns, filter, "t"))] if columns else []
            if keys:
                found.append(_entries(meets(replace(filter, keys=keys)), distinct=True))
            return joined(found, " UNION ")
        case Matches(key, values):
            once = key.lower() in SINGLE_KEYS or (values is not None and len(values) == 1)
            return _entries(meets(filter), distinct=not once)
        case HasPrefix():
            return _entries(meets(filter), distinct=True)


def rank(filter: Filter) -> int:
    """Return how many entities a filter holds for, roughly, and by what is usual; ``ONE`` is the fewest."""
    match filter:
        case Matches(key, values):
            usual = _RANKS.get(key.lower(), FEW)
            return usual if values is not None else max(usual, MANY)
        case HasPrefix() | Contains():
            return SOME
        case AnyOf(parts):
            return max(map(rank, parts), default=ONE)
        case AllOf(parts):
            return min(map(rank, parts), default=ALL)
        case NoneOf():
            return ALL


def parted(filter: Filter) -> tuple[Filter, list[Filter]]:
    """Return the part of a filter to begin with, and the parts to test then."""
    parts = conjuncts(filter)
    if not parts:
        return EVERYTHING, []
    first = min(range(len(parts)), key=lambda index: rank(parts[index]))
    return parts[first], parts[:first] + parts[first + 1 :]


def parted_keys(filter: Contains) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return in which columns of the summary a text is looked for, and under which keys of other entries."""
    keys = tuple(dict.fromkeys(key.lower() for key in filter.keys))
    if not filter.text.strip("%" if filter.wildcards else ""):
        # It is inside the empty text too, and by the summary that can't be told from a field that isn't there.
        return (), keys
    columns = tuple(SUMMARY_COLUMNS[key] for key in keys if key in SUMMARY_COLUMNS)
    return columns, tuple(key for key in keys if key not in SUMMARY_COLUMNS)


def condition(filter: Filter, *, id_field: str) -> Q:
    """Return a filter for querysets, on rows whose ``id_field`` is an entity's id."""
    return Q() if filter == EVERYTHING else Q(_Holds(F(id_field), filter))


class _Holds(Func):
    output_field = BooleanField()

    def __init__(self, id: F, wanted: Filter) -> None:
        super().__init__(id)
        self.wanted = wanted

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Leave it to ``holds``."""
        column, _ = compiler.compile(self.get_source_expressions()[0])
        return holds(self.wanted, Row(column))


def single_column(key: str) -> str | None:
    """Return the summary's column of a field, if every entity has one value of it there."""
    lower = key.lower()
    return SUMMARY_COLUMNS.get(lower) if lower in SINGLE_KEYS else None


def _contains(filter: Contains, row: Row) -> Sql:
    columns, keys = parted_keys(filter)
    found = []
    if columns and row.summary:
        found.append(_in_columns(columns, filter, row.summary))
    elif columns:
        inside = _in_columns(columns, filter, "t")
        summary = f"SELECT 1 FROM catalog_entitysummary t WHERE t.entity_id = {row.id}"
        found.append(sql(f"EXISTS ({summary} AND {{}})", inside))
    if keys:
        found.append(_has_entry(meets(replace(filter, keys=keys)), row))
    return sql("({})", any_of(found))


def _has_entry(entry: Sql, row: Row) -> Sql:
    return sql(f"EXISTS (SELECT 1 FROM catalog_searchentry e WHERE {{}} AND e.entity_id = {row.id})", entry)


def _in_columns(columns: Iterable[str], filter: Contains, alias: str) -> Sql:
    return sql("({})", any_of(_like(f"{alias}.{column}", filter) for column in columns))


def _like(column: str, filter: Contains) -> Sql:
    # With no escape named, a backslash would be one, but not in every database.
    text = filter.text.lower().replace("!", "!!")
    if not filter.wildcards:
        text = text.replace("%", "!%").replace("_", "!_")
    return Sql(f"{column} LIKE %s ESCAPE '!'", (f"%{text}%",))


def _summaries(wanted: Sql) -> Sql:
    return sql("SELECT t.entity_id FROM catalog_entitysummary t WHERE {}", wanted)


def _entries(wanted: Sql, *, distinct: bool) -> Sql:
    return sql(f"SELECT {'DISTINCT ' if distinct else ''}e.entity_id FROM catalog_searchentry e WHERE {{}}", wanted)
