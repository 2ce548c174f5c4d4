"""Contract of the tasks service: queued background work."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from portal.services.base import Service

F = TypeVar("F", bound=Callable[..., object])


class TaskStatus(NamedTuple):
    """How a piece of work is doing. What has succeeded is gone."""

    #: ``waiting``, ``running`` or ``failed``.
    state: str
    #: How often it was begun.
    attempts: int
    #: The last attempt's error as JSON with name and message, or None.
    error: str | None


class PluginTasks(Protocol):
    """The queued work of one plugin."""

    def task(
        self,
        *,
        name: str | None = None,
        retries: int = 0,
        retry_delay: timedelta = timedelta(seconds=10),
        resume: bool = True,
    ) -> Callable[[F], F]:
        """Declare a function as a task, in the room ``tasks``; a decorator that returns the function as it is.

        ``name`` is the function's own by default. After a failure it is tried again up to ``retries`` times,
        after ``retry_delay`` and twice as long each time. It is called with the payload as keyword arguments,
        and what it returns is ignored. If its worker dies it is begun again, so it may run twice; with
        ``resume=False`` it is reported as failed instead. ``portal.services.scheduler.current_run()`` tells
        it when it should stop.
        """

    def enqueue(
        self,
        task: str | Callable[..., object],
        payload: Mapping[str, Any] | None = None,
        *,
        delay: timedelta | None = None,
    ) -> str:
        """Ask for a task to be done, by its name or function, and return the id of this piece of work.

        It is asked for in the open transaction on the plugin's database, if there is one: rolled back, it was
        never asked for. ``payload`` is JSON. ``delay`` is kept to within five seconds.
        """

    def status(self, id: str) -> TaskStatus | None:
        """Return how a piece of work is doing; None if it has succeeded, or never was."""


class TasksService(Service):
    """Hands work to workers. Plugins use ``for_plugin``; the rest is for the worker."""

    service_name = "tasks"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginTasks:
        """Return the plugin's tasks."""

    @abstractmethod
    def has_tasks(self, plugin_id: str) -> bool:
        """Say whether a plugin has declared a task."""

    @abstractmethod
    def start(self, plugin_id: str) -> None:
        """Begin to do a plugin's work in this process, on threads."""

    @abstractmethod
    def tend(self, plugin_id: str) -> float:
        """Look after a plugin's queue: what has become due, what is being done, what was lost with a worker.

        The worker calls it in a loop; returns the seconds until the next call. Raises ``DatabaseError``.
        """

    @abstractmethod
    def stop(self, plugin_ids: Iterable[str], grace: float) -> bool:
        """Begin nothing more, and wait up to ``grace`` seconds for what is being done; say whether it was finished."""

    @abstractmethod
    def running(self) -> list[str]:
        """Return the names of what this process is doing."""
