"""Facets: which values a field has, and how often."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from apps.catalog.queries.bounds import MAX_VALUES
from apps.catalog.queries.counts import known_facets
from apps.catalog.queries.filters import EVERYTHING, Filter, both
from apps.catalog.queries.sql import SOME, Row, Sql, all_of, has_value, holds, members, one_of, parted, rank, sql
from apps.catalog.queries.statements import fetch
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.errors import InputError


def entity_facets(
    facets: Sequence[str], *, credentials: Credentials, filter: Filter = EVERYTHING
) -> dict[str, list[dict[str, Any]]]:
    """Return ``{facet as asked: [{value, count}]}``, by value. One statement, however many facets.

    Values keep their case, and count separately by it; values that are null or too long to index don't appear.
    """
    keys = sorted({facet.lower() for facet in facets})
    if len(keys) > MAX_VALUES:
        raise InputError(f"There are {len(keys):,} facets; at most {MAX_VALUES:,} are taken. Ask in parts.")
    wanted = both(filter, visible_to(credentials))
    known = known_facets(keys, wanted)
    rows = fetch(sql("{} ORDER BY 1, 2", known or _counted(keys, wanted)), fixed=known is not None)
    by_key: dict[str, list[dict[str, Any]]] = {key: [] for key in keys}
    for key, value, count in rows:
        by_key[key].append({"value": value, "count": int(count)})
    return {facet: by_key[facet.lower()] for facet in facets}


def _counted(keys: Collection[str], filter: Filter) -> Sql:
    """Return the query that counts the entries of entities for which a filter holds."""
    first, rest = parted(filter)
    few = rank(first) <= SOME
    source = sql("({}) m CROSS JOIN catalog_searchentry o", members(first)) if few else Sql("catalog_searchentry o")
    tests = [holds(part, Row("o.entity_id")) for part in (rest if few else [first, *rest])]
    wanted = [one_of("o.key", keys), has_value("o"), *tests]
    if few:
        wanted.append(Sql("o.entity_id = m.entity_id"))
    return sql(
        "SELECT o.key, COALESCE(o.original_value, o.value) AS written, COUNT(*) AS count FROM {} WHERE {} "
        "GROUP BY 1, 2",
        source,
        all_of(wanted),
    )
