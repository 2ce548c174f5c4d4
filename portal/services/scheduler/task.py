"""What tasks of both scopes have in common, as one process sees them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any

from portal.services.scheduler.clock import Clock
from portal.services.scheduler.runs import Run
from portal.services.scheduler.settings import TaskSettings


class Task(ABC):
    """A task on the schedule of this process."""

    def __init__(self, settings: TaskSettings, clock: Clock) -> None:
        self.settings = settings
        self.run: Run | None = None
        self._clock = clock
        self._active = False
        self._first_at = 0.0

    @property
    def id(self) -> str:
        """The task's id."""
        return self.settings.id

    def activate(self) -> None:
        """Take part in a worker that starts now; the initial delay counts from here."""
        self._first_at = self._clock.monotonic() + self.settings.initial_delay.total_seconds()
        self._active = True

    def deactivate(self) -> None:
        """No longer take part in a worker."""
        self._active = False

    def seconds_until_due(self) -> float | None:
        """Return how long to wait for the next run; None if it isn't known or there is none, 0 or less if it is due."""
        if self.run is not None:
            return None
        wait = self._seconds_until_planned()
        return None if wait is None else max(wait, self._first_at - self._clock.monotonic())

    def worker_state(self) -> dict[str, str] | None:
        """Return what this process does with the task; None if there is no worker here."""
        if self.run is not None:
            return {"status": "running"}
        if not self._active:
            return None
        return {"status": "initial-wait" if self._clock.monotonic() < self._first_at else "idle"}

    def new_run(self, planned: datetime) -> Run:
        """Return a run that starts now."""
        return Run(
            started_at=self._clock.now(),
            timeout=self.settings.timeout,
            planned=planned,
            started=self._clock.monotonic(),
        )

    @abstractmethod
    def _seconds_until_planned(self) -> float | None:
        """Return the wait for the next start, the initial delay left aside."""

    @abstractmethod
    def begin(self) -> Run | None:
        """Start a run that is due; None if another process has it."""

    @abstractmethod
    def end(self, run: Run, error: BaseException | None, *, interrupted: bool) -> None:
        """Record how a run ended and plan the next; ``interrupted`` is one to be taken up again soon."""


def idle_state(*, starts_at: datetime | None, ended_at: datetime | None, error: str | None) -> dict[str, Any]:
    """Return the wire form of a task that waits."""
    return _present(status="idle", startsAt=starts_at, lastRunEndedAt=ended_at, lastRunError=error)


def running_state(
    *, started_at: datetime | None, times_out_at: datetime | None, ended_at: datetime | None, error: str | None
) -> dict[str, Any]:
    """Return the wire form of a task that runs."""
    return _present(
        status="running", startedAt=started_at, timesOutAt=times_out_at, lastRunEndedAt=ended_at, lastRunError=error
    )


def _present(**values: datetime | str | None) -> dict[str, Any]:
    return {
        name: value.astimezone(UTC).isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }
