"""What the tests of the events service share."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Any

from portal.services import services
from portal.services.events import Event, SharedEvents
from tests.waiting import PATIENCE


class Inbox:
    """A subscriber that keeps what it gets."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.threads: set[str] = set()

    def __call__(self, event: Event) -> None:
        self.threads.add(threading.current_thread().name)
        self.events.put(event)

    def take(self, count: int = 1) -> list[Event]:
        """Wait for so many events."""
        return [self.events.get(timeout=PATIENCE) for _ in range(count)]

    def payloads(self, count: int = 1) -> list[Any]:
        """Wait for so many events; return their payloads."""
        return [event.payload for event in self.take(count)]


def shared() -> SharedEvents:
    service = services["events"]
    assert isinstance(service, SharedEvents)
    return service
