"""Waiting for what happens elsewhere: in another thread, process or server, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds. Far longer than anything takes that tests wait for; only a broken test ever waits so long.
PATIENCE = 60.0
#: Seconds between two looks.
INTERVAL = 0.02


def wait_until(condition: Callable[[], object], problem: Callable[[], object] | None = None) -> None:
    """Return once ``condition()`` holds; fail with what ``problem()`` says if it doesn't within `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, problem() if problem else "what the test waits for did not happen"
        time.sleep(INTERVAL)
