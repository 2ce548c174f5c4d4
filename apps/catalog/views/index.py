"""The catalog's list: what its filters leave, strictly as they say, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import orjson
from django.http import HttpRequest, HttpResponse

from apps.catalog import routes
from apps.catalog.forms import PAGE_SIZES, CatalogQuery
from apps.catalog.permissions import ENTITY_CREATE, LOCATION_READ
from apps.catalog.queries import AllOf, Filter, entity_facets, parse_predicate
from apps.catalog.queries.listing import EntityListing, entity_listing, entity_titles
from apps.catalog.views.links import entity_link
from apps.catalog.views.rows import TYPE, columns_for, entity_rows, refs_beside
from portal.extensions import Predicate, visible_children
from portal.http.pages import PageView
from portal.routes.urls import url_for
from portal.services import permissions


@runtime_checkable
class NarrowingFilter(Protocol):
    """What a ``CatalogFilter`` has if it narrows the list by itself, and offers values to choose from."""

    #: Its name in the address, ``filters[<param>]``.
    param: str
    #: The field whose values it offers; empty if it offers none.
    field: str
    #: Whether other filters offer and count only what this one leaves. The kind's does.
    is_scope: bool
    #: Whether its values are refs of entities, to be shown by their titles.
    holds_refs: bool

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values that are in effect, given those in the address."""

    def predicate(self, values: tuple[str, ...]) -> Predicate | None:
        """Return what an entity must be like for these values; None restricts nothing."""


@dataclass(frozen=True, slots=True)
class CatalogState:
    """What the filters are told, as ``page.catalog``: the query, the values in effect, and what there is to choose."""

    query: CatalogQuery
    url: str
    chosen: Mapping[str, tuple[str, ...]]
    #: Value and count by field, for the filters that are shown.
    facets: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def link_to(self, query: CatalogQuery) -> str:
        """Return the address of the list for a query."""
        encoded = query.encode()
        return f"{self.url}?{encoded}" if encoded else self.url


