"""The worker: does a process's background work, scheduled and queued."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from portal.services import health, logger, services
from portal.services.scheduler.loops import Loop
from portal.services.scheduler.rooms import plugins_with_tasks, register_rooms
from portal.services.scheduler.threads import ThreadPool

if TYPE_CHECKING:
    from portal.services.scheduler.base import SchedulerService
    from portal.services.tasks.base import TasksService

#: Seconds that a stopping worker gives to what is being done.
GRACE = 30.0
#: The name of the worker's health check.
CHECK = "worker"


class Worker:
    """Runs the tasks of the given plugins (default: all) until it is stopped.

    Each plugin's schedule is watched by a thread of its own, so that one plugin's broken database stops
    nobody else's work.
    """

    def __init__(self, plugins: Iterable[str] | None = None) -> None:
        self._plugins = plugins_with_tasks(plugins)
        # The instances of now: what the plugins register is in them, and a change of settings makes new ones.
        self._scheduler: SchedulerService = services["scheduler"]
        self._tasks: TasksService = services["tasks"]
        self._pool = ThreadPool("worker")
        self._loops: list[Loop] = []
        self._failures: dict[str, str] = {}
        self._stop_asked = threading.Event()

    @property
    def plugins(self) -> list[str]:
        """The ids of the plugins that this worker works for."""
        return list(self._plugins)

    def start(self) -> None:
        """Register what the plugins do and begin doing it, on threads; returns at once."""
        self._failures = register_rooms(self._plugins)
        for plugin_id in self._plugins:
            loop = Loop(f"schedule of {plugin_id}", partial(self._scheduler.tick, plugin_id, self._pool.spawn))
            self._scheduler.start(plugin_id, loop.wake)
            self._loops.append(loop)
            if self._tasks.has_tasks(plugin_id):
                self._loops.append(Loop(f"queue of {plugin_id}", partial(self._tasks.tend, plugin_id)))
                self._tasks.start(plugin_id)
        for loop in self._loops:
            loop.start()
        health.register(CHECK, self.problem)
        logger.for_plugin("app").info("Worker started", plugins=self._plugins)

    def stop(self, grace: float = GRACE) -> bool:
        """Begin nothing more, wait for what is being done, ``grace`` seconds at most; say whether it was finished.

        What wasn't is named in the log. Its ticket runs out within a minute, and another worker takes it up.
        """
        self._stop_asked.set()
        health.unregister(CHECK)
        for plugin_id in self._plugins:
            self._scheduler.stop(plugin_id)
        drained = self._tasks.stop(self._plugins, grace)
        finished = self._pool.wait_until_idle(grace) and drained
        if not finished:
            logger.for_plugin("app").warning(
                "Worker stops although work isn't finished", work=self._pool.busy() + self._tasks.running()
            )
        for loop in self._loops:
            loop.stop(timeout=1.0)
        self._loops = []
        self._pool.close()
        logger.for_plugin("app").info("Worker stopped", finished=finished)
        return finished

    def run_forever(self) -> bool:
        """Start, work until SIGTERM or SIGINT, and stop; say whether all work was finished. For the main thread.

        A second signal ends the process at once.
        """

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            if self._stop_asked.is_set():
                raise KeyboardInterrupt
            self._stop_asked.set()

        before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.start()
            while not self._stop_asked.wait(timeout=60):
                self._log_problem()
            return self.stop()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def problem(self) -> str | None:
        """Return what keeps work from getting on, for the health service; None if nothing does."""
        problems = [
            f"The background work of plugin '{plugin_id}' can't be set up; the log says why."
            for plugin_id in self._failures
        ]
        problems += [problem for loop in self._loops if (problem := loop.problem())]
        return " ".join(problems) or None

    def _log_problem(self) -> None:
        problem = self.problem()
        if problem:
            logger.for_plugin("app").warning("Worker doesn't get on", problem=problem)
