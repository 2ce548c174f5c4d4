"""Contract of the scheduler service (Backstage's ``core.scheduler``)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal, Protocol

from portal.services.base import Service
from portal.services.scheduler.cadence import Frequency

#: ``global``: one process at a time, whichever it is. ``local``: every process that works, each by itself.
Scope = Literal["global", "local"]
#: What is run: no arguments. What it returns is ignored; what it raises is recorded and doesn't end the schedule.
TaskFunction = Callable[[], object]
#: Runs a function on another thread: ``spawn(function, name)``.
Spawn = Callable[[Callable[[], None], str], None]


class PluginScheduler(Protocol):
    """The schedule of one plugin. Tasks run inside a worker only; asking and triggering works in every process."""

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
        """Put a task on the schedule.

        ``id`` is unique within the plugin. ``timeout`` is how long a run may take: after that it is told to
        stop (see ``current_run``) and, if global, another worker may begin. ``initial_delay`` is waited once,
        after the process has started. ``listed=False`` keeps it out of ``tasks()``, for inner machinery. Raises
        ``InputError`` for a bad frequency or duration, ``ConflictError`` for an id that is taken.
        """

    def trigger(self, id: str) -> None:
        """Start a task now. Raises ``NotFoundError`` for an unknown id, ``ConflictError`` if it is running."""

    def cancel(self, id: str) -> None:
        """Tell a running task to stop. Raises ``NotFoundError``, or ``ConflictError`` if it isn't running."""

    def tasks(self) -> list[dict[str, Any]]:
        """Return the tasks with their state, as ``GET …/.backstage/scheduler/v1/tasks`` lists them."""


class SchedulerService(Service):
    """Runs functions at intervals, by cron or on demand."""

    service_name = "scheduler"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginScheduler:
        """Return the plugin's schedule."""

    @abstractmethod
    def has_tasks(self, plugin_id: str) -> bool:
        """Say whether a plugin has anything on the schedule."""

    @abstractmethod
    def start(self, plugin_id: str, wake: Callable[[], None]) -> None:
        """Begin to run a plugin's tasks in this process; the worker then calls ``tick`` in a loop of its own.

        ``wake`` is called, from any thread, when the loop shouldn't wait for the time that ``tick`` gave: a
        task was added or triggered, or has ended.
        """

    @abstractmethod
    def tick(self, plugin_id: str, spawn: Spawn) -> float:
        """Begin what is due and return the seconds until the next call. Raises ``DatabaseError``."""

    @abstractmethod
    def stop(self, plugin_id: str) -> None:
        """Begin nothing more, and ask what runs to stop at its next good place. ``tick`` still holds its tickets."""
