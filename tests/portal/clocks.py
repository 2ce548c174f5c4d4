"""A clock that tests move, and threads that tests run when they like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set_back(self, seconds: float) -> None:
        """Set the time of day back, as an administrator does."""
        self._now -= timedelta(seconds=seconds)


def at_once(function: Callable[[], None], name: str) -> None:
    """Run what is spawned on the spot."""
    function()


class Held:
    """Holds what is spawned until the test lets it run: until then it counts as running."""

    def __init__(self) -> None:
        self.functions: list[Callable[[], None]] = []

    def __call__(self, function: Callable[[], None], name: str) -> None:
        self.functions.append(function)

    def finish(self) -> None:
        """Run everything that was held."""
        functions, self.functions = self.functions, []
        for function in functions:
            function()
