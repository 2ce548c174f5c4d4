"""What the bus does in the background."""

from __future__ import annotations

from datetime import timedelta

from apps.events.operations import delete_old
from apps.events.tasks import register
from portal.services import tasks
from portal.testing import FakeScheduler


def test_the_bus_is_cleaned_up_once_a_minute() -> None:
    scheduler = FakeScheduler()
    register(scheduler.for_plugin("events"), tasks.for_plugin("events"))

    ((task_id, task),) = scheduler.for_plugin("events").scheduled.items()
    assert (task_id, task.fn, task.frequency) == ("event-bus-cleanup", delete_old, timedelta(minutes=1))
