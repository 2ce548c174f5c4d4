"""Single entities, entities by ref, and the lists of ``GET /entities``. Everything returned is stored JSON text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from apps.catalog.models import NO_VALUE
from apps.catalog.queries.bounds import MAX_ROWS, MAX_VALUES
from apps.catalog.queries.cursors import Order
from apps.catalog.queries.filters import EVERYTHING, Filter, both
from apps.catalog.queries.paging import count_found
from apps.catalog.queries.selections import TEXT, in_order, limited, page, select
from apps.catalog.queries.sql import SOME, Row, Sql, all_of, holds, joined, members, one_of, parted, rank, sql
from apps.catalog.queries.statements import fetch, id_param, stream
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.entities import EntityRef
from portal.errors import InputError, NotFoundError


def entity_by_ref(ref: EntityRef, *, credentials: Credentials) -> str:
    """Return an entity. Raises ``NotFoundError`` if there is none, or none that may be seen."""
    found = _seen(Sql("f.entity_ref = %s", (str(ref),)), credentials)
    if found is None:
        raise NotFoundError(
            f"No entity named '{ref.name}' found, with kind '{ref.kind}' in namespace '{ref.namespace}'."
        )
    return found


def entity_by_uid(uid: str, *, credentials: Credentials) -> str:
    """Return an entity by ``metadata.uid``. Raises ``NotFoundError``."""
    try:
        found = _seen(Sql("f.entity_id = %s", (id_param(UUID(uid)),)), credentials)
    except ValueError:
        found = None
    if found is None:
        raise NotFoundError(f"No entity with uid {uid}.")
    return found


def _seen(wanted: Sql, credentials: Credentials) -> str | None:
    seen = holds(visible_to(credentials), Row("f.entity_id"))
    rows = fetch(sql("SELECT f.final_entity FROM catalog_finalentity f WHERE {} AND {}", wanted, seen))
    return rows[0][0] if rows else None


def entities_by_refs(refs: Sequence[str], *, credentials: Credentials, filter: Filter = EVERYTHING) -> list[str | None]:
    """Return an entity for each ref, in their order and with their doubles; None where there is none.

    The refs are compared as they stand: one that isn't canonical finds nothing, as in Backstage. One statement for ten
    thousand.
    """
    seen = holds(both(filter, visible_to(credentials)), Row("f.entity_id"))
    statement = "SELECT f.entity_ref, f.final_entity FROM catalog_finalentity f WHERE {} AND {}"
    wanted = list(dict.fromkeys(refs))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), MAX_VALUES):
        found.update(fetch(sql(statement, one_of("f.entity_ref", wanted[start : start + MAX_VALUES]), seen)))
    return [found.get(ref) for ref in refs]


def list_entities(
    *, credentials: Credentials, filter: Filter = EVERYTHING, order: Order | None = None
) -> Iterator[str]:
    """Return every entity, of which a few hundred are in memory at a time.

    What may be seen is decided now; the database is asked when the first one is wanted. Ordered by id, or by one field;
    entities without that field are left out then, and one with several values of it comes as often.
    """
    rows = page(select(both(filter, visible_to(credentials)), order, whole=True), order)
    return stream(sql(f"SELECT {TEXT} FROM ({{}}) page {in_order(order)}", rows))


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
    tests = [holds(part, Row("f.entity_id")) for part in (rest if few else [first, *rest])]
    wanted = all_of([*([Sql("f.entity_id = m.entity_id")] if few else []), *tests])
    rows = sql(
        f"SELECT {', '.join(['f.entity_id', 'f.entity_ref', *columns])} FROM {{}} WHERE {{}}",
        joined(source, " "),
        wanted,
    )
    in_order = f"ORDER BY {', '.join(sorted_by)}"
    cut = sql(f"SELECT * FROM ({{}}) found {in_order}{limited(limit, offset)}", rows)
    return sql(f"SELECT {TEXT} FROM ({{}}) page {in_order}", cut)


def count_entities(*, credentials: Credentials, filter: Filter = EVERYTHING) -> int:
    """Return how many entities there are to be seen."""
    return count_found(both(filter, visible_to(credentials)))
