"""Tasks that every process runs for itself; they need no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portal.errors import ConflictError
from portal.services.scheduler.cadence import Interval
from portal.services.scheduler.clock import Clock
from portal.services.scheduler.runs import Run, StopReason
from portal.services.scheduler.settings import TaskSettings
from portal.services.scheduler.store import describe_error
from portal.services.scheduler.task import Task, idle_state, running_state

#: The longest rest after runs that failed, in seconds; the first rest is one second.
MAX_BACKOFF = 30.0


class LocalTask(Task):
    """A task whose state lives in this process."""

    def __init__(self, settings: TaskSettings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self._planned: datetime | None = None
        #: The same on the monotonic clock, for intervals: a set clock must not stall or hurry them.
        self._planned_monotonic: float | None = None
        self._ended_at: datetime | None = None
        self._error: str | None = None
        self._failures = 0

    def activate(self) -> None:
        """Plan the first run of this worker."""
        super().activate()
        now = self._clock.now()
        cadence = self.settings.cadence
        self._plan(now if isinstance(cadence, Interval) else cadence.after_start(now))

    def _seconds_until_planned(self) -> float | None:
        if self._planned is None:
            return None
        if self._planned_monotonic is not None:
            return self._planned_monotonic - self._clock.monotonic()
        return (self._planned - self._clock.now()).total_seconds()

    def begin(self) -> Run | None:
        """Start a run; nobody else could have it."""
        run = self.run = self.new_run(self._planned or self._clock.now())
        return run

    def end(self, run: Run, error: BaseException | None, *, interrupted: bool) -> None:
        """Keep the outcome and plan the next run: for an interval, counted from this one's start.

        A task that fails again and again rests longer and longer.
        """
        now = self._clock.now()
        self._ended_at = now
        self._error = describe_error(error) if error else None
        self._failures = self._failures + 1 if error else 0
        cadence = self.settings.cadence
        if isinstance(cadence, Interval):
            elapsed = timedelta(seconds=self._clock.monotonic() - run.started)
            self._plan(now + max(cadence.every - elapsed, self._rest()))
        else:
            self._plan(cadence.following(run.planned, now))

    def _rest(self) -> timedelta:
        """Return how long to let go by after failures, whatever the interval is."""
        return timedelta(seconds=min(2.0 ** min(self._failures - 1, 10), MAX_BACKOFF) if self._failures else 0.0)

    def trigger(self) -> None:
        """Make the task due now."""
        if self.run is not None:
            raise ConflictError(f"Task '{self.id}' is running already.")
        if not self._active:
            raise ConflictError(f"Task '{self.id}' is local to each worker, and this process has none to trigger.")
        self._first_at = min(self._first_at, self._clock.monotonic())
        self._plan(self._clock.now())

    def cancel(self) -> None:
        """Ask the run to stop."""
        if self.run is None:
            raise ConflictError(f"Task '{self.id}' isn't running.")
        self.run.stop(StopReason.CANCELLED)

    def state(self) -> dict[str, Any]:
        """Return the wire form of the task's state."""
        run = self.run
        if run is not None:
            return running_state(
                started_at=run.started_at, times_out_at=run.expires_at, ended_at=self._ended_at, error=self._error
            )
        wait = self.seconds_until_due() if self._active else None
        starts_at = self._clock.now() + timedelta(seconds=wait) if wait is not None else None
        return idle_state(starts_at=starts_at, ended_at=self._ended_at, error=self._error)

    def _plan(self, moment: datetime | None) -> None:
        self._planned = moment
        self._planned_monotonic = None
        if moment is not None and isinstance(self.settings.cadence, Interval):
            self._planned_monotonic = self._clock.monotonic() + (moment - self._clock.now()).total_seconds()
