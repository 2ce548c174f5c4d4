"""Tickets: how processes that share a plugin's database agree on who runs a task.

Every step is one conditional ``UPDATE``, which is atomic on every database that Django speaks to.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.db.models import QuerySet

from portal.errors import ConflictError, NotFoundError, PortalError
from portal.models import ScheduledTask
from portal.services import database
from portal.services.scheduler.cadence import Manual, parse_frequency
from portal.services.scheduler.runs import Run
from portal.services.scheduler.settings import TaskSettings

_NO_RUN: dict[str, Any] = {
    "current_run_ticket": None,
    "current_run_started_at": None,
    "current_run_expires_at": None,
    "lease_expires_at": None,
}


class TicketStore:
    """The scheduled tasks of one plugin, in its database."""

    def __init__(self, plugin_id: str) -> None:
        self._plugin_id = plugin_id

    def rows(self) -> dict[str, ScheduledTask]:
        """Return the stored tasks by id: one query."""
        return {row.task_id: row for row in self._all()}

    def persist(self, settings: TaskSettings, now: datetime) -> None:
        """Store a task, or what has changed about it. A stored start may be brought forward, and is never put off."""
        cadence = settings.cadence
        delayed = now + settings.initial_delay if settings.initial_delay else None
        row, created = self._all().get_or_create(
            plugin_id=self._plugin_id,
            task_id=settings.id,
            defaults={"settings": settings.wire(), "next_run_start_at": delayed or cadence.first(now)},
        )
        if created:
            return
        planned, wanted = row.next_run_start_at, cadence.after_start(now)
        if isinstance(cadence, Manual):
            was_manual = row.settings.get("cadence") == cadence.text
            wanted = planned if was_manual else None
        elif planned is not None and wanted is not None and planned <= wanted:
            wanted = planned
        if row.settings != settings.wire():
            self._one(settings.id).update(settings=settings.wire())
        if wanted != planned:
            self._one(settings.id).filter(next_run_start_at=planned).update(next_run_start_at=wanted)

    def claim(self, task_id: str, run: Run, *, now: datetime, lease_until: datetime) -> bool:
        """Take the run if the task is due and nobody has it."""
        free = self._one(task_id).filter(current_run_ticket=None, next_run_start_at__lte=now)
        return bool(
            free.update(
                current_run_ticket=run.ticket,
                current_run_started_at=run.started_at,
                current_run_expires_at=run.expires_at,
                lease_expires_at=lease_until,
            )
        )

    def renew(self, task_id: str, run: Run, *, lease_until: datetime) -> bool:
        """Say that the run is still at work; False if its ticket is gone."""
        return bool(self._one(task_id).filter(current_run_ticket=run.ticket).update(lease_expires_at=lease_until))

    def release(
        self, task_id: str, run: Run, *, now: datetime, next_start: datetime | None, error: BaseException | None
    ) -> bool:
        """Give the ticket back and plan the next run; False if the ticket was gone already."""
        mine = self._one(task_id).filter(current_run_ticket=run.ticket)
        outcome = describe_error(error) if error else None
        return bool(mine.update(**_NO_RUN, next_run_start_at=next_start, last_run_ended_at=now, last_run_error=outcome))

    def free_lost(self, rows: dict[str, ScheduledTask], now: datetime) -> list[str]:
        """Take the tickets of runs that are overdue or whose worker is gone, and return the ids of their tasks."""
        freed = []
        for row in rows.values():
            if row.current_run_ticket is None:
                continue
            if row.lease_expires_at is not None and row.lease_expires_at < now:
                error = "The worker that ran the task is gone; its run was given up."
            elif row.current_run_expires_at is not None and row.current_run_expires_at < now:
                error = "The run took longer than its timeout."
            else:
                continue
            lost = self._one(row.task_id).filter(current_run_ticket=row.current_run_ticket)
            if lost.update(**_NO_RUN, last_run_ended_at=now, last_run_error=describe_error(PortalError(error))):
                freed.append(row.task_id)
        return freed

    def trigger(self, task_id: str, now: datetime) -> None:
        """Make a task due now. Raises ``NotFoundError`` or ``ConflictError``."""
        if not self._one(task_id).filter(current_run_ticket=None).update(next_run_start_at=now):
            self._require(task_id)
            raise ConflictError(f"Task '{task_id}' is running already.")

    def cancel(self, task_id: str, now: datetime) -> None:
        """Take the ticket of a run, whose worker notices within seconds, and plan the next one.

        Raises ``NotFoundError`` or ``ConflictError``.
        """
        row = self._require(task_id)
        error = describe_error(PortalError("The run was cancelled."))
        cadence = parse_frequency(row.settings["cadence"])
        next_start = cadence.following(row.next_run_start_at or now, now)
        running = self._one(task_id).filter(current_run_ticket__isnull=False)
        if not running.update(**_NO_RUN, next_run_start_at=next_start, last_run_ended_at=now, last_run_error=error):
            raise ConflictError(f"Task '{task_id}' isn't running.")

    def _require(self, task_id: str) -> ScheduledTask:
        row = self._one(task_id).first()
        if row is None:
            raise NotFoundError(f"Plugin '{self._plugin_id}' has no scheduled task '{task_id}'.")
        return row

    def _all(self) -> QuerySet[ScheduledTask]:
        alias = database.for_plugin(self._plugin_id).alias
        return ScheduledTask.objects.using(alias).filter(plugin_id=self._plugin_id)

    def _one(self, task_id: str) -> QuerySet[ScheduledTask]:
        return self._all().filter(task_id=task_id)


def describe_error(error: BaseException) -> str:
    """Return an error as JSON with name and message, the form in which Backstage stores and lists it."""
    name = error.name if isinstance(error, PortalError) else type(error).__name__
    return orjson.dumps({"name": name, "message": str(error)}).decode()
