"""What this process has published, on its way to the bus."""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice

from portal.errors import PortalError, ServiceUnavailableError
from portal.services import logger
from portal.services.events.client import BusAbsent, BusClient, pause_after
from portal.services.events.message import Message, Parcel
from portal.services.scheduler.threads import ThreadPool

#: So many events are sent at once, if so many wait.
MAX_BATCH = 100
#: And so many bytes, unless a single event has more.
MAX_BATCH_BYTES = 1024 * 1024


class Outbox:
    """Gives events to the bus in order, on a thread of the pool that is there while there are any.

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
        while parcels := self._next():
            pause = self._send(parcels, failures)
            if pause is None:
                failures = 0
            else:
                failures += 1
                self._rest(pause)

    def _send(self, parcels: list[Parcel], failures: int) -> float | None:
        """Send some events, and remove those that are done with; return the seconds until the next attempt, or None."""
        topic = parcels[0].message.topic
        try:
            self._remove(self._client.publish(parcels))
        except BusAbsent:
            self._remove(len(parcels))
        except ServiceUnavailableError as error:
            pause = pause_after(error, failures)
            logger.warning("The bus can't be reached; events wait", topic=topic, retry_seconds=pause, error=str(error))
            return pause
        except PortalError as error:
            logger.error("The bus refuses an event; other processes don't get it", topic=topic, error=str(error))
            self._remove(1)
        except Exception:  # noqa: BLE001 - one event must not hold up the others
            logger.exception("An event can't be sent to the bus; other processes don't get it", topic=topic)
            self._remove(1)
        return None

    def _next(self) -> list[Parcel]:
        """Return the events to send now: the first that wait, as far as they are one plugin's and fit one request."""
        with self._state:
            if self._waiting and not self._closed:
                return self._first_ones()
            self._busy = False
            dropped, self._dropped = self._dropped, 0
        if dropped:
            logger.warning("The bus has caught up; some events didn't reach other processes", dropped=dropped)
        return []

    def _first_ones(self) -> list[Parcel]:
        found, size = [self._waiting[0]], self._waiting[0].size
        for parcel in islice(self._waiting, 1, MAX_BATCH):
            size += parcel.size
            if parcel.message.plugin_id != found[0].message.plugin_id or size > MAX_BATCH_BYTES:
                break
            found.append(parcel)
        return found

    def _remove(self, count: int) -> None:
        with self._state:
            for _ in range(count):
                self._waiting.popleft()
            self._done += count
            self._state.notify_all()

    def _rest(self, seconds: float) -> None:
        with self._state:
            self._state.wait_for(lambda: self._closed, seconds)
