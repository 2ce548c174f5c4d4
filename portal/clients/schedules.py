"""The scheduled tasks of any plugin, which each plugin's API has from the core."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from urllib.parse import quote

from portal.clients.base import PluginClient

_TASKS = "/.backstage/scheduler/v1/tasks"


class SchedulesClient(PluginClient):
    """Asks plugins for their tasks, runs and stops them, one plugin at a time: ``schedules.of("catalog").tasks()``."""

    plugin_id: ClassVar[str] = "app"

    def of(self, plugin_id: str) -> Self:
        """Return the same client for the tasks of a plugin."""
        found = self.acting_for(self._caller, self._credentials)
        found._target = plugin_id
        return found

    def tasks(self) -> list[dict[str, Any]]:
        """Return the tasks with their state, in Backstage's form."""
        found: list[dict[str, Any]] = self._request("GET", _TASKS).json()["tasks"]
        return found

    def trigger(self, task_id: str) -> None:
        """Run a task now. Raises ``NotFoundError``, or ``ConflictError`` if it is running."""
        self._request("POST", f"{_TASKS}/{quote(task_id, safe='')}/trigger")

    def cancel(self, task_id: str) -> None:
        """Tell a task to stop. Raises ``NotFoundError``, or ``ConflictError`` if it isn't running."""
        self._request("POST", f"{_TASKS}/{quote(task_id, safe='')}/cancel")


#: The portal's own view; a plugin takes ``schedules.acting_for("<its id>", credentials)``.
schedules = SchedulesClient()
