"""What home does in the background: it forgets."""

from __future__ import annotations

from datetime import timedelta

from apps.home.operations import forget_visits
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Forget old visits once an hour."""
    scheduler.schedule(
        id="forget-visits",
        fn=forget_visits,
        frequency=timedelta(hours=1),
        timeout=timedelta(minutes=5),
        initial_delay=timedelta(minutes=1),
    )
