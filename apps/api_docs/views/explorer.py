"""The list of APIs: what its filters leave, strictly as they say, page by page.

Three requests to the catalog, and a fourth for the counts of all where the list is of some.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.api_docs import routes
from apps.api_docs.forms import PAGE_SIZES, ApiQuery
from apps.api_docs.queries import (
    EVERYBODYS,
    OWNED,
    STARRED,
    ApiListing,
    api_facets,
    api_listing,
    canonical_owner,
    starred_apis,
    titles_of,
)
from apps.api_docs.views.types import type_title
from portal.credentials import UserPrincipal
from portal.entities import DEFAULT_NAMESPACE, Entity, EntityRef, parse_ref, ref_of
from portal.errors import InputError
from portal.extensions.drawing import render_once
from portal.extensions.presentation import title_of
from portal.http.pages import PageView
from portal.routes.urls import link_for, url_for

#: The filters in their order, with their titles and whether they are open from the start.
FILTERS = (
    ("type", gettext_lazy("Type"), True),
    ("owners", gettext_lazy("Owner"), True),
    ("lifecycles", gettext_lazy("Lifecycle"), True),
    ("tags", gettext_lazy("Tags"), False),
    ("namespace", gettext_lazy("Namespace"), False),
)
#: More values than these aren't offered, and no description is longer.
MAX_OPTIONS = 25
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an entity. One that isn't in the catalog, or that may not be seen, says so."""

    title: str
    ref: str
    url: str
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says about one API."""

    link: Link
    namespace: str
    description: str
    systems: tuple[Link, ...]
    owners: tuple[Link, ...]
    type: str
    lifecycle: str
    tags: tuple[str, ...]

    @property
    def html(self) -> SafeString:
        """The row of the table."""
        return render_once("api_docs/pages/_row.html", row=self)


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose, and how many APIs have it."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its options; ``left_out`` are those that aren't offered."""

    param: str
    title: str
    options: tuple[Option, ...]
    left_out: int
    is_open: bool

    @property
    def html(self) -> SafeString:
        """The group of boxes to tick."""
        return render_once("api_docs/pages/_filter.html", filter=self)


@dataclass(frozen=True, slots=True)
class Offer:
    """The values of a filter that are offered: what is chosen, then what most APIs have; and how many are left out."""

    values: list[tuple[str, int, bool]]
    left_out: int

    @classmethod
    def of(cls, param: str, counts: Mapping[str, int], chosen: Sequence[str]) -> Self:
        """Return the offer. Values that differ only in case are one, and chosen ones are there in any case."""
        merged: dict[str, tuple[str, int]] = {}
        for value, count in sorted(counts.items(), key=lambda item: -item[1]):
            written, so_far = merged.get(value.lower(), (value, 0))
            merged[value.lower()] = (written, so_far + count)
        wanted = {value.lower(): value for value in (map(canonical_owner, chosen) if param == "owners" else chosen)}
        for key, value in wanted.items():
            merged.setdefault(key, (value, 0))
        values = [(value, count, key in wanted) for key, (value, count) in merged.items()]
        values.sort(key=lambda one: (not one[2], -one[1], one[0]))
        return cls(values[:MAX_OPTIONS], max(0, len(values) - MAX_OPTIONS))

    @property
    def is_chosen_from(self) -> bool:
        """Whether one of the values is chosen: those stand first."""
        return any(is_chosen for _value, _count, is_chosen in self.values[:1])


