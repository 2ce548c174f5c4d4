"""Tables of what an entity has a relation to: the first rows, all of them page by page, and what isn't there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from apps.catalog.views.links import EntityLink
from apps.catalog.views.related import RelatedEntities, RelatedPage
from apps.catalog.views.rows import Column, EntityRow
from portal.extensions import PageContext


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the pages of a part of a page are; an address is empty if there is no such page.

    ``all_url`` leads from the short list to the first page of all, ``fewer_url`` back.
    """

    first: int
    last: int
    total: int
    previous_url: str = ""
    next_url: str = ""
    all_url: str = ""
    fewer_url: str = ""


@dataclass(frozen=True, slots=True)
class RelationTable:
    """The rows of a table of one relation, with the refs that lead nowhere."""

    columns: Sequence[Column]
    rows: list[EntityRow]
    missing: list[EntityLink]
    total: int
    pager: Pager | None


def relation_table(page: PageContext, relation: str, kind: str, columns: Sequence[Column]) -> RelationTable:
    """Return the table of a relation to entities of one kind, as far as the page's address asks for it."""
    related: RelatedEntities = page.related
    found = related.page(relation, kind)
    return RelationTable(
        columns, related.rows(found.entities, columns), found.missing, found.total, pager_of(page, found)
    )


def pager_of(page: PageContext, found: RelatedPage) -> Pager | None:
    """Return the addresses of the other pages; None if there is only the one."""
    name = f"pages[{found.key}]"
    if not found.number:
        return Pager(1, found.last, found.total, all_url=_url(page, name, 1)) if found.last < found.total else None
    return Pager(
        found.first,
        found.last,
        found.total,
        previous_url=_url(page, name, found.number - 1) if found.number > 1 else "",
        next_url=_url(page, name, found.number + 1) if found.last < found.total else "",
        fewer_url=_url(page, name, None),
    )


def numbered_pager(page: PageContext, name: str, *, number: int, size: int, total: int) -> Pager | None:
    """Return the addresses of the other pages of a list that has no short form; None if there is only the one."""
    if total <= size:
        return None
    name = f"pages[{name}]"
    return Pager(
        (number - 1) * size + 1,
        min(total, number * size),
        total,
        previous_url=_url(page, name, number - 1 if number > 2 else None) if number > 1 else "",
        next_url=_url(page, name, number + 1) if number * size < total else "",
    )


def url_with(page: PageContext, **changes: str | None) -> str:
    """Return the page's address with other parameters; None takes one away."""
    query = QueryDict(page.request.GET.urlencode(), mutable=True)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"{page.request.path}?{query.urlencode(safe='[]')}" if query else page.request.path


def _url(page: PageContext, name: str, number: int | None) -> str:
    return url_with(page, **{name: None if number is None else str(number)})
