"""What a catalog URL asks for, in Backstage's form: ``?filters[kind]=api&filters[owners]=…&limit=20&offset=40``."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from urllib.parse import urlencode

import orjson
from django.http import QueryDict

from portal.http.query import whole_number

PAGE_SIZES = (10, 20, 50, 100)
#: Beyond this no text is searched for: it wouldn't fit a field.
LONGEST_TEXT = 200
#: No cursor of ours is longer: it holds a value of the index and a ref.
LONGEST_CURSOR = 2_000

DENSITIES = ("comfortable", "compact")

# Backstage's serialiser repeats the key; older links have `[]` or `[0]` behind it.
_FILTER = re.compile(r"filters\[(?P<param>\w+)\](?:\[\d*\])?")
_SORT = re.compile(r"-?[a-z]+")
_COLUMN = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the sort value and the ref of the entity that the page comes after, or before."""

    value: str
    ref: str
    direction: Literal["after", "before"] = "after"

    @classmethod
    def decode(cls, text: str) -> Self | None:
        """Read a text that ``encode`` gave; None if it isn't one."""
        try:
            value = orjson.loads(base64.urlsafe_b64decode(text.encode())) if len(text) <= LONGEST_CURSOR else None
        except (binascii.Error, ValueError):
            return None
        match value:
            case [str(sort_value), str(ref), ("after" | "before") as direction] if "\0" not in sort_value + ref:
                return cls(sort_value, ref, direction)
        return None

    def encode(self) -> str:
        """Return the text for the address."""
        return base64.urlsafe_b64encode(orjson.dumps([self.value, self.ref, self.direction])).decode()


@dataclass(frozen=True, slots=True)
class CatalogQuery:
    """The state of the catalog's list. Immutable: ``with_…`` and ``without`` return changed copies, to make links from.

    ``filters`` holds the chosen values by filter, as they were written and without empty ones. ``sort`` is the key of a
    column, after a minus for descending. What is empty, or None, is as the configuration and the person have it.
    """

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    density: str = ""
    limit: int | None = None
    offset: int = 0
    cursor: Cursor | None = None

    @classmethod
    def parse(cls, data: QueryDict) -> Self:
        """Read a query string. What makes no sense is left out: a list is better than an error about its address."""
        filters: dict[str, list[str]] = {}
        for key, values in data.lists():
            match = _FILTER.fullmatch(key)
            if match:
                # No database looks for a NUL character.
                filters.setdefault(match["param"], []).extend(value.replace("\0", "").strip() for value in values)
        text = " ".join(filters.pop("text", []))[:LONGEST_TEXT]
        limit = whole_number(data.get("limit"))
        sort, density = data.get("sort", ""), data.get("density", "")
        return cls(
            filters={name: kept for name, values in filters.items() if (kept := _distinct(values))},
            text=text.strip(),
            sort=sort if _SORT.fullmatch(sort) else "",
            columns=_distinct(one for one in data.getlist("columns") if _COLUMN.fullmatch(one)),
            density=density if density in DENSITIES else "",
            limit=limit if limit in PAGE_SIZES else None,
            offset=whole_number(data.get("offset")),
            cursor=Cursor.decode(data.get("cursor", "")),
        )

    def values(self, param: str) -> tuple[str, ...]:
        """Return the values chosen for a filter."""
        return self.filters.get(param, ())

    def with_offset(self, offset: int) -> Self:
        """Return the query for another page of the same list."""
        return replace(self, offset=max(0, offset), cursor=None)

    def with_cursor(self, cursor: Cursor | None) -> Self:
        """Return the query for the page at a place of the same list; None is the first."""
        return replace(self, offset=0, cursor=cursor)

    def with_filter(self, param: str, values: Iterable[str]) -> Self:
        """Return the first page of the list with other values for one filter; none remove it."""
        filters = {name: chosen for name, chosen in self.filters.items() if name != param}
        kept = _distinct(values)
        return replace(self.first_page(), filters={**filters, param: kept} if kept else filters)

    def without(self, param: str, value: str) -> Self:
        """Return the first page of the list with one value less."""
        return self.with_filter(param, (chosen for chosen in self.values(param) if chosen != value))

    def with_text(self, text: str) -> Self:
        """Return the first page of the list for another search text."""
        return replace(self.first_page(), text=text)

    def with_sort(self, sort: str) -> Self:
        """Return the first page of the list in another order."""
        return replace(self.first_page(), sort=sort)

    def first_page(self) -> Self:
        """Return the query for the first page."""
        return replace(self, offset=0, cursor=None)

    def encode(self) -> str:
        """Return the query string, the shortest that gives this list; empty for the list as it opens."""
        pairs = [(f"filters[{name}]", value) for name, values in self.filters.items() for value in values]
        if self.text:
            pairs.append(("filters[text]", self.text))
        pairs += [("columns", column) for column in self.columns]
        for name, value in (("sort", self.sort), ("density", self.density), ("limit", self.limit)):
            if value:
                pairs.append((name, str(value)))
        if self.cursor:
            pairs.append(("cursor", self.cursor.encode()))
        elif self.offset:
            pairs.append(("offset", str(self.offset)))
        # Brackets are left as they are: people read and write these addresses.
        return urlencode(pairs, safe="[]:/")


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
