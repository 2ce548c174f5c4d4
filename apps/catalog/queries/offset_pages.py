"""Pages of ``GET /entities``, which are counted off: by offset, in the order of refs or of several fields."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from apps.catalog.models import NO_VALUE
from apps.catalog.queries.bounds import MAX_ROWS
from apps.catalog.queries.cursors import Order
from apps.catalog.queries.filters import EVERYTHING, Filter, both, one_kind
from apps.catalog.queries.selections import TEXT, limited
from apps.catalog.queries.sql import SOME, Row, Sql, all_of, holds, joined, members, parted, rank, sql
from apps.catalog.queries.statements import fetch
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.errors import InputError


@dataclass(frozen=True)
class OffsetPage:
    """A page of ``GET /entities`` and where the next one starts; None if this is the last."""

    items: list[str]
    next_offset: int | None = None
    limit: int | None = None

    @property
    def after(self) -> str | None:
        """The opaque text that asks for the next page."""
        if self.next_offset is None:
            return None
        return base64.b64encode(orjson.dumps({"limit": self.limit, "offset": self.next_offset})).decode()


def parse_after(after: str) -> tuple[int | None, int | None]:
    """Return limit and offset from an ``after`` text. Raises ``InputError`` if it isn't one of ours."""
    try:
        value = orjson.loads(base64.b64decode(after, validate=False))
        limit, offset = value.get("limit"), value.get("offset")
    except (binascii.Error, ValueError, AttributeError):
        raise InputError("The parameter 'after' isn't one that this portal gave; start over without it.") from None
    for number in (limit, offset):
        if number is not None and (type(number) is not int or not 0 <= number <= MAX_ROWS):
            raise InputError("The parameter 'after' isn't one that this portal gave; start over without it.")
    return limit, offset


def list_entities_by_offset(
    *,
    credentials: Credentials,
    filter: Filter = EVERYTHING,
    orders: Sequence[Order] = (),
    limit: int | None = None,
    offset: int | None = None,
) -> OffsetPage:
    """Return one page by offset.

    Several orders count. Entities without a field come last, and so does everything if the field's name isn't
    lowercase, which is how the index spells it: Backstage answers so, and clients may rely on it.
    """
    start = offset or 0
    wanted = MAX_ROWS if limit is None else limit + 1
    items = [row[0] for row in fetch(_by_offset(both(filter, visible_to(credentials)), orders, wanted, start))]
    if limit is None or len(items) <= limit:
        return OffsetPage(items)
    return OffsetPage(items[:limit], next_offset=start + limit, limit=limit)


def _by_offset(filter: Filter, orders: Sequence[Order], limit: int, offset: int) -> Sql:
    first, rest = parted(filter)
    few = rank(first) <= SOME
    source = [sql("({}) m CROSS JOIN catalog_finalentity f", members(first)) if few else Sql("catalog_finalentity f")]
    wanted = [holds(part, Row("f.entity_id")) for part in (rest if few else [first, *rest])]
    if few:
        wanted.append(Sql("f.entity_id = m.entity_id"))
    elif kind := one_kind(filter):
        # Nothing new, but for the index by which refs are sorted: they begin so.
        wanted.append(Sql("f.entity_ref >= %s AND f.entity_ref < %s", (f"{kind}:", f"{kind};")))
    columns, sorted_by = [], []
    for number, order in enumerate(orders):
        entry = f"o{number}"
        joins = f"LEFT JOIN catalog_searchentry {entry} ON {entry}.entity_id = f.entity_id AND {entry}.key = %s"
        source.append(Sql(joins, (order.field,)))
        # PostgreSQL has words for where nulls go, others haven't.
        columns.append(f"NULLIF({entry}.value, '{NO_VALUE}') AS value{number}")
        direction = "DESC" if order.descending else "ASC"
        sorted_by += [f"CASE WHEN value{number} IS NULL THEN 1 ELSE 0 END", f"value{number} {direction}"]
    sorted_by.append("entity_id" if orders else "entity_ref")
    names = ", ".join(["f.entity_id", "f.entity_ref", *columns])
    rows = sql(f"SELECT {names} FROM {{}} WHERE {{}}", joined(source, " "), all_of(wanted))
    in_order = f"ORDER BY {', '.join(sorted_by)}"
    cut = sql(f"SELECT * FROM ({{}}) found {in_order}{limited(limit, offset)}", rows)
    return sql(f"SELECT {TEXT} FROM ({{}}) page {in_order}", cut)
