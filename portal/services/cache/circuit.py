"""Knowing that a cache server is down, so that nobody waits for it.

The first failed operation opens the circuit: from then on nothing is asked of the server but one operation every few
seconds, to see whether it is back. There is one circuit for each server in a process, whoever uses it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from portal.services import logger

_circuits: dict[str, Circuit] = {}
_circuits_lock = threading.Lock()


class Circuit:
    """Whether a server is worth asking. Outages and recoveries are logged once each, refusals now and then."""

    #: How long a server that failed is left alone.
    retry_seconds = 5.0
    #: How long refusals of single operations go unmentioned after one that was logged.
    quiet_seconds = 60.0

    def __init__(self, server: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.server = server
        self._clock = clock
        self._lock = threading.Lock()
        self._down_since: float | None = None
        self._retry_at = 0.0
        self._quiet_until: float | None = None
        self._refusals = 0

    def allows(self) -> bool:
        """Say whether to ask the server. While it is down, one caller in ``retry_seconds`` gets a yes."""
        if self._down_since is None:
            return True
        with self._lock:
            if self._clock() < self._retry_at:
                return False
            self._retry_at = self._clock() + self.retry_seconds
            return True

    def failed(self, error: Exception) -> None:
        """Note that the server couldn't be reached, or didn't answer in time."""
        with self._lock:
            is_news = self._down_since is None
            if is_news:
                self._down_since = self._clock()
            self._retry_at = self._clock() + self.retry_seconds
        if is_news:
            logger.for_plugin("app").warning(
                "The cache can't be reached; until it can, everything is a miss",
                server=self.server,
                error=_words(error),
            )

    def succeeded(self) -> None:
        """Note that the server answered."""
        if self._down_since is None:
            return
        with self._lock:
            down_since, self._down_since = self._down_since, None
            now = self._clock()
        if down_since is not None:
            logger.for_plugin("app").info(
                "The cache is back", server=self.server, outage_seconds=round(now - down_since, 1)
            )

    def refused(self, error: Exception) -> None:
        """Note that the server answered and would not do as asked: a value too large, memory full, no permission."""
        self.succeeded()
        with self._lock:
            self._refusals += 1
            now = self._clock()
            if self._quiet_until is not None and now < self._quiet_until:
                return
            self._quiet_until = now + self.quiet_seconds
            refusals, self._refusals = self._refusals, 0
        logger.for_plugin("app").warning(
            "The cache refused an operation, which counts as a miss",
            server=self.server,
            error=_words(error),
            refusals=refusals,
        )


def circuit_for(server: str) -> Circuit:
    """Return the process's circuit for ``server``, a label without credentials."""
    with _circuits_lock:
        return _circuits.setdefault(server, Circuit(server))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
