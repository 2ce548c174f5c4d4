"""The events that wait for one subscriber of this process."""

from __future__ import annotations

import threading
from collections import deque

from portal.services import logger
from portal.services.events.message import Message
from portal.services.events.publishing import Subscription
from portal.services.scheduler.threads import ThreadPool, with_tidy_connections


class Mailbox:
    """Hands events to a subscriber one by one and in order, on a thread of the pool that is there while there are any.

    It holds ``capacity`` of them. What comes while it is full is dropped, because whoever publishes can't wait; the log
    says so when it begins, and how many it were when the subscriber has caught up.
    """

    def __init__(self, subscription: Subscription, pool: ThreadPool, *, capacity: int) -> None:
        self.subscription = subscription
        self._pool = pool
        self._capacity = capacity
        self._state = threading.Condition()
        self._waiting: deque[Message] = deque()
        self._busy = False
        self._dropped = 0
        self._closed = False

    def put(self, message: Message, *, patient: bool = False) -> bool:
        """Take an event in, and say whether there was room; ``patient``, wait for room, until the mailbox closes."""
        with self._state:
            if patient:
                self._state.wait_for(lambda: self._closed or len(self._waiting) < self._capacity)
            if self._closed:
                return False
            room = len(self._waiting) < self._capacity
            if room:
                self._waiting.append(message)
            else:
                self._dropped += 1
            start, self._busy = not self._busy, True
            first_dropped = self._dropped == 1 and not room
        if first_dropped:
            self._log_dropped("A subscriber is too slow: its queue is full, and further events are dropped")
        if start:
            self._pool.spawn(self._work, f"events:{self.subscription.id}")
        return room

    def wait(self, timeout: float, *, at_most: int = 0) -> bool:
        """Wait until no more than ``at_most`` events wait or are being handed over; say whether it came to that."""
        with self._state:
            return self._state.wait_for(
                lambda: self._closed or len(self._waiting) + self._busy <= at_most, max(timeout, 0.0)
            )

    def close(self) -> int:
        """Take nothing more and hand nothing more over; return how many events were still waiting."""
        with self._state:
            self._closed = True
            left = len(self._waiting)
            self._waiting.clear()
            self._state.notify_all()
        return left

    def _work(self) -> None:
        hand_over = with_tidy_connections(self.subscription.hand_over)
        while (message := self._next()) is not None:
            hand_over(message)

    def _next(self) -> Message | None:
        with self._state:
            self._state.notify_all()
            if self._waiting:
                return self._waiting.popleft()
            self._busy = False
            dropped, self._dropped = self._dropped, 0
        if dropped:
            self._log_dropped("A subscriber has caught up", dropped=dropped)
        return None

    def _log_dropped(self, text: str, **fields: int) -> None:
        logger.for_plugin(self.subscription.plugin_id).warning(
            text, subscription=self.subscription.id, capacity=self._capacity, **fields
        )
