"""The embedded engine: huey's queue and its consumers, on threads of this process.

huey is loaded with the first queue: a portal whose plugins queue nothing does without it, and without Redis's client,
which huey loads wherever it is installed.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.checks import CheckMessage, Error

from portal.services.scheduler.clock import Clock
from portal.services.tasks.durable import DurableTasks

if TYPE_CHECKING:
    from portal.services.tasks.huey_queue import Queue

#: How much of a plugin's work is done at the same time in one process.
DEFAULT_WORKERS = 2
#: Tables that huey makes in SQLite, where it can't be told other names.
SQLITE_TABLES = frozenset({"kv", "schedule", "task", "counter"})


class HueyTasks(DurableTasks):
    """Carries work through huey, with a queue in each plugin's database and ``workers`` threads for each plugin's work.

    Of huey's schedule, retries and results nothing is used: rows know better, and survive a crash.
    """

    def __init__(self, *, workers: int = DEFAULT_WORKERS, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self._workers = workers
        self._queues: dict[str, Queue] = {}
        self._queues_lock = threading.Lock()

    def _queue(self, plugin_id: str) -> Queue:
        with self._queues_lock:
            queue = self._queues.get(plugin_id)
            if queue is None:
                from portal.services.tasks.huey_queue import Queue

                alias = self.for_plugin(plugin_id).alias
                queue = self._queues[plugin_id] = Queue(plugin_id, alias, self.perform)
            return queue

    def _dispatch(self, plugin_id: str, task_id: str) -> None:
        self._queue(plugin_id).put(task_id)

    def _queue_is_empty(self, plugin_id: str) -> bool:
        return self._queue(plugin_id).is_empty()

    def _start_consumers(self, plugin_id: str) -> None:
        self._queue(plugin_id).keep_consumers(self._workers)

    def _stop_consumers(self, plugin_ids: set[str], grace: float) -> bool:
        with self._queues_lock:
            queues = [queue for plugin_id, queue in self._queues.items() if plugin_id in plugin_ids]
        for queue in queues:
            queue.ask_to_stop()
        deadline = time.monotonic() + grace
        stopped = [queue.wait_until_stopped(deadline) for queue in queues]
        return all(stopped)

    def check(self) -> list[CheckMessage]:
        """Find tables of plugins that bear the names of huey's own in SQLite."""
        return [
            Error(
                f"{model._meta.label} has the table '{model._meta.db_table}', which the task queue uses in SQLite.",
                hint="Give it another db_table.",
                obj=model,
                id="portal.E151",
            )
            for model in apps.get_models()
            if model._meta.db_table in SQLITE_TABLES
        ]

    def close(self) -> None:
        """End the consumers and close the queues' connections."""
        self._stop_consumers(set(self._queues), grace=1.0)
        with self._queues_lock:
            queues, self._queues = self._queues, {}
        for queue in queues.values():
            queue.close()
