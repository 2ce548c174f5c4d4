"""What the bus does in the background: it forgets."""

from __future__ import annotations

from datetime import timedelta

from apps.events.operations import delete_old
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Clean up once a minute."""
    scheduler.schedule(
        id="event-bus-cleanup",
        fn=delete_old,
        frequency=timedelta(minutes=1),
        timeout=timedelta(minutes=1),
        initial_delay=timedelta(seconds=10),
    )
