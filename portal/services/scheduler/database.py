"""The scheduler that keeps its tickets in the plugins' databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

from portal.services.scheduler.base import SchedulerService, Spawn
from portal.services.scheduler.clock import Clock, SystemClock
from portal.services.scheduler.plugin import PluginSchedule


class DatabaseScheduler(SchedulerService):
    """One schedule for each plugin, in memory; what processes must agree on is in the plugin's database."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._schedules: dict[str, PluginSchedule] = {}

    def for_plugin(self, plugin_id: str) -> PluginSchedule:
        """Return the plugin's schedule."""
        with self._lock:
            return self._schedules.setdefault(plugin_id, PluginSchedule(plugin_id, self._clock))

    def has_tasks(self, plugin_id: str) -> bool:
        """Say whether a plugin has anything on the schedule."""
        return len(self.for_plugin(plugin_id)) > 0

    def start(self, plugin_id: str, wake: Callable[[], None]) -> None:
        """Begin to run a plugin's tasks in this process."""
        self.for_plugin(plugin_id).start(wake)

    def tick(self, plugin_id: str, spawn: Spawn) -> float:
        """Begin what is due of a plugin's tasks."""
        return self.for_plugin(plugin_id).tick(spawn)

    def stop(self, plugin_id: str) -> None:
        """Begin nothing more of a plugin's tasks."""
        self.for_plugin(plugin_id).stop()