class ApiExplorerView(PageView):
    """``/api-docs``. Asked for by htmx, it answers with the part that changes."""

    template_name = "api_docs/pages/explorer.html"
    fragments = {"apis": "api_docs/pages/_explorer.html", "apis-results": "api_docs/pages/_results_fragment.html"}

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the list. The address that htmx leaves in the browser is the short one."""
        values = self.context()
        response = self.render(values)
        if request.headers.get("HX-Request") == "true":
            response["HX-Push-Url"] = self._link_to(values["query"])
        return response

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the rows, the filters, and where the neighbouring pages are."""
        query = ApiQuery.parse(self.request.GET)
        configured = self.page.config["initiallySelectedFilter"]
        stars = starred_apis(self.credentials)
        scopes = dict(_scopes(stars))
        whose = query.whose or configured
        whose = whose if whose in scopes else EVERYBODYS
        listing = api_listing(
            query.filters,
            credentials=self.credentials,
            whose=whose,
            text=query.text,
            limit=query.limit,
            offset=query.offset,
        )
        query = query.with_offset(listing.offset)
        only_results = self.request.headers.get("HX-Target") == "apis-results"
        facets = {} if only_results else api_facets(credentials=self.credentials, whose=whose)
        offers = {
            param: Offer.of(param, facets.get(param, {}), query.values(param)) for param, _title, _open in FILTERS
        }
        owners = {value for value, _count, _is_chosen in offers["owners"].values}
        titles = titles_of(
            _refs_beside(listing.items) | owners.union(() if only_results else stars or ()),
            credentials=self.credentials,
        )
        counts = {} if only_results else self._counts(facets if whose == EVERYBODYS else None, stars, titles)
        return {
            "query": query,
            "url": self._url,
            "rows": [_row(entity, titles) for entity in listing.items],
            "listing": listing,
            "filters": list(_filters(offers, titles)),
            "scopes": [
                (
                    title,
                    icon,
                    self._link_to(query.with_whose("" if scope == configured else scope)),
                    scope == whose,
                    counts.get(scope),
                )
                for scope, (title, icon) in scopes.items()
            ],
            "active": [
                (title, _label(param, value, titles), self._link_to(query.without(param, value)))
                for param, title, _open in FILTERS
                for value in query.values(param)
            ],
            "whose": whose,
            "clear_url": self._link_to(query.cleared()),
            "all_url": self._link_to(query.cleared().with_whose("" if configured == EVERYBODYS else EVERYBODYS)),
            "register_url": link_for(self.request, routes.register_api),
            "sizes": PAGE_SIZES,
            **self._pages(listing, query),
        }

    def _counts(
        self,
        facets: Mapping[str, Mapping[str, int]] | None,
        stars: Collection[str] | None,
        titles: Mapping[str, str],
    ) -> dict[str, int]:
        """Return how many APIs there are of everybody, of one's own and starred. None of ``facets`` asks for them."""
        facets = api_facets(credentials=self.credentials) if facets is None else facets
        principal = self.credentials.principal
        own = principal.ownership_refs if isinstance(principal, UserPrincipal) else ()
        return {
            # Each has one namespace and one owner.
            EVERYBODYS: sum(facets["namespace"].values()),
            OWNED: sum(facets["owners"].get(ref, 0) for ref in own),
            STARRED: sum(star in titles for star in stars or ()),
        }

    @property
    def _url(self) -> str:
        return url_for(routes.api_explorer) or self.request.path

    def _link_to(self, query: ApiQuery) -> str:
        encoded = query.encode()
        return f"{self._url}?{encoded}" if encoded else self._url

    def _pages(self, listing: ApiListing, query: ApiQuery) -> dict[str, Any]:
        last = listing.offset + len(listing.items)
        return {
            "first": listing.offset + 1 if listing.items else 0,
            "last": last,
            "previous": self._link_to(query.with_offset(listing.offset - query.limit)) if listing.offset else None,
            "next": self._link_to(query.with_offset(last)) if last < listing.total else None,
        }


def _scopes(stars: Collection[str] | None) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield which APIs there may be a list of, with title and icon."""
    yield EVERYBODYS, (_("All"), "plug")
    yield OWNED, (_("Owned by me"), "user")
    if stars is not None:
        yield STARRED, (_("Starred by me"), "star")


def entity_url(ref: EntityRef) -> str:
    """Return the address of an entity's page; empty if nothing shows entities."""
    return url_for(routes.catalog_entity, namespace=ref.namespace.lower(), kind=ref.kind.lower(), name=ref.name) or ""


def _row(entity: Entity, titles: Mapping[str, str]) -> Row:
    ref, title, metadata = ref_of(entity), title_of(entity), entity["metadata"]
    spec = entity.get("spec") or {}
    return Row(
        link=Link(title, str(ref), entity_url(ref)),
        namespace="" if ref.namespace == DEFAULT_NAMESPACE or title.startswith(f"{ref.namespace}/") else ref.namespace,
        description=Truncator(_text(metadata.get("description"))).chars(LONGEST_NOTE),
        systems=tuple(_link(system, titles) for system in _related(entity, "partOf") if system.startswith("system:")),
        owners=tuple(_link(owner, titles) for owner in _related(entity, "ownedBy")),
        type=type_title(_text(spec.get("type"))),
        lifecycle=_text(spec.get("lifecycle")),
        tags=tuple(tag for tag in metadata.get("tags") or [] if isinstance(tag, str)),
    )


def _link(ref: str, titles: Mapping[str, str]) -> Link:
    parsed = parse_ref(ref)
    return Link(titles.get(ref) or title_of(parsed), ref, entity_url(parsed), is_missing=ref not in titles)


def _related(entity: Entity, relation: str) -> list[str]:
    return [found["targetRef"] for found in entity.get("relations") or [] if found["type"] == relation]


def _refs_beside(entities: Iterable[Entity]) -> set[str]:
    return {ref for entity in entities for relation in ("ownedBy", "partOf") for ref in _related(entity, relation)}


def _filters(offers: Mapping[str, Offer], titles: Mapping[str, str]) -> Iterator[Filter]:
    for param, title, is_open in FILTERS:
        offer = offers[param]
        options = [
            Option(value, _label(param, value, titles), count, is_chosen) for value, count, is_chosen in offer.values
        ]
        options.sort(key=lambda option: (not option.is_chosen, -option.count, option.label.casefold()))
        if len(options) > 1 or offer.is_chosen_from or (options and param != "namespace"):
            yield Filter(param, str(title), tuple(options), offer.left_out, is_open or offer.is_chosen_from)


def _label(param: str, value: str, titles: Mapping[str, str]) -> str:
    if param == "type":
        return type_title(value)
    if param != "owners":
        return value
    owner = canonical_owner(value)
    try:
        return titles.get(owner) or title_of(parse_ref(owner))
    except InputError:
        return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
