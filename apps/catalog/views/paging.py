"""Pages of the list: by number, or by cursor, as ``page:catalog`` is configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from apps.catalog.forms import PAGE_SIZES, CatalogQuery, Cursor
from apps.catalog.queries import Order
from apps.catalog.queries.browsing import Browsed, Narrowing, browse, browse_from
from apps.catalog.views.narrowing import CatalogState
from portal.credentials import Credentials

DEFAULT_LIMIT = 20

#: Backstage's ``pagination`` of ``page:catalog``.
PAGINATION_SCHEMA = {
    "anyOf": [
        {"type": "boolean"},
        {
            "type": "object",
            "properties": {
                "mode": {"enum": ["cursor", "offset"]},
                "limit": {"type": "integer", "minimum": 1, "maximum": 500},
                "offset": {"type": "integer", "minimum": 0},
            },
            "additionalProperties": False,
        },
    ],
    "default": True,
}


@dataclass(frozen=True, slots=True)
class Pagination:
    """How the list is cut into pages."""

    mode: Literal["cursor", "offset"] = "offset"
    limit: int = DEFAULT_LIMIT

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Pagination:
        """Read the configuration. True and false are pages by number here: the server always makes them."""
        given = config.get("pagination")
        if not isinstance(given, Mapping):
            return cls()
        return cls(given.get("mode", "cursor"), given.get("limit", DEFAULT_LIMIT))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes to choose from."""
        return tuple(sorted({*PAGE_SIZES, self.limit}))

    def read(
        self, query: CatalogQuery, narrowing: Narrowing, *, credentials: Credentials, order: Order
    ) -> tuple[Browsed, CatalogQuery]:
        """Return the page that is asked for, and the query with the place where it is. Three queries."""
        limit = query.limit or self.limit
        if self.mode == "offset":
            listing = browse(narrowing, credentials=credentials, order=order, limit=limit, offset=query.offset)
            return listing, query.with_offset(listing.offset)
        cursor = query.cursor
        place = {cursor.direction: (cursor.value, cursor.ref)} if cursor else {}
        listing = browse_from(narrowing, credentials=credentials, order=order, limit=limit, **place)
        if not listing.items and cursor:
            # What was there is gone: begin again.
            listing, cursor = browse_from(narrowing, credentials=credentials, order=order, limit=limit), None
        return listing, query.with_cursor(cursor)


@dataclass(frozen=True, slots=True)
class Pages:
    """Which rows are shown, and where the neighbouring pages are; None where there is none. Cursors know no numbers."""

    first: int
    last: int
    previous: str | None
    next: str | None

    @classmethod
    def of(cls, listing: Browsed, state: CatalogState, pagination: Pagination) -> Pages:
        """Return the neighbours of a page."""
        query = state.query
        if pagination.mode == "offset":
            last = listing.offset + len(listing.items)
            limit = query.limit or pagination.limit
            return cls(
                first=listing.offset + 1 if listing.items else 0,
                last=last,
                previous=state.link_to(query.with_offset(listing.offset - limit)) if listing.offset else None,
                next=state.link_to(query.with_offset(last)) if last < listing.total else None,
            )
        backwards = query.cursor is not None and query.cursor.direction == "before"
        has_previous = listing.has_more if backwards else query.cursor is not None
        has_next = backwards or listing.has_more
        before = Cursor(*listing.first, "before") if listing.first and has_previous else None
        after = Cursor(*listing.last, "after") if listing.last and has_next else None
        return cls(
            first=0,
            last=0,
            previous=state.link_to(query.with_cursor(before)) if before else None,
            next=state.link_to(query.with_cursor(after)) if after else None,
        )
