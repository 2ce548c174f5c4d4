"""The filters of the catalog's list at work: what they leave, and how many each of their values would leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from apps.catalog.forms import CatalogQuery
from apps.catalog.queries import EVERYTHING, entity_facets, parse_predicate
from apps.catalog.queries.browsing import Counts, Narrowing, Question, count_values
from apps.catalog.views.links import Known, entity_link
from apps.catalog.views.options import foremost, merged
from portal.credentials import Credentials
from portal.extensions import CatalogFilter, Node, PageContext, guarded
from portal.extensions.language import translated


@dataclass(frozen=True, slots=True)
class CatalogState:
    """What the filters are told, as ``page.catalog``: the query, the values in effect, and what there is to choose."""

    query: CatalogQuery
    url: str
    #: The values in effect, by the filter's ``param``.
    chosen: Mapping[str, tuple[str, ...]]
    #: Value and count, by the filter's ``param``: how many entities have the value and pass the other filters.
    offers: Mapping[str, Counts] = field(default_factory=dict)
    titles: Known = field(default_factory=dict)
    #: Whether htmx brings the list anew: only elements with ``hx-swap-oob`` are used then.
    is_update: bool = False
    #: What is looked for among the values of a filter, by its ``param``.
    sought: Mapping[str, str] = field(default_factory=dict)
    #: Where the bare address opens something else: what stands for the list without filters.
    plain: str = ""

    def link_to(self, query: CatalogQuery) -> str:
        """Return the address of the list for a query."""
        encoded = query.encode() or self.plain
        return f"{self.url}?{encoded}" if encoded else self.url


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A chosen value, and the address of the list without it."""

    label: str
    value: str
    url: str


