"""The schedule of one plugin: what is on it, and the step that a worker takes again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import DatabaseError

from portal.errors import ConflictError
from portal.services import logger
from portal.services.logger import failure_fields
from portal.services.scheduler.base import Scope, Spawn, TaskFunction
from portal.services.scheduler.cadence import Frequency
from portal.services.scheduler.clock import Clock
from portal.services.scheduler.local import LocalTask
from portal.services.scheduler.runs import Run, RunStopped, StopReason, set_current_run
from portal.services.scheduler.settings import TaskSettings
from portal.services.scheduler.shared import SharedTask
from portal.services.scheduler.store import TicketStore

#: Seconds between looks at the database for what other processes have done: triggered, run, or died at.
POLL_SECONDS = 5.0
#: Seconds until the next look after another process was faster.
RECHECK_SECONDS = 1.0
#: Seconds between renewals of the tickets that this process holds.
HOLD_SECONDS = 5.0


class PluginSchedule:
    """The tasks of one plugin in this process. ``tick`` is called by one thread; the rest by any."""

    def __init__(self, plugin_id: str, clock: Clock) -> None:
        self.plugin_id = plugin_id
        self._clock = clock
        self._store = TicketStore(plugin_id)
        self._lock = threading.Lock()
        self._tasks: dict[str, LocalTask | SharedTask] = {}
        self._wake: Callable[[], None] | None = None
        self._stopping = False
        self._next_poll = 0.0
        self._next_hold = 0.0

    # What plugins call

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
        """Put a task on the schedule; a worker that is at work already takes it up at once."""
        settings = TaskSettings.make(
            id=id,
            fn=fn,
            frequency=frequency,
            timeout=timeout,
            initial_delay=initial_delay,
            scope=scope,
            listed=listed,
        )
        task: LocalTask | SharedTask = (
            LocalTask(settings, self._clock) if scope == "local" else SharedTask(settings, self._clock, self._store)
        )
        with self._lock:
            if id in self._tasks:
                raise ConflictError(f"Plugin '{self.plugin_id}' has a scheduled task '{id}' already.")
            self._tasks = {**self._tasks, id: task}
            if self._wake is not None:
                task.activate()
        self._hurry(task)

    def trigger(self, id: str) -> None:
        """Start a task now, in whichever process works; it may be one that only another process knows."""
        task = self._tasks.get(id)
        if task is None:
            self._store.trigger(id, self._clock.now())
            return
        task.trigger()
        self._hurry(task)

    def cancel(self, id: str) -> None:
        """Tell a running task to stop."""
        task = self._tasks.get(id)
        if isinstance(task, LocalTask):
            task.cancel()
            return
        self._store.cancel(id, self._clock.now())
        if task is not None and task.run is not None:
            task.run.stop(StopReason.CANCELLED)

    def tasks(self) -> list[dict[str, Any]]:
        """Return the tasks with their state."""
        tasks = [task for task in self._tasks.values() if task.settings.listed]
        rows = self._store.rows() if any(isinstance(task, SharedTask) for task in tasks) else {}
        return [
            {
                "taskId": task.id,
                "pluginId": self.plugin_id,
                "scope": task.settings.scope,
                "settings": task.settings.wire(),
                "taskState": task.state() if isinstance(task, LocalTask) else task.state(rows.get(task.id)),
                "workerState": task.worker_state(),
            }
            for task in tasks
        ]

    def __len__(self) -> int:
        return len(self._tasks)

    # What the worker calls

    def start(self, wake: Callable[[], None]) -> None:
        """Take part in a worker."""
        with self._lock:
            self._stopping = False
            self._next_poll = self._next_hold = 0.0
            self._wake = wake
            for task in self._tasks.values():
                task.activate()

    def stop(self) -> None:
        """Begin nothing more and ask what runs to stop."""
        with self._lock:
            self._stopping = True
            self._wake = None
        for task in self._tasks.values():
            task.deactivate()
            if task.run is not None:
                task.run.stop(StopReason.SHUTDOWN)

    def tick(self, spawn: Spawn) -> float:
        """Watch over what runs, look for news, begin what is due; return the seconds until the next call."""
        tasks = list(self._tasks.values())
        shared = [task for task in tasks if isinstance(task, SharedTask)]
        self._watch(tasks, shared)
        if self._stopping:
            return HOLD_SECONDS
        if shared and self._clock.monotonic() >= self._next_poll:
            self._poll(shared)
        for task in tasks:
            wait = task.seconds_until_due()
            if wait is not None and wait <= 0:
                self._begin(task, spawn)
        return self._seconds_until_next(tasks, shared)

    def _watch(self, tasks: list[LocalTask | SharedTask], shared: list[SharedTask]) -> None:
        now = self._clock.monotonic()
        for task in tasks:
            if task.run is not None and now >= task.run.deadline and not task.run.stopped:
                logger.for_plugin(self.plugin_id).warning("Scheduled task takes longer than its timeout", task=task.id)
                task.run.stop(StopReason.TIMEOUT)
        if now >= self._next_hold:
            self._next_hold = now + HOLD_SECONDS
            for held in shared:
                held.hold()

    def _poll(self, shared: list[SharedTask]) -> None:
        self._next_poll = self._clock.monotonic() + POLL_SECONDS
        try:
            for task in shared:
                task.store_settings()
            rows = self._store.rows()
            freed = self._store.free_lost(rows, self._clock.now())
            if freed:
                logger.for_plugin(self.plugin_id).warning("Gave up runs that were lost or overdue", tasks=freed)
                rows = self._store.rows()
        except DatabaseError:
            self._next_poll = 0.0
            raise
        for task in shared:
            if task.run is None:
                task.row = rows.get(task.id)
                task.stored = task.row is not None

    def _begin(self, task: LocalTask | SharedTask, spawn: Spawn) -> None:
        run = task.begin()
        if run is None:
            self._next_poll = min(self._next_poll, self._clock.monotonic() + RECHECK_SECONDS)
            return
        try:
            spawn(lambda: self._run(task, run), f"{self.plugin_id}:{task.id}")
        except BaseException:
            task.run = None
            raise

    def _run(self, task: LocalTask | SharedTask, run: Run) -> None:
        """Run the function, on a thread of the worker, and record how it went."""
        log = logger.for_plugin(self.plugin_id)
        error: BaseException | None = None
        interrupted = False
        set_current_run(run)
        try:
            task.settings.fn()
        except RunStopped as stopped:
            interrupted = run.reason is StopReason.SHUTDOWN
            error = None if interrupted else stopped
        except Exception as failure:  # noqa: BLE001 - it is logged, and the next run may do better
            log.error("Scheduled task failed", task=task.id, **failure_fields(failure))
            error = failure
        finally:
            set_current_run(None)
            try:
                task.end(run, error, interrupted=interrupted)
            except DatabaseError as failure:
                # The lease runs out by itself, and some worker takes the task over.
                log.error("The end of a scheduled task couldn't be recorded", task=task.id, **failure_fields(failure))
            finally:
                task.run = None
                self._hurry(task)

    def _hurry(self, task: LocalTask | SharedTask) -> None:
        """Let the loop look at once; local tasks are no reason to ask the database."""
        if isinstance(task, SharedTask):
            self._next_poll = 0.0
        if self._wake is not None:
            self._wake()

    def _seconds_until_next(self, tasks: list[LocalTask | SharedTask], shared: list[SharedTask]) -> float:
        now = self._clock.monotonic()
        waits = [wait for task in tasks if (wait := task.seconds_until_due()) is not None]
        waits += [task.run.deadline - now for task in tasks if task.run is not None and not task.run.stopped]
        if shared:
            waits.append(self._next_poll - now)
        if any(task.run is not None for task in shared):
            waits.append(self._next_hold - now)
        return max(0.0, min([*waits, POLL_SECONDS]))
