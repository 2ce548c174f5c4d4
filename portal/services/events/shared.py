"""Events of all processes: delivered in this one first, and to the others by the bus."""

from __future__ import annotations

import threading
import time

from portal.services import lifecycle, logger
from portal.services.events.client import BusClient
from portal.services.events.conf import conf
from portal.services.events.mailbox import Mailbox
from portal.services.events.message import Message
from portal.services.events.outbox import Outbox
from portal.services.events.publishing import PublishingEvents, Subscription, require_new
from portal.services.events.reader import Reader
from portal.services.lifecycle import Stage, StartupError
from portal.services.scheduler.threads import ThreadPool

#: Seconds that a stopping process gives to events that are on their way.
GRACE = 5.0
#: Stages in which the process is no longer being set up, and may use the network.
UNDER_WAY = {Stage.STARTING, Stage.STARTED, Stage.FAILED, Stage.STOPPING}


class SharedEvents(PublishingEvents):
    """Puts each event into the mailboxes of this process's subscribers, and then gives it to the bus.

    The bus is the plugin ``events``, here or elsewhere, and is used once the process has started: a command such as
    ``migrate`` has its own subscribers only. ``mailbox_size`` events may wait for a subscriber, ``outbox_size`` for
    the bus.
    """

    def __init__(self, *, mailbox_size: int = 1000, outbox_size: int = 10_000) -> None:
        self._mailbox_size = mailbox_size
        self._pool = ThreadPool("events")
        self._client = BusClient()
        self._outbox = Outbox(self._client, self._pool, capacity=outbox_size)
        self._lock = threading.Lock()
        self._mailboxes: dict[str, Mailbox] = {}
        self._readers: list[Reader] = []
        self._hooks: set[str] = set()

    def deliver(self, message: Message) -> None:
        """Put the event into the mailboxes here, and leave it to the bus for everybody else."""
        mailboxes = [box for box in self._all_mailboxes() if message.topic in box.subscription.topics]
        for mailbox in mailboxes:
            mailbox.put(message)
        if conf.use_event_bus != "never" and lifecycle.stage in UNDER_WAY:
            self._stop_in_time()
            self._outbox.put(message, [mailbox.subscription.id for mailbox in mailboxes])

    def add(self, subscription: Subscription) -> None:
        """Give the subscription a mailbox, and have the bus read for it once the process has started."""
        mailbox = Mailbox(subscription, self._pool, capacity=self._mailbox_size)
        reader = Reader(mailbox, self._client)
        with self._lock:
            require_new(subscription, self._mailboxes)
            self._mailboxes[subscription.id] = mailbox
            self._readers.append(reader)
        if conf.use_event_bus == "never":
            return
        if lifecycle.stage in UNDER_WAY:
            self._stop_in_time()
            reader.start()
        elif self._first("startup"):
            lifecycle.on_startup(self._start_readers)

    def flush(self, timeout: float) -> bool:
        """Wait until the bus has what was published."""
        return self._outbox.flush(timeout)

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until subscribers here have had everything, and the bus too; say whether it came to that."""
        end = time.monotonic() + timeout
        idle = all(mailbox.wait(end - time.monotonic()) for mailbox in self._all_mailboxes())
        return self.flush(end - time.monotonic()) and idle

    def stop(self, grace: float = GRACE) -> None:
        """Read no more from the bus, wait for what is on its way, ``grace`` seconds at most, and close."""
        for reader in self._readers:
            reader.stop(0.0)
        finished = grace > 0 and self.wait_until_idle(grace)
        left = sum(mailbox.close() for mailbox in self._all_mailboxes()) + self._outbox.close()
        if left and not finished:
            logger.warning("Events are lost, because the process ends before they are delivered", events=left)

    def close(self) -> None:
        """Stop without waiting, and let the threads go."""
        self.stop(grace=0.0)
        self._pool.close()

    def _all_mailboxes(self) -> list[Mailbox]:
        with self._lock:
            return list(self._mailboxes.values())

    def _start_readers(self) -> None:
        self._stop_in_time()
        for reader in self._readers:
            reader.start()

    def _stop_in_time(self) -> None:
        if self._first("shutdown"):
            try:
                lifecycle.on_shutdown(self.stop)
            except StartupError:
                logger.debug("An event is published while the process ends; nobody will wait for it")

    def _first(self, hook: str) -> bool:
        with self._lock:
            first = hook not in self._hooks
            self._hooks.add(hook)
        return first