class ActiveFilters:
    """The filters that narrow the list, with the values that the address gives them."""

    def __init__(self, nodes: Sequence[Node], query: CatalogQuery, page: PageContext, credentials: Credentials) -> None:
        self.query = query
        self._page = page
        self._credentials = credentials
        self.chosen: dict[str, tuple[str, ...]] = {}
        self.all: list[CatalogFilter] = []
        for node in nodes:
            one = node.extension
            if isinstance(one, CatalogFilter) and one.param and guarded(node, page, partial(self._try, one), False):
                self.all.append(one)

    def _try(self, one: CatalogFilter) -> bool:
        """Take the values of a filter. One that fails by what the address says would fail the list: it is set aside."""
        values = one.values(self.query.values(one.param))
        self._narrowed(Narrowing(), [one], {one.param: values})
        self.chosen[one.param] = values
        return True

    @cached_property
    def narrowing(self) -> Narrowing:
        """What all of them and the text leave."""
        return self._without(None)

    @property
    def scope(self) -> Narrowing:
        """What those leave that set the scene."""
        return self._narrowed(Narrowing(), (one for one in self.all if one.is_scope))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the scene restricts the list."""
        return self.narrowing != self.scope

    @property
    def holding_refs(self) -> list[CatalogFilter]:
        """Those whose values are refs."""
        return [one for one in self.all if one.holds_refs]

    def offers(self, params: Iterable[str] | None = None) -> dict[str, Counts]:
        """Return what there is to choose, by ``param``: the values in the scene, each with its count under the others.

        ``params`` asks for some filters only. At most three statements.
        """
        wanted = [one for one in self.all if params is None or one.param in set(params)]
        offered = self._in_scope([one for one in wanted if one.field])
        questions = self._questions(wanted)
        answers = count_values([question for _, _, question in questions], credentials=self._credentials)
        found: dict[str, Counts] = {}
        for one in wanted:
            if not one.field:
                found[one.param] = []
            elif any(asker is one for asker, _, _ in questions):
                found[one.param] = [{"value": option["value"], "count": 0} for option in offered.get(one.field, ())]
            else:
                found[one.param] = list(offered.get(one.field, ()))
        for (one, choice, _), answer in zip(questions, answers, strict=True):
            if choice is None:
                found[one.param] = _counted(found[one.param], answer)
            else:
                found[one.param].append({"value": choice, "count": answer[0]["count"]})
        return found

    def removable(self, state: CatalogState) -> list[ActiveFilter]:
        """Return what can be taken away: every value in effect, of filters that don't set the scene."""
        return [
            ActiveFilter(
                label=translated(one.title) or one.param,
                value=_title(one, value, state),
                url=state.link_to(
                    state.query.with_filter(one.param, (other for other in self.chosen[one.param] if other != value))
                ),
            )
            for one in self.all
            if not one.is_scope
            for value in self.chosen[one.param]
        ]

    def cleared(self) -> CatalogQuery:
        """Return the query with nothing but the filters that set the scene, and how the list looks."""
        query = self.query.with_text("")
        for param in query.filters:
            if not any(one.is_scope for one in self.all if one.param == param):
                query = query.with_filter(param, ())
        return query

    def _in_scope(self, filters: Sequence[CatalogFilter]) -> Mapping[str, Counts]:
        """Return the values of the scene, of those that set it themselves all values. Two statements."""
        outer = [one.field for one in filters if one.is_scope]
        inner = [one.field for one in filters if not one.is_scope]
        found = entity_facets(outer, credentials=self._credentials) if outer else {}
        if inner:
            found = {**found, **entity_facets(inner, credentials=self._credentials, filter=self.scope.filter)}
        return found

    def _questions(self, filters: Sequence[CatalogFilter]) -> list[tuple[CatalogFilter, str | None, Question]]:
        """Return what isn't known from the scene: by filter, and by choice for one that has its own."""
        questions: list[tuple[CatalogFilter, str | None, Question]] = []
        for one in filters:
            others = self.narrowing if one.is_conjunctive else self._without(one)
            for choice in one.choices:
                narrowed = self._narrowed(others, [one], {one.param: one.values((choice,))})
                questions.append((one, choice, Question("", narrowed)))
            if one.field and others != (Narrowing() if one.is_scope else self.scope):
                questions.append((one, None, Question(one.field, others)))
        return questions

    def _without(self, left_out: CatalogFilter | None) -> Narrowing:
        """Return what the text and all filters leave, but one. A filter of the scene sets aside what depends on it."""
        dependent = left_out.sets_aside if left_out is not None else ()
        kept = (one for one in self.all if one is not left_out and one.param not in dependent)
        return self._narrowed(Narrowing(text=self.query.text), kept)

    def _narrowed(
        self,
        narrowing: Narrowing,
        filters: Iterable[CatalogFilter],
        chosen: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Narrowing:
        for one in filters:
            values = (chosen or self.chosen)[one.param]
            predicate, refs = one.predicate(values, self._page), one.refs(values, self._page)
            narrowing = narrowing.also(EVERYTHING if predicate is None else parse_predicate(predicate), refs)
        return narrowing


def _counted(offered: Counts, counted: Counts) -> Counts:
    """Return what is offered with the counts that hold now; what isn't offered, yet counted, comes along."""
    counts = {option["value"]: option["count"] for option in counted}
    known = [{"value": option["value"], "count": counts.pop(option["value"], 0)} for option in offered]
    return [*known, *({"value": value, "count": count} for value, count in counts.items())]


def _title(one: CatalogFilter, value: str, state: CatalogState) -> str:
    if one.holds_refs:
        return entity_link(value, state.titles).title
    return str(one.choices.get(value, value))


def refs_to_name(
    filters: ActiveFilters, offers: Mapping[str, Counts], sought: Mapping[str, str] | None = None
) -> set[str]:
    """Return the refs that filters show by their titles: those to offer, and what is chosen.

    ``sought`` are the texts that are looked for among the titles of a filter's values, by its ``param``.
    """
    named: set[str] = set()
    for one in filters.holding_refs:
        values = merged(offers.get(one.param, ()), filters.chosen[one.param])
        shown = values if (sought or {}).get(one.param) else foremost(values)
        named.update(value for value, _, _ in shown)
    return named
