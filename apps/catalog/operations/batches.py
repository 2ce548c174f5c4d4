"""Splitting long lists, so that no statement outgrows what a database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

#: Rows in one statement. SQLite takes 32,766 parameters, and the widest table has eleven columns.
ROWS = 500


def batched(items: Iterable[T], size: int = ROWS) -> Iterator[list[T]]:
    """Yield lists of at most ``size`` items."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