class CatalogIndexView(PageView):
    """``/catalog``. Asked for by htmx, it answers with the part that changes."""

    template_name = "catalog/pages/index.html"
    fragments = {
        "catalog": "catalog/pages/_catalog.html",
        "catalog-results": "catalog/pages/_results_fragment.html",
    }

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the list. The address that htmx leaves in the browser is the short one."""
        values = self.context()
        response = self.render(values)
        if request.headers.get("HX-Request") == "true":
            state: CatalogState = values["catalog"]
            response["HX-Push-Url"] = state.link_to(state.query)
        return response

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the rows, their columns, the filters' state and where the neighbouring pages are."""
        query = CatalogQuery.parse(self.request.GET)
        state = CatalogState(query, url_for(routes.catalog_index) or self.request.path, {})
        nodes = visible_children(self.page, "filters", self.page_context(catalog=state))
        narrowing = [node.extension for node in nodes if isinstance(node.extension, NarrowingFilter)]
        chosen = {one.param: one.values(query.values(one.param)) for one in narrowing}
        listing = entity_listing(
            credentials=self.credentials,
            filter=_all(narrowing, chosen),
            text=query.text,
            limit=query.limit,
            offset=query.offset,
        )
        query = query.with_offset(listing.offset)
        # Only a page that shows the filters needs to know what there is to choose.
        facets = {} if self.request.headers.get("HX-Target") == "catalog-results" else self._facets(narrowing, chosen)
        entities = [orjson.loads(text) for text in listing.items]
        titles = entity_titles(
            refs_beside(entities) | _refs_to_name(narrowing, chosen, facets), credentials=self.credentials
        )
        state = CatalogState(query, state.url, chosen, facets, titles)
        kinds = chosen.get("kind", ())
        kind = kinds[0].lower() if len(kinds) == 1 else None
        columns = columns_for(kind, without=[TYPE] if chosen.get("type") else [])
        return {
            "catalog": state,
            "filters": nodes,
            "kind": kind,
            "rows": entity_rows(entities, columns, titles),
            "columns": columns,
            "listing": listing,
            "noun": _noun(kind, listing.total),
            "active": _active_filters(narrowing, state),
            "pages": _pages(listing, state),
            "sizes": PAGE_SIZES,
            "is_narrowed": bool(query.text) or any(chosen[one.param] for one in narrowing if not one.is_scope),
            "clear_url": state.link_to(_scene(narrowing, query)),
            **self._actions(),
        }

    def _facets(
        self, narrowing: Sequence[NarrowingFilter], chosen: Mapping[str, tuple[str, ...]]
    ) -> dict[str, list[dict[str, Any]]]:
        """Return what the filters offer: the scoping ones everything, the others what those leave. Two queries."""
        scoping = [one for one in narrowing if one.is_scope]
        outer = [one.field for one in scoping if one.field]
        inner = [one.field for one in narrowing if one.field and not one.is_scope]
        facets = entity_facets(outer, credentials=self.credentials) if outer else {}
        if inner:
            facets |= entity_facets(inner, credentials=self.credentials, filter=_all(scoping, chosen))
        return facets

    def _actions(self) -> dict[str, Any]:
        """Return where the buttons lead, as far as the person may use them and their plugin is there."""
        may_create = permissions.authorize(ENTITY_CREATE, self.credentials).allowed
        may_see_locations = permissions.authorize(LOCATION_READ, self.credentials).allowed
        return {
            "create_url": url_for(routes.create_component) if may_create else None,
            "locations_url": url_for(routes.locations) if may_see_locations else None,
        }


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A chosen value, and the address of the list without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Which rows are shown, and where the neighbouring pages are; None where there is none."""

    first: int
    last: int
    previous: str | None
    next: str | None


def _all(narrowing: Sequence[NarrowingFilter], chosen: Mapping[str, tuple[str, ...]]) -> Filter:
    predicates = (one.predicate(chosen[one.param]) for one in narrowing)
    return AllOf(tuple(parse_predicate(predicate) for predicate in predicates if predicate is not None))


def _refs_to_name(
    narrowing: Sequence[NarrowingFilter],
    chosen: Mapping[str, tuple[str, ...]],
    facets: Mapping[str, list[dict[str, Any]]],
) -> set[str]:
    holding = [one for one in narrowing if one.holds_refs]
    offered = {option["value"] for one in holding for option in facets.get(one.field, ())}
    return offered | {value for one in holding for value in chosen[one.param]}


def _active_filters(narrowing: Sequence[NarrowingFilter], state: CatalogState) -> list[ActiveFilter]:
    """Return what can be taken away: every value that the address names, of filters that don't set the scene."""
    return [
        ActiveFilter(
            label=str(getattr(one, "title", one.param)),
            value=entity_link(value, state.titles).title if one.holds_refs else value,
            url=state.link_to(state.query.with_filter(one.param, (v for v in state.chosen[one.param] if v != value))),
        )
        for one in narrowing
        if not one.is_scope
        for value in state.chosen[one.param]
    ]


def _scene(narrowing: Sequence[NarrowingFilter], query: CatalogQuery) -> CatalogQuery:
    """Return the query with nothing but the filters that set the scene."""
    scoping = {one.param for one in narrowing if one.is_scope}
    return CatalogQuery({param: query.values(param) for param in query.filters if param in scoping}, limit=query.limit)


def _pages(listing: EntityListing, state: CatalogState) -> Pages:
    last = listing.offset + len(listing.items)
    limit = state.query.limit
    return Pages(
        first=listing.offset + 1 if listing.items else 0,
        last=last,
        previous=state.link_to(state.query.with_offset(listing.offset - limit)) if listing.offset else None,
        next=state.link_to(state.query.with_offset(last)) if last < listing.total else None,
    )


def _noun(kind: str | None, count: int) -> str:
    """Return what is counted: ``components``, ``APIs``, ``1 entity``."""
    word = "API" if kind == "api" else kind or "entity"
    if count == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
