"""The embedded engine: huey's queue and its consumers, on threads of this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections
from huey import Huey
from huey.consumer import Worker as HueyWorker

from portal.services.scheduler.clock import Clock
from portal.services.scheduler.threads import with_tidy_connections
from portal.services.tasks.durable import DurableTasks
from portal.services.tasks.storage import POLL_SECONDS, SQLITE_TABLES, JsonSerializer, Waking, storage_for

#: How much of a plugin's work is done at the same time in one process.
DEFAULT_WORKERS = 2


class HueyTasks(DurableTasks):
    """Carries work through huey, with a queue in each plugin's database and ``workers`` threads for each plugin's work.

    Of huey's schedule, retries and results nothing is used: rows know better, and survive a crash.
    """

    def __init__(self, *, workers: int = DEFAULT_WORKERS, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self._workers = workers
        self._queues: dict[str, _Queue] = {}
        self._queues_lock = threading.Lock()

    def _queue(self, plugin_id: str) -> _Queue:
        with self._queues_lock:
            queue = self._queues.get(plugin_id)
            if queue is None:
                alias = self.for_plugin(plugin_id).alias
                queue = self._queues[plugin_id] = _Queue(plugin_id, alias, self.perform)
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


class _Queue:
    """huey, as far as one plugin is concerned."""

    def __init__(self, plugin_id: str, alias: str, perform: Callable[[str, str], None]) -> None:
        storage, options = storage_for(alias)
        self._plugin_id = plugin_id
        self._huey = Huey(plugin_id, results=False, serializer=JsonSerializer(), storage_class=storage, **options)
        self._huey.on_shutdown("connections")(connections.close_all)

        @with_tidy_connections
        def work(task_id: str) -> None:
            perform(plugin_id, task_id)

        self._task = self._huey.task(name="perform")(work)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def put(self, task_id: str) -> None:
        """Put an id into the queue."""
        self._task(task_id)

    def is_empty(self) -> bool:
        """Say whether no id is in the queue."""
        return self._huey.pending_count() == 0

    def keep_consumers(self, count: int) -> None:
        """See to it that ``count`` threads take from the queue."""
        self._stop.clear()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for _ in range(count - len(self._threads)):
            thread = threading.Thread(target=self._consume, name=f"tasks:{self._plugin_id}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def ask_to_stop(self) -> None:
        """Take nothing more from the queue."""
        self._stop.set()
        if isinstance(self._huey.storage, Waking):
            self._huey.storage.wake()

    def wait_until_stopped(self, deadline: float) -> bool:
        """Wait for the threads until ``deadline``, on the monotonic clock; say whether they have ended."""
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Close the queue's connections."""
        self._huey.storage.close()

    def _consume(self) -> None:
        worker = HueyWorker(self._huey, self._stop, default_delay=0.1, max_delay=POLL_SECONDS, backoff=1.5)
        worker.initialize()
        try:
            while not self._stop.is_set():
                worker.loop()
        finally:
            worker.shutdown()
