"""Sending requests again that failed, and holding back those that would be too many."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from portal.config import Config
from portal.errors import ServiceUnavailableError
from portal.http_client import Deadline, http_date

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 10.0
MINUTE = 60.0


@dataclass(frozen=True)
class Retry:
    """How often a request is sent again, and after which answers. A connection that fails counts as such an answer."""

    attempts: int = 0
    status_codes: frozenset[int] = frozenset()

    @classmethod
    def read(cls, entry: Config) -> Retry:
        """Read ``{maxRetries, retryStatusCodes}``."""
        codes = entry.get("retryStatusCodes", [])
        if not isinstance(codes, list) or not all(type(code) is int for code in codes):
            raise entry.error("retryStatusCodes", "must be a list of numbers, as in [429, 502].")
        return cls(entry.get_int("maxRetries", 0), frozenset(codes))

    def pause(self, attempt: int, retry_after: str | None = None) -> float:
        """Return the seconds to wait before a further attempt, the first being number 1.

        ``retry_after`` is what the host says of it: seconds, or a date.
        """
        if retry_after and retry_after.isdecimal():
            return float(retry_after)
        if moment := http_date(retry_after):
            return max(0.0, (moment - datetime.now(UTC)).total_seconds())
        return min(FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE)


NO_RETRY = Retry()


class Throttle:
    """Lets so many requests through in any minute, and holds the others back."""

    def __init__(
        self,
        per_minute: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sent: deque[float] = deque()

    def wait(self, host: str, deadline: Deadline) -> None:
        """Return when a request may be sent. Raises ``ServiceUnavailableError`` if that is after the deadline."""
        with self._lock:
            now = self._monotonic()
            # A minute after the one that is so many requests before this one, be that in the past or still to come.
            start = max(now, self._sent[0] + MINUTE) if len(self._sent) == self._per_minute else now
            if start - now > deadline.left:
                raise ServiceUnavailableError(
                    f"{host} gets no more than {self._per_minute} requests a minute, and others are waiting."
                )
            if len(self._sent) == self._per_minute:
                self._sent.popleft()
            self._sent.append(start)
        if start > now:
            self._sleep(start - now)
