"""huey, as far as one plugin is concerned."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.db import connections
from huey import Huey
from huey.consumer import Worker as HueyWorker

from portal.services.scheduler.threads import with_tidy_connections
from portal.services.tasks.storage import POLL_SECONDS, JsonSerializer, Waking, storage_for


class Queue:
    """A plugin's queue, and the threads that take from it: ``perform`` is called with the plugin's id and a task's."""

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
