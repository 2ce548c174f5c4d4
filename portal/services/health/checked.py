"""Health by registered checks, answered from memory for a moment so that probes cost nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from portal.services import lifecycle, logger
from portal.services.health.base import Check, HealthService, Readiness
from portal.services.health.databases import DatabasesCheck
from portal.services.lifecycle import Stage

#: How long an answer is good for, in seconds.
DEFAULT_TTL = 2.0
#: How long a probe waits for the checks that another probe has started, in seconds.
DEFAULT_PATIENCE = 3.0


class CheckedHealth(HealthService):
    """Runs the checks in the asking thread, one probe at a time.

    A probe that finds another one at work waits for its answer, up to ``patience`` seconds; so a check that
    hangs (a database behind a dead link) turns readiness red and holds one thread, not all of them.
    ``monotonic`` is for tests.
    """

    def __init__(
        self,
        *,
        ttl: float = DEFAULT_TTL,
        patience: float = DEFAULT_PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl = ttl
        self._patience = patience
        self._monotonic = monotonic
        self._registry_lock = threading.Lock()
        self._probe_lock = threading.Lock()
        self._checks: dict[str, Check] = {"databases": DatabasesCheck()}
        self._advisory: frozenset[str] = frozenset()
        self._running: str | None = None
        self._answer: tuple[float, Readiness] | None = None

    def register(self, name: str, check: Check, *, advisory: bool = False) -> None:
        """Add or replace a check; the next probe runs it."""
        with self._registry_lock:
            self._checks = {**self._checks, name: check}
            self._advisory = self._advisory | {name} if advisory else self._advisory - {name}
            self._answer = None

    def unregister(self, name: str) -> None:
        """Remove a check."""
        with self._registry_lock:
            self._checks = {key: check for key, check in self._checks.items() if key != name}
            self._answer = None

    def readiness(self) -> Readiness:
        """Say whether the process is started and passes its checks."""
        problem = _stage_problem()
        if problem:
            return Readiness(False, (problem,))
        if not self._probe_lock.acquire(timeout=self._patience):
            return Readiness(False, (f"The check '{self._running}' doesn't come to an end.",))
        try:
            return self._asked()
        finally:
            self._probe_lock.release()

    def _asked(self) -> Readiness:
        answer = self._answer
        if answer is not None and self._monotonic() - answer[0] < self._ttl:
            return answer[1]
        checks = self._checks
        found = {name: problem for name, check in checks.items() if (problem := self._run(name, check))}
        notices = tuple(found.pop(name) for name in self._advisory & found.keys())
        readiness = Readiness(not found, tuple(found.values()), notices)
        if readiness.problems != (answer[1].problems if answer else ()):
            self._log(readiness.problems)
        with self._registry_lock:
            if self._checks is checks:
                self._answer = (self._monotonic(), readiness)
        return readiness

    def _run(self, name: str, check: Check) -> str | None:
        self._running = name
        try:
            return check()
        except Exception:  # noqa: BLE001 - a check that breaks is an answer, too
            logger.for_plugin("app").exception("A health check failed", check=name)
            return f"The check '{name}' failed; the log says why."
        finally:
            self._running = None

    def _log(self, problems: tuple[str, ...]) -> None:
        if problems:
            logger.for_plugin("app").warning("The process isn't ready", problems=list(problems))
        else:
            logger.for_plugin("app").info("The process is ready again")


def _stage_problem() -> str | None:
    match lifecycle.stage:
        case Stage.STARTED:
            return None
        case Stage.FAILED:
            return lifecycle.failure
        case Stage.STOPPING | Stage.STOPPED:
            return "The process is stopping."
        case _:
            return "The process hasn't started yet."
