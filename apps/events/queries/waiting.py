"""Waiting for events: woken at once by those of this process, and within a moment by those of any other."""

from __future__ import annotations

import threading
from collections.abc import Collection
from types import TracebackType
from typing import Self

from apps.events.queries.subscriptions import tail_position, topics_since
from portal.services import database
from portal.services.scheduler.loops import Loop

#: How often the bus is looked at while somebody waits, in seconds.
LOOK_SECONDS = 0.25
#: How long the loop sleeps while nobody does, in seconds; it is woken.
SLEEP_SECONDS = 3600.0


class Listener:
    """Somebody who waits for events on some topics; a context manager. What comes from its making on wakes it."""

    def __init__(self, news: News, topics: Collection[str]) -> None:
        self._news = news
        self._woken = threading.Event()
        self.topics = frozenset(topics)

    def wait(self, seconds: float) -> bool:
        """Wait for an event, so long at most; say whether there is one."""
        return self._woken.wait(seconds)

    def wake(self) -> None:
        """Say that there is an event."""
        self._woken.set()

    def close(self) -> None:
        """Listen no more."""
        self._news.leave(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class News:
    """Wakes listeners. One thread looks at the bus for all who wait in this process; it is there from the first on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._position = 0
        self._loop: Loop | None = None

    def listen(self, topics: Collection[str]) -> Listener:
        """Begin to listen. Do so before you look for events, so that none can come in between."""
        listener = Listener(self, topics)
        position = tail_position()
        with self._lock:
            if not self._listeners:
                self._position = position
            self._listeners.add(listener)
            if self._loop is None:
                self._loop = Loop("events:news", self._look)
                self._loop.start()
            self._loop.wake()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        with self._lock:
            self._listeners.discard(listener)

    def announce(self, topics: Collection[str]) -> None:
        """Wake who listens for one of these topics."""
        with self._lock:
            woken = [listener for listener in self._listeners if listener.topics.intersection(topics)]
        for listener in woken:
            listener.wake()

    def close(self) -> None:
        """Look no more, until somebody listens again."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.stop(timeout=LOOK_SECONDS)

    def _look(self) -> float:
        with self._lock:
            idle, seen = not self._listeners, self._position
        if idle:
            database.for_plugin("events").connection.close()
            return SLEEP_SECONDS
        position = tail_position()
        if position > seen:
            self.announce(topics_since(seen))
            with self._lock:
                self._position = max(self._position, position)
        return LOOK_SECONDS


news = News()
