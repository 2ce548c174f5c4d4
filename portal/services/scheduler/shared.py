"""Tasks that one process at a time runs, whichever gets the ticket (scope ``global``)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.models import ScheduledTask
from portal.services.scheduler.clock import Clock
from portal.services.scheduler.runs import Run, StopReason
from portal.services.scheduler.settings import TaskSettings
from portal.services.scheduler.store import TicketStore
from portal.services.scheduler.task import Task, idle_state, running_state

#: How long a ticket is good without being renewed: the time after which a crashed worker's task is taken over.
LEASE = timedelta(seconds=60)


class SharedTask(Task):
    """A task whose state lives in the plugin's database; ``row`` is what this process last saw of it."""

    def __init__(self, settings: TaskSettings, clock: Clock, store: TicketStore) -> None:
        super().__init__(settings, clock)
        self._store = store
        self.row: ScheduledTask | None = None
        self.stored = False

    def activate(self) -> None:
        """Store the task again when the worker starts: its settings may be new."""
        super().activate()
        self.stored = False

    def store_settings(self) -> None:
        """Write the task down if this worker hasn't yet."""
        if not self.stored:
            self._store.persist(self.settings, self._clock.now())
            self.stored = True

    def _seconds_until_planned(self) -> float | None:
        row = self.row
        if row is None or row.current_run_ticket is not None or row.next_run_start_at is None:
            return None
        return (row.next_run_start_at - self._clock.now()).total_seconds()

    def begin(self) -> Run | None:
        """Try to get the ticket. Without it what is known of the task is out of date, and is forgotten."""
        row, now = self.row, self._clock.now()
        self.row = None
        if row is None:
            return None
        run = self.new_run(row.next_run_start_at or now)
        if not self._store.claim(self.id, run, now=now, lease_until=now + LEASE):
            return None
        self.run = run
        return run

    def hold(self) -> None:
        """Renew the lease of the run; a run whose ticket is gone is asked to stop."""
        run = self.run
        if run is None or self._clock.now() >= run.expires_at:
            return
        if not self._store.renew(self.id, run, lease_until=self._clock.now() + LEASE) and self.run is run:
            run.stop(StopReason.LOST)

    def end(self, run: Run, error: BaseException | None, *, interrupted: bool) -> None:
        """Give the ticket back and plan the next run."""
        now = self._clock.now()
        next_start = now if interrupted else self.settings.cadence.following(run.planned, now)
        self._store.release(self.id, run, now=now, next_start=next_start, error=error)

    def trigger(self) -> None:
        """Make the task due now, for every worker; in this one it doesn't wait for the initial delay."""
        self._first_at = min(self._first_at, self._clock.monotonic())
        self.store_settings()
        self._store.trigger(self.id, self._clock.now())

    def state(self, row: ScheduledTask | None) -> dict[str, Any] | None:
        """Return the wire form of a row; None for a task that was never stored."""
        if row is None:
            return None
        if row.current_run_started_at is not None:
            return running_state(
                started_at=row.current_run_started_at,
                times_out_at=row.current_run_expires_at,
                ended_at=row.last_run_ended_at,
                error=row.last_run_error,
            )
        return idle_state(starts_at=row.next_run_start_at, ended_at=row.last_run_ended_at, error=row.last_run_error)
