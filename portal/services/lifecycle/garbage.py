"""When Python doesn't look for garbage: while something makes very many objects that are none."""

from __future__ import annotations

import gc
import threading
from contextlib import ContextDecorator


class _GarbageWaits(ContextDecorator):
    """Has the process look for no cycles of objects as long as any thread is in such a block or function."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            gc.disable()

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                gc.enable()


#: For a batch of entities: they are trees, and a quarter of the time went into looking through them time and again.
#: What others leave behind meanwhile stays in memory, so it is to be held for a second, not for a minute.
garbage_waits = _GarbageWaits()
