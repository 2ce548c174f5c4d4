"""What the catalog's page lists: narrowed, sorted by a column, page by page, counted by value, and as a stream.

``listing`` and ``facets`` answer what is asked most, and are used for that; this module answers the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import CharField, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.catalog.models import NO_VALUE, FinalEntity, RefreshState, SearchEntry
from apps.catalog.queries.cursors import Order
from apps.catalog.queries.facets import entity_facets
from apps.catalog.queries.filters import EVERYTHING, Filter, both
from apps.catalog.queries.listing import SEARCHED_FIELDS, entity_listing
from apps.catalog.queries.sql import condition
from apps.catalog.queries.statements import STREAM_CHUNK
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.databases import stream_texts

BY_NAME = Order("metadata.name")

#: Value and count, as facets have them.
Counts = list[dict[str, Any]]
#: The sort value and the ref of an entity: where a page begins or ends.
Place = tuple[str, str]
PLACE = ("sort_value", "entity_ref")


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
    """Return a page by its number. An offset beyond the end gives the last page. Three queries.

    Entities without the field that is sorted by come last; ties go by ref.
    """
    if order == BY_NAME and not narrowing.refs:
        listing = entity_listing(
            credentials=credentials, filter=narrowing.filter, text=narrowing.text, limit=limit, offset=offset
        )
        return Browsed(listing.items, listing.total, listing.offset)
    total = count_narrowed(narrowing, credentials=credentials)
    if not total:
        return Browsed([], 0)
    offset = min(offset, max(0, total - 1) // limit * limit)
    rows = _sorted(narrowing, credentials, order)
    return Browsed(_texts(list(rows.values_list("entity_ref", flat=True)[offset : offset + limit])), total, offset)


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

    ``has_more`` says whether anything follows in the direction of travel. Three queries.
    """
    total = count_narrowed(narrowing, credentials=credentials)
    backwards = before is not None
    rows = _sorted(narrowing, credentials, order, backwards=backwards)
    place = before if before is not None else after
    if place is not None:
        rows = rows.filter(_beyond(place, smaller=order.descending != backwards))
    found = list(rows.values_list(*PLACE)[: limit + 1])
    page = found[:limit][::-1] if backwards else found[:limit]
    return Browsed(
        _texts([ref for _, ref in page]),
        total,
        first=page[0] if page else None,
        last=page[-1] if page else None,
        has_more=len(found) > limit,
    )


def stream_narrowed(narrowing: Narrowing, *, credentials: Credentials, order: Order = BY_NAME) -> Iterator[str]:
    """Yield every entity of the list in its order, a few hundred in memory at a time."""
    rows = _sorted(narrowing, credentials, order)
    return stream_texts(rows.values_list("final_entity", flat=True), chunk=STREAM_CHUNK)


def count_narrowed(narrowing: Narrowing, *, credentials: Credentials) -> int:
    """Return how many entities are left."""
    return FinalEntity.objects.filter(_condition(narrowing, credentials)).count()


@dataclass(frozen=True, slots=True)
class Question:
    """Which values some fields have among what a narrowing leaves."""

    fields: tuple[str, ...]
    narrowing: Narrowing


def count_values(questions: Sequence[Question], *, credentials: Credentials) -> list[dict[str, Counts]]:
    """Return value and count by field, for each question. One statement, however many questions.

    Values keep their case, as in facets.
    """
    answers: list[dict[str, Counts]] = [{name: [] for name in question.fields} for question in questions]
    if len(questions) == 1 and questions[0].narrowing.is_plain:
        return [entity_facets(questions[0].fields, credentials=credentials, filter=questions[0].narrowing.filter)]
    parts = [_counted(number, question, credentials) for number, question in enumerate(questions)]
    if not parts:
        return answers
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    for number, key, value, count in rows:
        for name in questions[number].fields:
            if name.lower() == key:
                answers[number][name].append({"value": value, "count": count})
    return answers


def failing_refs() -> QuerySet[RefreshState, str]:
    """Return the refs of the entities whose last run complained, as a query to narrow by."""
    return RefreshState.objects.failing().values_list("entity_ref", flat=True)


def _counted(number: int, question: Question, credentials: Credentials) -> QuerySet[SearchEntry, Any]:
    return (
        SearchEntry.objects.filter(
            _condition(question.narrowing, credentials), key__in=[name.lower() for name in question.fields]
        )
        .exclude(value=NO_VALUE)
        .annotate(
            question=Value(number, output_field=IntegerField()),
            written=Coalesce("original_value", "value", output_field=CharField()),
        )
        .order_by()
        .values_list("question", "key", "written")
        .annotate(count=Count("*"))
    )


def _condition(narrowing: Narrowing, credentials: Credentials) -> Q:
    """Return the condition on rows with an ``entity_id``."""
    found = condition(both(narrowing.filter, visible_to(credentials)), id_field="entity_id")
    for word in narrowing.text.lower().split():
        found &= _has_word(word)
    for refs in narrowing.refs:
        wanted = refs if isinstance(refs, QuerySet) else list(refs)
        found &= Q(entity_id__in=FinalEntity.objects.filter(entity_ref__in=wanted).values("entity_id"))
    return found


def _has_word(word: str) -> Q:
    # As in ``listing``: inside a name, a title or a target, or a whole tag.
    inside = Q(key__in=SEARCHED_FIELDS, value__contains=word) & ~Q(value=NO_VALUE)
    entries = SearchEntry.objects.filter(inside | Q(key="metadata.tags", value=word)).order_by()
    return Q(entity_id__in=entries.values("entity_id"))


def _sorted(
    narrowing: Narrowing, credentials: Credentials, order: Order, *, backwards: bool = False
) -> QuerySet[FinalEntity]:
    # Of several values the first counts. What has none comes last either way.
    values = (
        SearchEntry.objects.filter(entity_id=OuterRef("entity_id"), key=order.field.lower())
        .exclude(value=NO_VALUE)
        .order_by("value")
        .values("value")[:1]
    )
    nothing = Value("" if order.descending else NO_VALUE)
    rows = FinalEntity.objects.filter(_condition(narrowing, credentials)).annotate(
        sort_value=Coalesce(Subquery(values), nothing, output_field=CharField())
    )
    return rows.order_by(
        *(["-sort_value", "-entity_ref"] if order.descending != backwards else ["sort_value", "entity_ref"])
    )


def _beyond(place: Place, *, smaller: bool) -> Q:
    value, ref = place
    past = "lt" if smaller else "gt"
    return Q(**{f"sort_value__{past}": value}) | Q(sort_value=value, **{f"entity_ref__{past}": ref})


def _texts(refs: Sequence[str]) -> list[str]:
    texts = dict(FinalEntity.objects.filter(entity_ref__in=refs).values_list("entity_ref", "final_entity"))
    return [texts[ref] for ref in refs if ref in texts]
