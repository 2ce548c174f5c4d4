"""A loop on a thread of its own: takes a step, waits for as long as the step said, and survives what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections

from portal.services import logger
from portal.services.logger import failure_fields
from portal.services.scheduler.clock import Clock, SystemClock
from portal.services.scheduler.threads import with_tidy_connections

#: The longest pause after steps that failed, in seconds; the first pause is one second.
MAX_BACKOFF = 30.0
#: A step that takes longer than this many seconds is stuck.
STALL_SECONDS = 60.0
#: So many failures in a row are a problem, not an accident.
TOLERATED_FAILURES = 2


class Loop:
    """Calls ``step`` again and again. ``step`` returns the seconds until the next call, unless ``wake`` comes first."""

    def __init__(self, name: str, step: Callable[[], float], *, clock: Clock | None = None) -> None:
        self.name = name
        self._step = step
        self._clock = clock or SystemClock()
        self._woken = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._step_began: float | None = None
        self._failures = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Take the next step now."""
        self._woken.set()

    def stop(self, timeout: float) -> bool:
        """Take no further step; wait for the one that is being taken, and say whether it has ended."""
        self._stopping = True
        self.wake()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def problem(self) -> str | None:
        """Return what keeps the loop from getting on, in words that anybody may read; None if it does."""
        began = self._step_began
        if began is not None and self._clock.monotonic() - began > STALL_SECONDS:
            return f"Background work '{self.name}' is stuck."
        if self._failures > TOLERATED_FAILURES:
            return f"Background work '{self.name}' keeps failing; the log says why."
        if self._thread is not None and not self._thread.is_alive() and not self._stopping:
            return f"Background work '{self.name}' has ended."
        return None

    def take_step(self) -> float:
        """Take one step and return the seconds to wait; after a failure a second, doubled with each that follows."""
        self._step_began = self._clock.monotonic()
        try:
            wait = self._step()
            self._failures = 0
        except Exception as error:  # noqa: BLE001 - the loop keeps everything else going
            wait = min(2.0**self._failures, MAX_BACKOFF)
            self._failures += 1
            logger.for_plugin("app").error(
                "A step of background work failed", work=self.name, retry_seconds=wait, **failure_fields(error)
            )
        finally:
            self._step_began = None
        return wait

    def _run(self) -> None:
        take_step = with_tidy_connections(self.take_step)
        try:
            while not self._stopping:
                self._woken.clear()
                self._woken.wait(take_step())
        finally:
            connections.close_all()
