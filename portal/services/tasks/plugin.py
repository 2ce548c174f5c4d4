"""The tasks of one plugin: what it can do, and what it has been asked to do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from inspect import iscoroutinefunction
from typing import Any

import orjson
from django.db import transaction
from django.db.models import QuerySet

from portal.errors import ConflictError, InputError, NotFoundError
from portal.models import QueuedTask
from portal.services import database
from portal.services.scheduler.clock import Clock
from portal.services.tasks.base import F, TaskStatus

#: The longest pause between two attempts.
MAX_RETRY_DELAY = timedelta(hours=1)


@dataclass(frozen=True)
class Declared:
    """A task that a plugin has declared."""

    name: str
    function: Callable[..., object]
    retries: int
    retry_delay: timedelta
    resume: bool

    def delay_after(self, attempts: int) -> timedelta:
        """Return the pause after the given number of failed attempts."""
        return min(self.retry_delay * 2 ** min(attempts - 1, 20), MAX_RETRY_DELAY)


class DeclaredTasks:
    """The tasks of one plugin. ``nudge`` hands the id of a piece of work to the engine."""

    def __init__(self, plugin_id: str, clock: Clock, nudge: Callable[[str, str], None]) -> None:
        self.plugin_id = plugin_id
        self._clock = clock
        self._nudge = nudge
        self._declared: dict[str, Declared] = {}

    def task(
        self,
        *,
        name: str | None = None,
        retries: int = 0,
        retry_delay: timedelta = timedelta(seconds=10),
        resume: bool = True,
    ) -> Callable[[F], F]:
        """Declare a function as a task."""

        def declare(function: F) -> F:
            task_name = name or function.__name__
            if iscoroutinefunction(function):
                raise InputError(f"Task '{task_name}' of plugin '{self.plugin_id}' must be an ordinary function.")
            if task_name in self._declared:
                raise ConflictError(f"Plugin '{self.plugin_id}' has a task '{task_name}' already.")
            self._declared[task_name] = Declared(task_name, function, retries, retry_delay, resume)
            return function

        return declare

    def enqueue(
        self,
        task: str | Callable[..., object],
        payload: Mapping[str, Any] | None = None,
        *,
        delay: timedelta | None = None,
    ) -> str:
        """Write down what is asked for, and tell the engine once that is committed."""
        name = self._name_of(task)
        content = dict(payload or {})
        try:
            orjson.dumps(content)
        except TypeError as error:
            raise InputError(
                f"The payload for task '{name}' of plugin '{self.plugin_id}' isn't JSON: {error}"
            ) from error
        now = self._clock.now()
        row = QueuedTask(
            plugin_id=self.plugin_id,
            name=name,
            payload=content,
            created_at=now,
            run_at=now + (delay or timedelta(0)),
            nudged_at=None if delay else now,
        )
        row.save(using=self.alias, force_insert=True)
        task_id = str(row.pk)
        if not delay:
            transaction.on_commit(lambda: self._nudge(self.plugin_id, task_id), using=self.alias)
        return task_id

    def status(self, id: str) -> TaskStatus | None:
        """Return how a piece of work is doing."""
        try:
            key = uuid.UUID(id)
        except ValueError:
            return None
        row = self.rows().filter(pk=key).first()
        return None if row is None else TaskStatus(row.state, row.attempts, row.error)

    def declared(self, name: str) -> Declared | None:
        """Return the task of a name; None if this process doesn't know it."""
        return self._declared.get(name)

    def __len__(self) -> int:
        return len(self._declared)

    @property
    def alias(self) -> str:
        """The alias of the plugin's database."""
        return database.for_plugin(self.plugin_id).alias

    def rows(self) -> QuerySet[QueuedTask]:
        """Return the plugin's pieces of work."""
        return QueuedTask.objects.using(self.alias).filter(plugin_id=self.plugin_id)

    def _name_of(self, task: str | Callable[..., object]) -> str:
        if isinstance(task, str):
            found = task if task in self._declared else None
        else:
            found = next((name for name, declared in self._declared.items() if declared.function is task), None)
        if found is None:
            known = ", ".join(sorted(self._declared)) or "none"
            raise NotFoundError(
                f"Plugin '{self.plugin_id}' has declared no task {task!r} (declared: {known}). "
                f"Its room 'tasks' declares them, in register(scheduler, tasks)."
            )
        return found
