"""Single entities, entities by ref, and lists of all. Everything returned is stored JSON text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from apps.catalog.queries.cursors import Order
from apps.catalog.queries.filters import EVERYTHING, Filter, both
from apps.catalog.queries.paging import count_found
from apps.catalog.queries.selections import TEXT, in_order, page, select
from apps.catalog.queries.sql import Row, Sql, among, holds, sql
from apps.catalog.queries.statements import fetch, id_param, stream, vendor
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.entities import EntityRef
from portal.errors import NotFoundError

#: How many entities PostgreSQL joins to one text of a long list. Of more, it would spend its time on getting memory.
GROUP = 50


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
    rows = fetch(sql("SELECT f.final_entity FROM catalog_finalentity f WHERE {} AND {}", wanted, seen), fixed=True)
    return rows[0][0] if rows else None


def entities_by_refs(refs: Sequence[str], *, credentials: Credentials, filter: Filter = EVERYTHING) -> list[str | None]:
    """Return an entity for each ref, in their order and with their doubles; None where there is none.

    The refs are compared as they stand: one that isn't canonical finds nothing, as in Backstage.
    """
    seen = both(filter, visible_to(credentials))
    wanted = among("f.entity_ref", list(dict.fromkeys(refs)), vendor=vendor())
    tested = holds(seen, Row("f.entity_id"))
    statement = sql("SELECT f.entity_ref, f.final_entity FROM catalog_finalentity f WHERE {} AND {}", wanted, tested)
    found: dict[str, str] = dict(fetch(statement, fixed=seen == EVERYTHING))
    return [found.get(ref) for ref in refs]


def list_entities(
    *, credentials: Credentials, filter: Filter = EVERYTHING, order: Order | None = None
) -> Iterator[str]:
    """Return every entity, of which a few hundred are in memory at a time.

    What may be seen is decided now; the database is asked when the first one is wanted. Ordered by id, or by one field;
    entities without that field are left out then, and one with several values of it comes as often.
    """
    rows = page(select(both(filter, visible_to(credentials)), order, whole=order is None), order)
    if order is None:
        # Where texts lie in the order of ids, there is nothing to sort, and no need to look each one up.
        source = "({}) page CROSS JOIN catalog_finalentity f WHERE f.entity_id = page.entity_id"
        return stream(sql(f"SELECT f.final_entity FROM {source} {in_order(order)}", rows))
    return stream(sql(f"SELECT {TEXT} FROM ({{}}) page {in_order(order)}", rows))


def list_entity_groups(*, credentials: Credentials, filter: Filter = EVERYTHING) -> Iterator[str]:
    """Return what ``list_entities`` does, as fewer texts, each of which may have several entities with commas between.

    On PostgreSQL they are joined there: what a row costs to send and to take is saved for all but one of ``GROUP``.
    """
    if vendor() != "postgresql":
        return list_entities(credentials=credentials, filter=filter)
    rows = page(select(both(filter, visible_to(credentials)), None, whole=True), None)
    text = f"""
        WITH found AS MATERIALIZED (SELECT ARRAY(SELECT entity_id FROM ({{}}) page ORDER BY entity_id) AS ids)
        SELECT (
            SELECT string_agg(f.final_entity, ',' ORDER BY f.entity_id) FROM catalog_finalentity f
            WHERE f.entity_id = ANY(found.ids[first : first + {GROUP - 1}])
        ) FROM found, generate_series(1, cardinality(found.ids), {GROUP}) first
    """
    return stream(sql(text, rows), chunk=1)


def count_entities(*, credentials: Credentials, filter: Filter = EVERYTHING) -> int:
    """Return how many entities there are to be seen."""
    return count_found(both(filter, visible_to(credentials)))
