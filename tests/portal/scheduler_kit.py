"""What the tests of the scheduler share: processes that tests let work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.services.scheduler import DatabaseScheduler
from portal.services.scheduler.plugin import PluginSchedule
from tests.portal.clocks import START, FakeClock, at_once

MINUTE = timedelta(minutes=1)
both_scopes = pytest.mark.parametrize("scope", ["local", "global"])
database = pytest.mark.django_db(databases=["default", "catalog"])


class Process:
    """A process with a worker, its clock shared with others."""

    def __init__(self, clock: FakeClock, plugin_id: str = "catalog") -> None:
        self.clock = clock
        self.schedule: PluginSchedule = DatabaseScheduler(clock=clock).for_plugin(plugin_id)
        self.runs: list[datetime] = []
        self.woken = 0

    def add(self, **arguments: Any) -> None:
        self.schedule.schedule(**{"id": "job", "fn": self.note, "frequency": MINUTE, "timeout": MINUTE, **arguments})

    def note(self) -> None:
        self.runs.append(self.clock.now())

    def start(self) -> Process:
        def wake() -> None:
            self.woken += 1

        self.schedule.start(wake)
        return self

    def tick(self, spawn: Callable[[Callable[[], None], str], None] = at_once) -> float:
        return self.schedule.tick(spawn)

    def pass_time(self, seconds: float) -> None:
        """Tick as the worker's loop does, for so many seconds."""
        end = self.clock.monotonic() + seconds
        while (wait := max(self.tick(), 0.001)) and self.clock.monotonic() + wait <= end:
            self.clock.advance(wait)
        self.clock.advance(max(0.0, end - self.clock.monotonic()))

    def state(self, task: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.schedule.tasks()[task]["taskState"]
        return found


def seconds_after_start(moments: list[datetime]) -> list[float]:
    return [round((moment - START).total_seconds(), 1) for moment in moments]
