"""What this process has published, on its way to the bus."""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

from portal.errors import PortalError, ServiceUnavailableError
from portal.services import logger
from portal.services.events.client import BusAbsent, BusClient, pause_after
from portal.services.events.message import Message
from portal.services.scheduler.threads import ThreadPool


class Parcel(NamedTuple):
    """An event, and the subscriptions of this process that have it already."""

    message: Message
    notified: tuple[str, ...]


class Outbox:
    """Gives events to the bus one by one and in order, on a thread of the pool that is there while there are any.

    While the bus is away they wait, ``capacity`` of them; what comes after that doesn't reach other processes, which
    is logged when it begins and when it ends. What the bus refuses is logged and left out.
    """

    def __init__(self, client: BusClient, pool: ThreadPool, *, capacity: int) -> None:
        self._client = client
        self._pool = pool
        self._capacity = capacity
        self._state = threading.Condition()
        self._waiting: deque[Parcel] = deque()
        self._busy = False
        self._closed = False
        self._accepted = 0
        self._done = 0
        self._dropped = 0

    def put(self, message: Message, notified: list[str]) -> None:
        """Take an event in, without waiting."""
        with self._state:
            if self._closed:
                return
            room = len(self._waiting) < self._capacity
            if room:
                self._waiting.append(Parcel(message, tuple(notified)))
                self._accepted += 1
            else:
                self._dropped += 1
            start, self._busy = not self._busy, True
            first_dropped = self._dropped == 1 and not room
        if first_dropped:
            logger.warning(
                "Too many events wait for the bus: further ones stay in this process", waiting=self._capacity
            )
        if start:
            self._pool.spawn(self._work, "events:outbox")

    def flush(self, timeout: float) -> bool:
        """Wait until everything that is in now has gone; say whether it has."""
        with self._state:
            target = self._accepted
            return self._state.wait_for(lambda: self._closed or self._done >= target, max(timeout, 0.0)) and (
                self._done >= target
            )

    def close(self) -> int:
        """Take nothing more and send nothing more; return how many events were still waiting."""
        with self._state:
            self._closed = True
            left = len(self._waiting)
            self._state.notify_all()
        return left

    def _work(self) -> None:
        failures = 0
        while (parcel := self._first()) is not None:
            pause = self._send(parcel, failures)
            if pause is None:
                failures = 0
                self._remove_first()
            else:
                failures += 1
                self._rest(pause)

    def _send(self, parcel: Parcel, failures: int) -> float | None:
        """Send an event. Return None if it is done with, else the seconds until the next attempt."""
        topic = parcel.message.topic
        try:
            self._client.publish(parcel.message, parcel.notified)
        except BusAbsent:
            return None
        except ServiceUnavailableError as error:
            pause = pause_after(error, failures)
            logger.warning("The bus can't be reached; events wait", topic=topic, retry_seconds=pause, error=str(error))
            return pause
        except PortalError as error:
            logger.error("The bus refuses an event; other processes don't get it", topic=topic, error=str(error))
            return None
        except Exception:  # noqa: BLE001 - one event must not hold up the others
            logger.exception("An event can't be sent to the bus; other processes don't get it", topic=topic)
            return None
        return None

    def _first(self) -> Parcel | None:
        with self._state:
            if self._waiting and not self._closed:
                return self._waiting[0]
            self._busy = False
            dropped, self._dropped = self._dropped, 0
        if dropped:
            logger.warning("The bus has caught up; some events didn't reach other processes", dropped=dropped)
        return None

    def _remove_first(self) -> None:
        with self._state:
            self._waiting.popleft()
            self._done += 1
            self._state.notify_all()

    def _rest(self, seconds: float) -> None:
        with self._state:
            self._state.wait_for(lambda: self._closed, seconds)
