"""What the catalog's page lists: narrowed, sorted by a column, page by page, counted by value, and as a stream.

``listing`` and ``facets`` answer what is asked most, and are used for that; this module answers the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import QuerySet

from apps.catalog.models import NO_VALUE, FinalEntity, RefreshState
from apps.catalog.queries.counts import known_total
from apps.catalog.queries.cursors import Order
from apps.catalog.queries.facets import entity_facets
from apps.catalog.queries.filters import EVERYTHING, AllOf, AnyOf, Contains, Filter, Matches, both
from apps.catalog.queries.listing import BY_NAME, SEARCHED_FIELDS, entity_listing
from apps.catalog.queries.selections import TEXT
from apps.catalog.queries.sql import Row, Sql, all_of, has_value, holds, joined, members, one_of, sql
from apps.catalog.queries.statements import fetch, stream
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.databases import alias_for

#: Value and count, as facets have them.
Counts = list[dict[str, Any]]
#: The sort value and the ref of an entity: where a page begins or ends.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is to be listed: entities that the filter leaves, that have each word, and that are among each of ``refs``.

    A query in ``refs`` is asked as a part of the statement, and isn't read.
    """

    filter: Filter = EVERYTHING
    text: str = ""
    refs: tuple[Iterable[str], ...] = ()

    def also(self, filter: Filter, refs: Iterable[str] | None = None) -> Self:
        """Return it narrowed further."""
        return replace(self, filter=both(self.filter, filter), refs=self.refs if refs is None else (*self.refs, refs))

    @property
    def is_plain(self) -> bool:
        """Whether the filter says all."""
        return not self.text and not self.refs


@dataclass(frozen=True, slots=True)
class Browsed:
    """A page of a list: stored JSON texts, how many there are in all, where the page starts, and its two ends."""

    items: list[str]
    total: int
    offset: int = 0
    first: Place | None = None
    last: Place | None = None
    has_more: bool = False


