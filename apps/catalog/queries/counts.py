"""What is known without looking at entities: how many there are, by the sums of ``EntityCount``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeGuard

from apps.catalog.models import COUNTED_KEYS
from apps.catalog.queries.filters import Filter, Matches, conjuncts
from apps.catalog.queries.sql import SINGLE_KEYS, Sql, all_of, lowered, one_of, sql


def known_total(filter: Filter) -> Sql | None:
    """Return the query of how many entities a filter holds for, as ``total``; None if the counts don't say it.

    They do for nothing, for a kind, for the value of a counted field, and for both of these. They don't for several
    values of a field: one entity may have two of them, unless the field is one that has one value in each.
    """
    parts = conjuncts(filter)
    counted = [part for part in parts if _is_counted(part)]
    kinds = [part for part in counted if _is_kind(part)]
    others = [part for part in counted if not _is_kind(part)]
    if len(counted) < len(parts) or len(kinds) > 1 or len(others) > 1:
        return None
    key = others[0].key.lower() if others else "kind"
    wanted = [
        _of_keys([key]),
        *(one_of("c.value", lowered(part.values or ())) for part in others),
        *(one_of("c.kind", lowered(part.values or ())) for part in kinds),
    ]
    return sql("SELECT COALESCE(SUM(c.count), 0) AS total FROM catalog_entitycount c WHERE {}", all_of(wanted))


def known_facets(keys: Collection[str], filter: Filter) -> Sql | None:
    """Return the query of the values of counted fields: ``key``, ``written`` and ``count``.

    None if the counts don't say them, as they do with no filter or one of kinds.
    """
    if not keys or not COUNTED_KEYS.issuperset(keys):
        return None
    wanted = [_of_keys(sorted(keys))]
    for part in conjuncts(filter):
        if not _is_kind(part):
            return None
        wanted.append(one_of("c.kind", lowered(part.values or ())))
    return sql(
        "SELECT c.key, c.original_value AS written, SUM(c.count) AS count FROM catalog_entitycount c WHERE {} "
        "GROUP BY c.key, c.original_value HAVING SUM(c.count) > 0",
        all_of(wanted),
    )


def _of_keys(keys: Sequence[str]) -> Sql:
    """Return the condition that a count is one of these fields'.

    They stand in the statement itself: a plan that is made once is then one for them. Of one kind of field there are
    some values, of another there are thousands.
    """
    return Sql(f"c.key IN ({', '.join(map(repr, keys))})")


def _is_kind(filter: Filter) -> TypeGuard[Matches]:
    return isinstance(filter, Matches) and filter.key.lower() == "kind" and filter.values is not None


def _is_counted(filter: Filter) -> TypeGuard[Matches]:
    if not isinstance(filter, Matches) or filter.values is None:
        return False
    key = filter.key.lower()
    return key in COUNTED_KEYS and (key in SINGLE_KEYS or len(lowered(filter.values)) <= 1)
