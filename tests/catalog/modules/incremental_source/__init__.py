"""A module that brings incremental sources: those that a test puts into ``SOURCES``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.catalog.extension_points import JSON
from apps.catalog.modules.incremental.extension_points import (
    Burst,
    Delta,
    IncrementalEntityProvider,
    IncrementalOptions,
)
from portal.services.events import Event
from tests.catalog.conftest import provided


class Source(IncrementalEntityProvider):
    """A list of names, read page by page; the cursor is where the next page begins.

    ``faults`` are raised first, one for a step.
    """

    topics = ("source.changed",)

    def __init__(self, name: str = "source", *, has: str = "", page: int = 2) -> None:
        self.name = name
        self.has = list(has)
        self.page = page
        self.faults: list[BaseException] = []
        self.asked: list[JSON] = []
        self.opened = self.closed = 0

    @contextmanager
    def around(self) -> Iterator[str]:
        """Count what is opened and closed."""
        self.opened += 1
        try:
            yield f"connection {self.opened}"
        finally:
            self.closed += 1

    def next(self, context: Any, cursor: JSON) -> Burst:
        """Return the page at the cursor."""
        assert context == f"connection {self.opened}"
        self.asked.append(cursor)
        if self.faults:
            raise self.faults.pop(0)
        start = cursor["at"] if cursor else 0
        end = start + self.page
        return Burst(
            done=end >= len(self.has),
            entities=(provided(f"{self.name}-{name}", key=self.name) for name in self.has[start:end]),
            cursor={"at": end},
        )

    def handle_event(self, event: Event) -> Delta | None:
        """Take what an event names, if it is about this source."""
        if event.payload["source"] != self.name:
            return None
        return Delta(
            added=[provided(f"{self.name}-{name}", key=self.name) for name in event.payload.get("added", ())],
            removed=[f"component:default/{self.name}-{name}" for name in event.payload.get("removed", ())],
        )


#: What the module adds when the catalog's extension points are filled.
SOURCES: list[tuple[IncrementalEntityProvider, IncrementalOptions]] = []
