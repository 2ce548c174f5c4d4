"""A schedule on which nothing happens until the test says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from portal.errors import ConflictError, NotFoundError
from portal.services.scheduler.base import SchedulerService, Scope, Spawn, TaskFunction
from portal.services.scheduler.cadence import Frequency


class Scheduled(NamedTuple):
    """A task as it was put on the schedule."""

    fn: TaskFunction
    frequency: Frequency
    timeout: timedelta | str | Mapping[str, Any]
    initial_delay: timedelta | str | Mapping[str, Any] | None
    scope: Scope
    listed: bool


class FakePluginScheduler:
    """One plugin's part of a ``FakeScheduler``: ``scheduled`` by id, and ``trigger`` runs a task on the spot."""

    def __init__(self) -> None:
        self.scheduled: dict[str, Scheduled] = {}

    def schedule(
        self,
        *,
        id: str,
        fn: TaskFunction,
        frequency: Frequency,
        timeout: timedelta | str | Mapping[str, Any],
        initial_delay: timedelta | str | Mapping[str, Any] | None = None,
        scope: Scope = "global",
        listed: bool = True,
    ) -> None:
        """Remember a task. Raises ``ConflictError`` for an id that is taken."""
        if id in self.scheduled:
            raise ConflictError(f"There is a scheduled task '{id}' already.")
        self.scheduled[id] = Scheduled(fn, frequency, timeout, initial_delay, scope, listed)

    def trigger(self, id: str) -> None:
        """Run a task, here and now; what it raises comes out. Raises ``NotFoundError`` for an unknown id."""
        if id not in self.scheduled:
            known = ", ".join(self.scheduled) or "none"
            raise NotFoundError(f"There is no scheduled task '{id}'; there are: {known}.")
        self.scheduled[id].fn()

    def cancel(self, id: str) -> None:
        """Refuse: no task runs between two calls."""
        raise ConflictError(f"The scheduled task '{id}' isn't running.")

    def tasks(self) -> list[dict[str, Any]]:
        """Return the ids of the listed tasks, in the form of the wire as far as it goes."""
        return [{"taskId": task_id} for task_id, task in self.scheduled.items() if task.listed]


class FakeScheduler(SchedulerService):
    """Remembers what plugins schedule. No worker runs it."""

    def __init__(self) -> None:
        self._plugins: dict[str, FakePluginScheduler] = {}

    def for_plugin(self, plugin_id: str) -> FakePluginScheduler:
        """Return the plugin's schedule."""
        return self._plugins.setdefault(plugin_id, FakePluginScheduler())

    def has_tasks(self, plugin_id: str) -> bool:
        """Say whether a plugin has scheduled anything."""
        return bool(self.for_plugin(plugin_id).scheduled)

    def start(self, plugin_id: str, wake: Callable[[], None]) -> None:
        """Begin nothing."""

    def tick(self, plugin_id: str, spawn: Spawn) -> float:
        """Find nothing due."""
        return 60.0

    def stop(self, plugin_id: str) -> None:
        """End nothing."""
