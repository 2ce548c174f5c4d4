"""What the tests of queued tasks share."""

from __future__ import annotations

import pytest

from portal.services.tasks import DurableTasks
from tests.portal.clocks import FakeClock

committing = pytest.mark.django_db(transaction=True, databases=["default", "catalog"])
database = pytest.mark.django_db(databases=["default", "catalog"])


class ListedTasks(DurableTasks):
    """An engine that keeps ids in a list until the test has them done."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock=clock)
        self.queue: list[str] = []

    def _dispatch(self, plugin_id: str, task_id: str) -> None:
        self.queue.append(task_id)

    def _queue_is_empty(self, plugin_id: str) -> bool:
        return not self.queue

    def _start_consumers(self, plugin_id: str) -> None:
        pass

    def _stop_consumers(self, plugin_ids: set[str], grace: float) -> bool:
        return True

    def work(self) -> None:
        """Do what is in the queue."""
        queue, self.queue = self.queue, []
        for task_id in queue:
            self.perform("catalog", task_id)


class Baker:
    """Something with a task."""

    def __init__(self) -> None:
        self.baked: list[str] = []
        self.failures: list[Exception] = []

    def bake(self, what: str) -> None:
        self.baked.append(what)
        if self.failures:
            raise self.failures.pop(0)
