"""On which line each key of a YAML or JSON file is written.

The parser reports no positions, so this reads the indentation. It is for messages only: a key that it doesn't find
(inside a flow collection, say) is reported with the line of what surrounds it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from portal.config.tree import KeyPath

_KEY = re.compile(
    r"""(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^']|'')*)'|(?P<plain>[^\s\#&*!|>%@`{}\[\],"'][^\#]*?))\s*:(?:\s|$)"""
)
_BLOCK_SCALAR = re.compile(r"(?:^|[:\s-])\s*(?:[&!]\S+\s+)*[|>][0-9+-]*\s*(?:#.*)?$")


class _Open(NamedTuple):
    """A key or list item whose members may follow on deeper lines."""

    column: int
    is_item: bool
    path: KeyPath


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._open: list[_Open] = []
        self._items: dict[KeyPath, int] = {}
        self._scalar_column: int | None = None

    def read(self, number: int, line: str) -> None:
        text = line.lstrip(" ")
        column = len(line) - len(text)
        if not text or text.isspace():
            return
        if self._scalar_column is not None:
            if column > self._scalar_column:
                return
            self._scalar_column = None
        if text.startswith(("#", "---", "...")):
            return
        innermost = column
        while text == "-" or text.startswith("- "):
            self._item(number, column)
            innermost = column
            rest = text[1:].lstrip(" ")
            column += len(text) - len(rest)
            text = rest
        if match := _KEY.match(text):
            self._key(number, column, match)
            innermost = column
        if _BLOCK_SCALAR.search(text):
            self._scalar_column = innermost

    def _item(self, number: int, column: int) -> None:
        while self._open and (self._open[-1].column, self._open[-1].is_item) >= (column, True):
            self._open.pop()
        parent = self._open[-1].path if self._open else ()
        position = self._items.get(parent, 0)
        self._items[parent] = position + 1
        self._enter(number, _Open(column, True, (*parent, position)))

    def _key(self, number: int, column: int, match: re.Match[str]) -> None:
        while self._open and self._open[-1].column >= column:
            self._open.pop()
        parent = self._open[-1].path if self._open else ()
        self._enter(number, _Open(column, False, (*parent, _name(match))))

    def _enter(self, number: int, entry: _Open) -> None:
        self._open.append(entry)
        self.lines.setdefault(entry.path, number)


def _name(match: re.Match[str]) -> str:
    if match["single"] is not None:
        return match["single"].replace("''", "'")
    if match["double"] is not None:
        return re.sub(r"\\(.)", r"\1", match["double"])
    return match["plain"]


def line_index(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) on which each key and list item begins."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), start=1):
        reader.read(number, line)
    return reader.lines
