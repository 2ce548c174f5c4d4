"""A run of a task, as the function inside it can see it."""

from __future__ import annotations

import threading
import uuid
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import Enum

from portal.errors import PortalError


class StopReason(Enum):
    """Why a run is asked to stop."""

    TIMEOUT = "took longer than its timeout"
    CANCELLED = "was cancelled"
    LOST = "lost its ticket to another worker"
    SHUTDOWN = "was stopped with its worker"


class RunStopped(PortalError):
    """Raised inside a run by ``raise_if_stopped``; the scheduler knows why the run was stopped."""


class Run:
    """One run. Threads can't be ended from outside, so a long function asks now and then whether it should stop."""

    def __init__(self, *, started_at: datetime, timeout: timedelta, planned: datetime, started: float) -> None:
        self.ticket = str(uuid.uuid4())
        self.planned = planned
        self.started_at = started_at
        self.expires_at = started_at + timeout
        #: On the monotonic clock.
        self.started = started
        self.deadline = started + timeout.total_seconds()
        self.reason: StopReason | None = None
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        """Say whether the function should come to an end: at its next good place, leaving nothing half done."""
        return self._stopped.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until the run is stopped; say whether it is."""
        return self._stopped.wait(seconds)

    def raise_if_stopped(self) -> None:
        """Raise ``RunStopped`` if the run should come to an end."""
        if self.stopped:
            raise RunStopped(f"The run {self.reason.value if self.reason else 'was stopped'}.")

    def stop(self, reason: StopReason) -> None:
        """Ask the function to come to an end. The first reason stays."""
        if not self.stopped:
            self.reason = reason
            self._stopped.set()


_current: ContextVar[Run | None] = ContextVar("portal_scheduler_run", default=None)


def current_run() -> Run | None:
    """Return the run that the calling code is part of, or None outside of one."""
    return _current.get()


def set_current_run(run: Run | None) -> None:
    """Say which run the calling thread works for."""
    _current.set(run)
