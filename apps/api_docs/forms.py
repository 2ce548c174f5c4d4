"""What the address of the list of APIs asks for: ``?filters[type]=openapi&filters[owners]=…&limit=20&offset=40``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from apps.api_docs.queries import EVERYBODYS, FIELDS, OWNED, STARRED
from portal.http.query import whole_number

PAGE_SIZES = (20, 50, 100)
LONGEST_TEXT = 200
#: The name of the filter for whose APIs there are.
WHOSE = "user"
_FILTER = re.compile(r"filters\[(?P<param>\w+)\](?:\[\d*\])?")


@dataclass(frozen=True, slots=True)
class ApiQuery:
    """The state of the list. Immutable: ``with_…`` return changed copies, to make links from."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whose: str = ""
    text: str = ""
    limit: int = PAGE_SIZES[0]
    offset: int = 0

    @classmethod
    def parse(cls, data: QueryDict) -> Self:
        """Read a query string. What makes no sense is left out: a list is better than an error about its address."""
        found: dict[str, list[str]] = {}
        for key, values in data.lists():
            if match := _FILTER.fullmatch(key):
                found.setdefault(match["param"], []).extend(value.strip() for value in values)
        whose = next(iter(found.get(WHOSE, [])), "")
        limit = whole_number(data.get("limit"), default=PAGE_SIZES[0])
        return cls(
            filters={param: kept for param in FIELDS if (kept := _distinct(found.get(param, ())))},
            whose=whose if whose in {OWNED, STARRED, EVERYBODYS} else "",
            text=" ".join(found.get("text", []))[:LONGEST_TEXT].strip(),
            limit=limit if limit in PAGE_SIZES else PAGE_SIZES[0],
            offset=whole_number(data.get("offset")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter leaves something out."""
        return bool(self.text or self.filters)

    def values(self, param: str) -> tuple[str, ...]:
        """Return the values chosen for a filter."""
        return self.filters.get(param, ())

    def with_offset(self, offset: int) -> Self:
        """Return the query for another page of the same list."""
        return replace(self, offset=max(0, offset))

    def with_whose(self, whose: str) -> Self:
        """Return the first page of everybody's or one's own."""
        return replace(self, whose=whose, offset=0)

    def without(self, param: str, value: str) -> Self:
        """Return the first page of the list with one value less."""
        kept = tuple(chosen for chosen in self.values(param) if chosen != value)
        filters = {name: chosen for name, chosen in self.filters.items() if name != param}
        return replace(self, filters={**filters, param: kept} if kept else filters, offset=0)

    def cleared(self) -> Self:
        """Return the first page without search and filters."""
        return replace(self, filters={}, text="", offset=0)

    def encode(self) -> str:
        """Return the query string, the shortest that gives this list."""
        pairs = [(f"filters[{param}]", value) for param, values in self.filters.items() for value in values]
        given = ((f"filters[{WHOSE}]", self.whose), ("filters[text]", self.text), ("offset", str(self.offset or "")))
        pairs += [(name, value) for name, value in given if value]
        if self.limit != PAGE_SIZES[0]:
            pairs.append(("limit", str(self.limit)))
        return urlencode(pairs, safe="[]:/")


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value and value.lower() != EVERYBODYS))
