"""``by-query``: pages that are walked with cursors, forward and back, however much the catalog changes meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from apps.catalog.models import NO_VALUE
from apps.catalog.queries.counts import known_total
from apps.catalog.queries.cursors import Cursor, FullText, Order, Position
from apps.catalog.queries.filters import EVERYTHING, Contains, Filter, both
from apps.catalog.queries.selections import TEXT, Place, Selection, has_one_plan, in_order, page, select
from apps.catalog.queries.sql import SINGLE_KEYS, Sql, sql
from apps.catalog.queries.statements import fetch, id_param, id_text
from portal.errors import InputError

DEFAULT_LIMIT = 200
#: SQLite takes patterns of 50,000 bytes.
MAX_TERM = 10_000


@dataclass(frozen=True)
class EntityPage:
    """A page, as stored JSON texts, with the cursors of its neighbours."""

    items: list[str] = field(default_factory=list)
    total: int = 0
    next: Cursor | None = None
    previous: Cursor | None = None


def query_entities(
    cursor: Cursor,
    *,
    filter: Filter,
    visible: Filter = EVERYTHING,
    limit: int = DEFAULT_LIMIT,
    offset: int = 0,
    count: bool = True,
) -> EntityPage:
    """Answer a question at a place: ``cursor`` is the question for the first page, or what an earlier page gave.

    ``filter`` is what the cursor's own filter says, parsed; ``visible`` is what the caller may see. Only the first
    order counts, as in Backstage, and entities without that field are left out, of the total too. One statement.
    """
    order = cursor.orders[0] if cursor.orders else None
    wanted, inside = both(filter, visible), _text_inside(cursor.full_text, order)
    if inside is not None and not _is_of_sorted(inside, order):
        wanted, inside = both(wanted, inside), None
    unknown = count and cursor.total is None
    if limit == 0:
        return EntityPage(total=count_found(wanted, order, inside) if unknown else cursor.total or 0)
    place = _place(cursor.position) if cursor.position else None
    total, found = read_page(
        wanted,
        order,
        inside=inside,
        place=place,
        backwards=cursor.backwards,
        limit=limit if cursor.backwards else limit + 1,
        offset=0 if place else offset,
        count=unknown,
    )
    if cursor.backwards:
        found.reverse()
    more = cursor.backwards or len(found) > limit
    found = found[:limit]
    positions = [_position(row.place, order) for row in (found[0], found[-1])] if found else []
    first = cursor.first or (positions[0] if positions else None)
    at = replace(cursor, first=first, total=total if unknown else cursor.total or 0)
    return EntityPage(
        items=[row.text for row in found],
        total=at.total or 0,
        next=replace(at, position=positions[-1], backwards=False) if more and positions else None,
        previous=(
            replace(at, position=positions[0], backwards=True)
            if cursor.first is not None and positions and positions[0] != cursor.first
            else None
        ),
    )


class Found(NamedTuple):
    """A row of a page: where it is in the order, and the entity's text."""

    place: Place
    text: str


def read_page(
    filter: Filter,
    order: Order | None,
    *,
    inside: Contains | None = None,
    place: Place | None = None,
    backwards: bool = False,
    limit: int,
    offset: int = 0,
    count: bool = True,
) -> tuple[int, list[Found]]:
    """Return how many rows there are in all, if they are to be counted, and a page of them. One statement.

    For what is selected, see ``selections.select``; for a place, ``selections.page``.

    If the total is known from counts, the page is read for itself. If not, all have to be found anyway, and the page is
    taken from them.
    """
    known = _known_total(filter, order) if count else None
    found, total = select(filter, order, inside=inside), known
    begin = Sql("")
    if count and known is None:
        everything = select(filter, order, inside=inside, whole=True)
        begin = sql(f"WITH hits AS (SELECT {everything.columns} {{}}) ", everything.source)
        found = Selection(Sql("FROM hits h WHERE TRUE"), "h.entity_id", "h.value" if order else "")
        total = Sql("SELECT COUNT(*) AS total FROM hits")
    rows = page(found, order, place=place, backwards=backwards, limit=limit, offset=offset)
    columns = f"page.value, page.entity_id, {TEXT}"
    ending = in_order(order, backwards=backwards)
    if total is None:
        statement = sql(f"SELECT 0, {columns} FROM ({{}}) page {ending}", rows)
    else:
        # The total has a row of its own where the page has none.
        source = "FROM ({}) known LEFT JOIN ({}) page ON TRUE"
        statement = sql(f"{{}}SELECT known.total, {columns} {source} {ending}", begin, total, rows)
    answer = fetch(statement, fixed=not begin.text and inside is None and has_one_plan(filter, order))
    return (
        int(answer[0][0]) if answer else 0,
        [Found(Place(value, entity_id), text) for _, value, entity_id, text in answer if text is not None],
    )


def count_found(filter: Filter, order: Order | None = None, inside: Contains | None = None) -> int:
    """Return how many rows ``read_page`` has on all pages. One statement."""
    known = _known_total(filter, order)
    statement = known or sql("SELECT COUNT(*) {}", select(filter, order, inside=inside, whole=True).source)
    return int(fetch(statement, fixed=known is not None)[0][0])


def _known_total(filter: Filter, order: Order | None) -> Sql | None:
    return known_total(filter) if order is None or order.field.lower() in SINGLE_KEYS else None


def _text_inside(full_text: FullText | None, order: Order | None) -> Contains | None:
    term = full_text.term.strip().lower() if full_text else ""
    if full_text is None or not term:
        return None
    if len(term) > MAX_TERM:
        raise InputError(f"The full text term is longer than {MAX_TERM:,} characters.")
    return Contains(full_text.fields or (order.field if order else "metadata.uid",), term, wildcards=True)


def _is_of_sorted(text: Contains, order: Order | None) -> bool:
    """Say whether a text is looked for in the very field that is sorted by, and that may have several values.

    As in Backstage, of an entity with several values only those that match are listed then.
    """
    return order is not None and text.keys == (order.field,) and order.field.lower() not in SINGLE_KEYS


def _place(position: Position) -> Place:
    """Return where a cursor points. In the index, null is a value like others."""
    *values, entity_id = position
    value = values[0] if values else None
    return Place(NO_VALUE if values and value is None else value, id_param(entity_id or ""))


def _position(place: Place, order: Order | None) -> Position:
    entity_id = id_text(place.id)
    return (entity_id,) if order is None else (None if place.value == NO_VALUE else place.value, entity_id)
