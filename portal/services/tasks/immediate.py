"""The engine for tests: a task is done where and when it is asked for."""

from __future__ import annotations

from portal.services.tasks.durable import DurableTasks


class ImmediateTasks(DurableTasks):
    """Does each task at once, on the asking thread, when the open transaction commits."""

    def _dispatch(self, plugin_id: str, task_id: str) -> None:
        self.perform(plugin_id, task_id)

    def _queue_is_empty(self, plugin_id: str) -> bool:
        return True

    def _start_consumers(self, plugin_id: str) -> None:
        """Start nothing: there are no threads."""

    def _stop_consumers(self, plugin_ids: set[str], grace: float) -> bool:
        return True
