"""Threads for background work that keep their database connections in order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from queue import Empty, SimpleQueue
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

from portal.services import logger

P = ParamSpec("P")
T = TypeVar("T")

#: How long a thread without work is kept, in seconds: with it go its connections.
IDLE_SECONDS = 30.0
#: How long an idle thread may take to end, in seconds.
CLOSE_SECONDS = 2.0


def with_tidy_connections(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function use database connections as a request does: old ones are closed before it and after it."""

    @wraps(function)
    def tidy(*args: P.args, **kwargs: P.kwargs) -> T:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return tidy


class _Thread:
    """A thread of the pool, which takes one job after the other."""

    def __init__(self, run: Callable[[_Thread], None], name: str) -> None:
        self._thread = threading.Thread(target=run, args=(self,), name=name, daemon=True)
        self.inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        #: What it is working on; empty while it is idle.
        self.work = ""

    def start(self) -> None:
        """Begin to wait for jobs."""
        self._thread.start()

    def end(self, timeout: float) -> None:
        """End, once idle, and wait for that."""
        self.inbox.put(None)
        self._thread.join(timeout)


class ThreadPool:
    """Runs each function on a thread of its own, and uses threads again.

    There is no limit and no queue: what may run at once is for the caller to decide, and work that waits for
    other work could never end. The threads are daemons; ``wait_until_idle`` is for those who want to see the
    work finished.
    """

    def __init__(self, name: str, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._name = name
        self._idle_seconds = idle_seconds
        self._state = threading.Condition()
        self._idle: list[_Thread] = []
        self._busy: set[_Thread] = set()

    def spawn(self, function: Callable[[], None], name: str) -> None:
        """Run a function on another thread. What it raises is logged."""
        with self._state:
            thread = self._idle.pop() if self._idle else None
            if thread is None:
                thread = _Thread(self._work, self._name)
                thread.start()
            thread.work = name
            self._busy.add(thread)
        thread.inbox.put(function)

    def busy(self) -> list[str]:
        """Return the names of what is running."""
        with self._state:
            return sorted(thread.work for thread in self._busy)

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until nothing runs, ``timeout`` seconds at most; say whether it came to that."""
        with self._state:
            return self._state.wait_for(lambda: not self._busy, timeout)

    def close(self) -> None:
        """End the threads that have nothing to do; their connections are closed when this returns."""
        with self._state:
            idle, self._idle = self._idle, []
        for thread in idle:
            thread.end(CLOSE_SECONDS)

    def _work(self, thread: _Thread) -> None:
        try:
            while (function := self._next_job(thread)) is not None:
                self._run(function, thread.work)
                with self._state:
                    self._busy.discard(thread)
                    self._idle.append(thread)
                    self._state.notify_all()
        finally:
            connections.close_all()

    def _next_job(self, thread: _Thread) -> Callable[[], None] | None:
        try:
            return thread.inbox.get(timeout=self._idle_seconds)
        except Empty:
            with self._state:
                if thread in self._idle:
                    self._idle.remove(thread)
                    return None
        # Somebody has picked this thread a moment ago: the job is on its way.
        return thread.inbox.get()

    def _run(self, function: Callable[[], None], name: str) -> None:
        threading.current_thread().name = name
        try:
            with_tidy_connections(function)()
        except Exception:  # noqa: BLE001 - a thread of the pool has nobody to raise to
            logger.for_plugin("app").exception("Background work failed", work=name)
        finally:
            threading.current_thread().name = self._name
