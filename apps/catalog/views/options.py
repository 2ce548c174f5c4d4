"""Which values of a filter are offered: what is chosen, and what most entities have."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.safestring import SafeString

from apps.catalog.queries.browsing import Counts

#: More than these aren't offered at once; they are found by a part of their name.
MAX_OPTIONS = 12


class Value(NamedTuple):
    """A value, how many entities have it, and whether it is chosen."""

    value: str
    total: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose, and how many entities have it."""

    value: str
    label: str
    count: int
    is_chosen: bool
    param: str = ""

    @property
    def id(self) -> str:
        """What the page knows it by, so that it keeps the focus when the list changes."""
        return f"{self.param}-{zlib.crc32(self.value.lower().encode()):x}"

    @property
    def html(self) -> SafeString:
        """The option as it is drawn where several may be chosen. There are dozens on a page: see ``cells``."""
        return SafeString(
            f'<label class="check{"" if self.count else " is-zero"}"><input type="checkbox" id="{escape(self.id)}"'
            f' name="filters[{escape(self.param)}]" value="{escape(self.value)}"{" checked" if self.is_chosen else ""}>'
            f'<span>{escape(self.label)}</span> <span class="count">{number_format(self.count)}</span></label>'
        )


def merged(offered: Counts | tuple[()], chosen: Sequence[str]) -> list[Value]:
    """Return the values. Those that differ only in case are one, written as most are; chosen ones are always there."""
    found: dict[str, tuple[str, int]] = {}
    for option in sorted(offered, key=lambda option: -option["count"]):
        written, count = found.get(option["value"].lower(), (option["value"], 0))
        found[option["value"].lower()] = (written, count + option["count"])
    wanted = {value.lower() for value in chosen}
    for value in chosen:
        found.setdefault(value.lower(), (value, 0))
    return [Value(value, count, key in wanted) for key, (value, count) in found.items()]


def foremost(values: Sequence[Value]) -> list[Value]:
    """Return the values to offer where there are too many: what is chosen, then what most entities have."""
    ordered = sorted(values, key=lambda one: (not one.is_chosen, -one.total, one.value))
    return ordered[: max(MAX_OPTIONS, sum(one.is_chosen for one in values))]
