"""What every engine does alike: work is a row in the plugin's database until it has succeeded.

An engine only carries ids from the process that asks to a thread that works. Loses it one, ``tend`` finds the
row; does it carry one twice, the second finds the row taken.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Min, Q, QuerySet

from portal.errors import PortalError
from portal.models import QueuedTask
from portal.services import logger
from portal.services.scheduler.clock import Clock, SystemClock
from portal.services.scheduler.runs import Run, RunStopped, StopReason, set_current_run
from portal.services.scheduler.store import describe_error
from portal.services.tasks.base import TasksService
from portal.services.tasks.plugin import Declared, DeclaredTasks

#: How long a piece of work is its worker's without a sign of life.
LEASE = timedelta(seconds=60)
#: Work that is due, was handed to the engine so long ago, and isn't in its queue was lost on the way.
LOST_AFTER = timedelta(seconds=10)
#: Work whose worker died so often is given up: it may be what kills them.
MAX_LOST_ATTEMPTS = 3
#: How long failed work can be looked at.
KEEP_FAILED = timedelta(days=7)
#: Seconds between looks at a queue.
TEND_SECONDS = 5.0
#: No piece of work has a time limit of its own; a run needs some number.
NO_TIMEOUT = timedelta(days=365)
BATCH = 100

WAITING, RUNNING, FAILED = QueuedTask.State.WAITING, QueuedTask.State.RUNNING, QueuedTask.State.FAILED


class DurableTasks(TasksService):
    """Base of engines. A subclass carries ids (``_dispatch``) and calls ``perform`` with each on a worker's thread."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._plugins: dict[str, DeclaredTasks] = {}
        self._running: dict[str, tuple[str, str, Run]] = {}
        self._stopping: set[str] = set()

    def for_plugin(self, plugin_id: str) -> DeclaredTasks:
        """Return the plugin's tasks."""
        with self._lock:
            return self._plugins.setdefault(plugin_id, DeclaredTasks(plugin_id, self._clock, self._nudge))

    def has_tasks(self, plugin_id: str) -> bool:
        """Say whether a plugin has declared a task."""
        return len(self.for_plugin(plugin_id)) > 0

    def start(self, plugin_id: str) -> None:
        """Begin to do a plugin's work in this process."""
        self._stopping.discard(plugin_id)
        self._start_consumers(plugin_id)

    def stop(self, plugin_ids: Iterable[str], grace: float) -> bool:
        """Begin nothing more, and wait for what is being done."""
        stopping = set(plugin_ids)
        self._stopping |= stopping
        for plugin_id, _, run in list(self._running.values()):
            if plugin_id in stopping:
                run.stop(StopReason.SHUTDOWN)
        return self._stop_consumers(stopping, grace)

    def running(self) -> list[str]:
        """Return what this process is doing, as ``plugin:task``."""
        return sorted(f"{plugin_id}:{name}" for plugin_id, name, _ in list(self._running.values()))

    # Engines

    @abstractmethod
    def _dispatch(self, plugin_id: str, task_id: str) -> None:
        """Carry an id to a worker."""

    @abstractmethod
    def _queue_is_empty(self, plugin_id: str) -> bool:
        """Say whether no id of the plugin is on its way."""

    @abstractmethod
    def _start_consumers(self, plugin_id: str) -> None:
        """Start the threads that call ``perform``; where they run already, replace those that have died."""

    @abstractmethod
    def _stop_consumers(self, plugin_ids: set[str], grace: float) -> bool:
        """End those threads and say whether they ended in time."""

    def _nudge(self, plugin_id: str, task_id: str) -> None:
        try:
            self._dispatch(plugin_id, task_id)
        except Exception:  # noqa: BLE001 - the row is there, and a worker will find it
            logger.for_plugin(plugin_id).exception(
                "The task engine didn't take a task; it will be found later", id=task_id
            )

    # Work

    def perform(self, plugin_id: str, task_id: str) -> None:
        """Do a piece of work, if nobody else has it."""
        tasks = self.for_plugin(plugin_id)
        now = self._clock.now()
        mine = tasks.rows().filter(pk=task_id)
        if plugin_id in self._stopping:
            # It was taken from the queue a moment too late: another worker gets it at once.
            mine.filter(state=WAITING).update(nudged_at=None)
            return
        taken = mine.filter(state=WAITING, run_at__lte=now).update(
            state=RUNNING, attempts=F("attempts") + 1, lease_expires_at=now + LEASE
        )
        if not taken:
            return
        row = mine.get()
        declared = tasks.declared(row.name)
        run = Run(started_at=now, timeout=NO_TIMEOUT, planned=now, started=self._clock.monotonic())
        self._running[task_id] = (plugin_id, row.name, run)
        set_current_run(run)
        try:
            self._call(tasks, row, declared, run)
        finally:
            set_current_run(None)
            self._running.pop(task_id, None)

    def _call(self, tasks: DeclaredTasks, row: QueuedTask, declared: Declared | None, run: Run) -> None:
        log = logger.for_plugin(tasks.plugin_id)
        if declared is None:
            log.error("A task of unknown name was asked for", task=row.name, id=str(row.pk))
            self._fail(tasks, row, PortalError(f"This portal's version has no task '{row.name}'."))
            return
        try:
            declared.function(**row.payload)
        except RunStopped as stopped:
            if run.reason is StopReason.SHUTDOWN:
                self._put_back(tasks, row, self._clock.now(), attempts=row.attempts - 1)
            else:
                self._fail(tasks, row, stopped)
        except Exception as error:
            if row.attempts <= declared.retries:
                again = self._clock.now() + declared.delay_after(row.attempts)
                log.warning("Task failed and is tried again", task=row.name, attempt=row.attempts, error=repr(error))
                self._put_back(tasks, row, again, attempts=row.attempts, error=error)
            else:
                log.exception("Task failed", task=row.name, id=str(row.pk), attempts=row.attempts)
                self._fail(tasks, row, error)
        else:
            self._held(tasks, row).delete()

    def _held(self, tasks: DeclaredTasks, row: QueuedTask) -> QuerySet[QueuedTask]:
        """Return the row as long as it is this attempt's."""
        return tasks.rows().filter(pk=row.pk, state=RUNNING, attempts=row.attempts)

    def _put_back(
        self,
        tasks: DeclaredTasks,
        row: QueuedTask,
        run_at: datetime,
        *,
        attempts: int,
        error: BaseException | None = None,
    ) -> None:
        self._held(tasks, row).update(
            state=WAITING,
            run_at=run_at,
            nudged_at=None,
            attempts=attempts,
            lease_expires_at=None,
            error=describe_error(error) if error else None,
        )

    def _fail(self, tasks: DeclaredTasks, row: QueuedTask, error: BaseException) -> None:
        self._held(tasks, row).update(
            state=FAILED, ended_at=self._clock.now(), lease_expires_at=None, error=describe_error(error)
        )

    # Care

    def tend(self, plugin_id: str) -> float:
        """Renew leases, resume or report what was lost, hand over what has become due."""
        tasks = self.for_plugin(plugin_id)
        now = self._clock.now()
        mine = [task_id for task_id, (owner, _, _) in list(self._running.items()) if owner == plugin_id]
        if mine:
            tasks.rows().filter(pk__in=mine, state=RUNNING).update(lease_expires_at=now + LEASE)
        if plugin_id in self._stopping:
            return TEND_SECONDS
        self._start_consumers(plugin_id)
        for row in tasks.rows().filter(state=RUNNING, lease_expires_at__lt=now)[:BATCH]:
            self._recover(tasks, row)
        tasks.rows().filter(state=FAILED, ended_at__lt=now - KEEP_FAILED).delete()
        self._hand_over(tasks, now)
        upcoming = tasks.rows().filter(state=WAITING, nudged_at=None).aggregate(first=Min("run_at"))["first"]
        wait = (upcoming - self._clock.now()).total_seconds() if upcoming else TEND_SECONDS
        return max(0.0, min(wait, TEND_SECONDS))

    def _recover(self, tasks: DeclaredTasks, row: QueuedTask) -> None:
        declared = tasks.declared(row.name)
        lost = PortalError("The worker that did this is gone.")
        if declared is not None and declared.resume and row.attempts < max(MAX_LOST_ATTEMPTS, declared.retries + 1):
            logger.for_plugin(tasks.plugin_id).warning("Resuming a task whose worker is gone", task=row.name)
            self._put_back(tasks, row, self._clock.now(), attempts=row.attempts, error=lost)
        else:
            logger.for_plugin(tasks.plugin_id).error("A task was lost with its worker", task=row.name, id=str(row.pk))
            self._fail(tasks, row, lost)

    def _hand_over(self, tasks: DeclaredTasks, now: datetime) -> None:
        due = tasks.rows().filter(state=WAITING, run_at__lte=now)
        pending = Q(nudged_at=None)
        if due.filter(nudged_at__lt=now - LOST_AFTER).exists() and self._queue_is_empty(tasks.plugin_id):
            pending |= Q(nudged_at__lt=now - LOST_AFTER)
        for row in due.filter(pending).order_by("run_at")[:BATCH]:
            # Of several workers one hands it over.
            if tasks.rows().filter(pk=row.pk, state=WAITING, nudged_at=row.nudged_at).update(nudged_at=now):
                self._nudge(tasks.plugin_id, str(row.pk))
