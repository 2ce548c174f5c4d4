"""How the list looks: its columns and their order, what it is sorted by, and how dense it is.

The address says it; where it is silent, what the person had remembered counts, then what suits the kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.catalog.forms import DENSITIES, CatalogQuery
from apps.catalog.queries import Order
from apps.catalog.queries.listing import BY_NAME
from apps.catalog.views.narrowing import CatalogState
from apps.catalog.views.rows import ALL_COLUMNS, TYPE, Column, columns_for

COOKIE = "portal_catalog"
YEAR = 365 * 24 * 60 * 60
#: Of so many kinds the columns are remembered.
MAX_REMEMBERED = 20
#: The key of the column that is always there.
NAME = "name"


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: where it leads to sort by it, and how it is sorted by now, in the words of ARIA."""

    key: str
    title: str | Promise
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Display:
    """The columns beside the name, what may be chosen, and the density."""

    columns: tuple[Column, ...]
    chosen: frozenset[str]
    density: str
    order: Order
    query: CatalogQuery

    @property
    def orders(self) -> list[tuple[str, str | Promise, bool]]:
        """Sort keys with the titles of their columns, and whether each runs downwards."""
        sortable = [(NAME, _("Name")), *((column.key, column.title) for column in ALL_COLUMNS if column.field)]
        return [(key, title, False) for key, title in sortable] + [(f"-{key}", title, True) for key, title in sortable]

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """Every column, and whether it is chosen."""
        return [(column, column.key in self.chosen) for column in ALL_COLUMNS]

    def headings(self, state: CatalogState) -> list[Heading]:
        """Return the heads of the columns, the name's first."""
        now, descending = (state.query.sort.removeprefix("-") or NAME), state.query.sort.startswith("-")
        found = []
        for key, title, field in ((NAME, _("Name"), BY_NAME.field), *((c.key, c.title, c.field) for c in self.columns)):
            is_now = key == now
            turned = f"-{key}" if is_now and not descending else key
            url = state.link_to(state.query.with_sort("" if turned == NAME else turned)) if field else ""
            found.append(Heading(key, title, url, ("descending" if descending else "ascending") if is_now else ""))
        return found


def display_of(query: CatalogQuery, kind: str | None, request: HttpRequest, *, type_is_chosen: bool) -> Display:
    """Return how a list of a kind looks; None is a list of several. The query in it has nothing that goes unsaid."""
    kept = _kept(request)
    usual = frozenset(kept.get(kind or "", "").split()) or frozenset(column.key for column in columns_for(kind))
    if frozenset(query.columns) | {NAME} == usual | {NAME}:
        query = replace(query, columns=())
    chosen = frozenset(query.columns) or usual
    columns = tuple(column for column in ALL_COLUMNS if column.key in chosen)
    if not query.columns and type_is_chosen:
        # It says the same on each row.
        columns = tuple(column for column in columns if column != TYPE)
    kept_density = kept.get("density", "")
    usual_density = kept_density if kept_density in DENSITIES else DENSITIES[0]
    if query.density == usual_density:
        query = replace(query, density="")
    order = _order(query.sort)
    if order is None or query.sort == NAME:
        query, order = replace(query, sort=""), BY_NAME
    return Display(columns, chosen, query.density or usual_density, order, query)


def remember(display: Display, kind: str | None, request: HttpRequest, response: HttpResponse) -> None:
    """Keep in the browser which columns a kind has, and how dense lists are."""
    kept = {**_kept(request), "density": display.density}
    kept.pop(kind or "", None)
    kept[kind or ""] = " ".join([NAME, *(column.key for column in ALL_COLUMNS if column.key in display.chosen)])
    latest = dict(list(kept.items())[-MAX_REMEMBERED:])
    response.set_cookie(COOKIE, orjson.dumps(latest).decode(), max_age=YEAR, samesite="Lax", secure=request.is_secure())


def _kept(request: HttpRequest) -> dict[str, str]:
    """Return what the browser keeps; nothing of what isn't ours."""
    try:
        kept = orjson.loads(request.COOKIES.get(COOKIE, "{}"))
    except orjson.JSONDecodeError:
        return {}
    items: Sequence[tuple[object, object]] = list(kept.items())[:MAX_REMEMBERED] if isinstance(kept, dict) else []
    return {key: value for key, value in items if isinstance(key, str) and isinstance(value, str)}


def _order(sort: str) -> Order | None:
    """Return what a sort key means; None if there is no such column, or nothing is sorted by it."""
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key in {"", NAME}:
        return Order(BY_NAME.field, descending)
    field = next((column.field for column in ALL_COLUMNS if column.key == key), "")
    return Order(field, descending) if field else None