def browse(
    narrowing: Narrowing, *, credentials: Credentials, order: Order = BY_NAME, limit: int, offset: int = 0
) -> Browsed:
    """Return a page by its number. An offset beyond the end gives the last page. At most two statements.

    Entities without the field that is sorted by come last; ties go by ref.
    """
    if order == BY_NAME and not narrowing.refs:
        listing = entity_listing(
            credentials=credentials, filter=narrowing.filter, text=narrowing.text, limit=limit, offset=offset
        )
        return Browsed(listing.items, listing.total, listing.offset)
    total = count_narrowed(narrowing, credentials=credentials)
    offset = min(offset, max(0, total - 1) // limit * limit)
    found = _page(narrowing, credentials, order, limit=limit, offset=offset) if total else []
    return Browsed([text for _, text in found], total, offset)


def browse_from(
    narrowing: Narrowing,
    *,
    credentials: Credentials,
    order: Order = BY_NAME,
    limit: int,
    after: Place | None = None,
    before: Place | None = None,
) -> Browsed:
    """Return the page after, or before, a place. Rows that come and go meanwhile move no other over the page's edge.

    ``has_more`` says whether anything follows in the direction of travel. Two statements.
    """
    total = count_narrowed(narrowing, credentials=credentials)
    backwards = before is not None
    found = _page(
        narrowing, credentials, order, place=before if backwards else after, backwards=backwards, limit=limit + 1
    )
    page = found[:limit][::-1] if backwards else found[:limit]
    return Browsed(
        [text for _, text in page],
        total,
        first=page[0][0] if page else None,
        last=page[-1][0] if page else None,
        has_more=len(found) > limit,
    )


def stream_narrowed(narrowing: Narrowing, *, credentials: Credentials, order: Order = BY_NAME) -> Iterator[str]:
    """Return every entity of the list in its order, of which a few hundred are in memory at a time.

    What may be seen is decided now; the database is asked when the first one is wanted.
    """
    rows = _sorted(narrowing, credentials, order)
    return stream(sql(f"SELECT {TEXT} FROM ({{}}) page ORDER BY {_ordering('page', order.descending)}", rows))


def count_narrowed(narrowing: Narrowing, *, credentials: Credentials) -> int:
    """Return how many entities are left. One statement."""
    return int(fetch(sql("SELECT total FROM ({}) known", _total(narrowing, credentials)))[0][0])


@dataclass(frozen=True, slots=True)
class Question:
    """Which values a field has among what a narrowing leaves; without a field, how many entities that are."""

    field: str
    narrowing: Narrowing


def count_values(questions: Sequence[Question], *, credentials: Credentials) -> list[Counts]:
    """Return value and count for each question. One statement, however many questions.

    Values keep their case, as in facets; how many entities there are is the count of the value "".
    """
    if not questions:
        return []
    if len(questions) == 1 and questions[0].field and questions[0].narrowing.is_plain:
        field, narrowing = questions[0].field, questions[0].narrowing
        return [entity_facets([field], credentials=credentials, filter=narrowing.filter)[field]]
    parts = (_counted(number, question, credentials) for number, question in enumerate(questions))
    answers: list[Counts] = [[] for _ in questions]
    for number, value, count in fetch(joined(parts, " UNION ALL ")):
        answers[number].append({"value": value, "count": int(count)})
    return answers


def failing_refs() -> QuerySet[RefreshState, str]:
    """Return the refs of the entities whose last run complained, as a query to narrow by."""
    return RefreshState.objects.failing().values_list("entity_ref", flat=True)


def _counted(number: int, question: Question, credentials: Credentials) -> Sql:
    if not question.field:
        return sql(f"SELECT {number}, '', total FROM ({{}}) known", _total(question.narrowing, credentials))
    return sql(
        f"SELECT {number}, COALESCE(o.original_value, o.value), COUNT(*) FROM ({{}}) m "
        "CROSS JOIN catalog_searchentry o WHERE o.entity_id = m.entity_id AND {} AND {} GROUP BY 2",
        _members(question.narrowing, credentials),
        one_of("o.key", [question.field.lower()]),
        has_value("o"),
    )


def _total(narrowing: Narrowing, credentials: Credentials) -> Sql:
    known = None if narrowing.refs else known_total(_filter(narrowing, credentials))
    return known or sql("SELECT COUNT(*) AS total FROM ({}) m", _members(narrowing, credentials))


def _filter(narrowing: Narrowing, credentials: Credentials) -> Filter:
    words = tuple(
        # As in ``listing``: inside a name, a title or a target, or a whole tag.
        AnyOf((Contains(SEARCHED_FIELDS, word), Matches("metadata.tags", (word,))))
        for word in narrowing.text.lower().split()
    )
    return both(AllOf(words), both(narrowing.filter, visible_to(credentials)))


def _members(narrowing: Narrowing, credentials: Credentials) -> Sql:
    """Return the query of the entities that are left: the column ``entity_id``, each of them once."""
    wanted = _filter(narrowing, credentials)
    if not narrowing.refs:
        return members(wanted)
    among = all_of(map(_is_among, narrowing.refs))
    return sql(
        "SELECT f.entity_id FROM catalog_finalentity f WHERE {} AND {}", among, holds(wanted, Row("f.entity_id"))
    )


def _is_among(refs: Iterable[str]) -> Sql:
    if not isinstance(refs, QuerySet):
        return one_of("f.entity_ref", dict.fromkeys(refs))
    text, params = refs.query.get_compiler(using=alias_for(FinalEntity)).as_sql()
    return Sql(f"f.entity_ref IN ({text})", tuple(params))


def _sorted(narrowing: Narrowing, credentials: Credentials, order: Order) -> Sql:
    """Return ``entity_id``, ``entity_ref`` and ``value`` of what is left. Of several values the first counts."""
    # What has no value comes last either way. The values are found by themselves, in one range of the index: joined
    # entry by entry, SQLite looks for each entity among all that have the field.
    nothing = Sql("%s", ("" if order.descending else NO_VALUE,))
    values = sql(
        "SELECT o.entity_id, MIN(o.value) AS value FROM catalog_searchentry o WHERE {} AND {} GROUP BY o.entity_id",
        one_of("o.key", [order.field.lower()]),
        has_value("o"),
    )
    return sql(
        "SELECT f.entity_id, f.entity_ref, COALESCE(v.value, {}) AS value FROM ({}) m "
        "CROSS JOIN catalog_finalentity f LEFT JOIN ({}) v ON v.entity_id = m.entity_id "
        "WHERE f.entity_id = m.entity_id",
        nothing,
        _members(narrowing, credentials),
        values,
    )


def _page(
    narrowing: Narrowing,
    credentials: Credentials,
    order: Order,
    *,
    place: Place | None = None,
    backwards: bool = False,
    limit: int,
    offset: int = 0,
) -> list[tuple[Place, str]]:
    """Return rows in order, or against it. The texts are fetched last, when it is known which."""
    descending = order.descending != backwards
    beyond = Sql("TRUE")
    if place is not None:
        past, (value, ref) = "<" if descending else ">", place
        beyond = Sql(
            f"(found.value {past} %s OR (found.value = %s AND found.entity_ref {past} %s))", (value, value, ref)
        )
    statement = sql(
        f"SELECT page.value, page.entity_ref, {TEXT} FROM (SELECT found.* FROM ({{}}) found WHERE {{}} "
        f"ORDER BY {_ordering('found', descending)} LIMIT {limit:d} OFFSET {offset:d}) page "
        f"ORDER BY {_ordering('page', descending)}",
        _sorted(narrowing, credentials, order),
        beyond,
    )
    return [((value, ref), text) for value, ref, text in fetch(statement)]


def _ordering(alias: str, descending: bool) -> str:
    direction = "DESC" if descending else "ASC"
    return f"{alias}.value {direction}, {alias}.entity_ref {direction}"
