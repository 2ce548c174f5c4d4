"""What a catalog URL asks for, in Backstage's form: ``?filters[kind]=api&filters[owners]=…&limit=20&offset=40``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

PAGE_SIZES = (20, 50, 100)
#: Beyond this no text is searched for: it wouldn't fit a field.
LONGEST_TEXT = 200

# Backstage's serialiser repeats the key; older links have `[]` or `[0]` behind it.
_FILTER = re.compile(r"filters\[(?P<param>\w+)\](?:\[\d*\])?")


@dataclass(frozen=True, slots=True)
class CatalogQuery:
    """The state of the catalog's list. Immutable: ``with_…`` and ``without`` return changed copies, to make links from.

    ``filters`` holds the chosen values by filter, as they were written and without empty ones.
    """

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    limit: int = PAGE_SIZES[0]
    offset: int = 0

    @classmethod
    def parse(cls, data: QueryDict) -> Self:
        """Read a query string. What makes no sense is left out: a list is better than an error about its address."""
        filters: dict[str, list[str]] = {}
        for key, values in data.lists():
            match = _FILTER.fullmatch(key)
            if match:
                filters.setdefault(match["param"], []).extend(value.strip() for value in values)
        text = " ".join(filters.pop("text", []))[:LONGEST_TEXT]
        limit = _integer(data.get("limit"), PAGE_SIZES[0])
        return cls(
            filters={name: kept for name, values in filters.items() if (kept := _distinct(values))},
            text=text.strip(),
            limit=limit if limit in PAGE_SIZES else PAGE_SIZES[0],
            offset=max(0, _integer(data.get("offset"), 0)),
        )

    def values(self, param: str) -> tuple[str, ...]:
        """Return the values chosen for a filter."""
        return self.filters.get(param, ())

    def with_offset(self, offset: int) -> Self:
        """Return the query for another page of the same list."""
        return replace(self, offset=max(0, offset))

    def with_filter(self, param: str, values: Iterable[str]) -> Self:
        """Return the first page of the list with other values for one filter; none remove it."""
        filters = {name: chosen for name, chosen in self.filters.items() if name != param}
        kept = _distinct(values)
        return replace(self, filters={**filters, param: kept} if kept else filters, offset=0)

    def without(self, param: str, value: str) -> Self:
        """Return the first page of the list with one value less."""
        return self.with_filter(param, (chosen for chosen in self.values(param) if chosen != value))

    def with_text(self, text: str) -> Self:
        """Return the first page of the list for another search text."""
        return replace(self, text=text, offset=0)

    def encode(self) -> str:
        """Return the query string, the shortest that gives this list; empty for the list as it opens."""
        pairs = [(f"filters[{name}]", value) for name, values in self.filters.items() for value in values]
        if self.text:
            pairs.append(("filters[text]", self.text))
        if self.limit != PAGE_SIZES[0]:
            pairs.append(("limit", str(self.limit)))
        if self.offset:
            pairs.append(("offset", str(self.offset)))
        # Brackets are left as they are: people read and write these addresses.
        return urlencode(pairs, safe="[]:/")


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default
