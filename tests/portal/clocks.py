"""The clock that tests move, and threads that tests run when they like."""

from __future__ import annotations

from collections.abc import Callable

from portal.testing.clock import START, FakeClock

__all__ = ["START", "FakeClock", "Held", "at_once"]


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
