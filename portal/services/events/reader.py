"""What other processes have published, on its way to a subscriber of this one."""

from __future__ import annotations

from portal.errors import NotFoundError, ServiceUnavailableError
from portal.services import logger
from portal.services.events import client
from portal.services.events.client import BusAbsent, BusClient, pause_after
from portal.services.events.mailbox import Mailbox
from portal.services.scheduler.loops import Loop

#: So many events may wait for the subscriber when the next ones are read; more are left to other processes.
SHORT = 10
#: How long a subscriber may take for what waits before it is looked at again, in seconds.
PATIENCE = 30.0


class Reader:
    """Reads a subscription of the bus, on a thread of its own, for as long as it isn't stopped."""

    def __init__(self, mailbox: Mailbox, client: BusClient) -> None:
        self._mailbox = mailbox
        self._client = client
        self._started = False
        self._subscribed = False
        self._failures = 0
        self._loop = Loop(f"events:{mailbox.subscription.id}", self._step)

    def start(self) -> None:
        """Begin to read, if that hasn't been done."""
        if not self._started:
            self._started = True
            self._loop.start()

    def stop(self, timeout: float) -> bool:
        """Read no more; say whether the thread has ended within ``timeout`` seconds."""
        return self._loop.stop(timeout)

    def _step(self) -> float:
        """Read once; return the seconds until the next time."""
        try:
            self._read()
        except BusAbsent:
            return max(self._client.absent_seconds, client.FIRST_PAUSE)
        except NotFoundError:
            # It was idle for so long that the bus gave it up.
            self._subscribed = False
            return client.FIRST_PAUSE
        except ServiceUnavailableError as error:
            pause = pause_after(error, self._failures)
            self._failures += 1
            logger.warning(
                "The bus can't be read; trying again",
                subscription=self._mailbox.subscription.id,
                retry_seconds=pause,
                error=str(error),
            )
            return pause
        self._failures = 0
        return 0.0

    def _read(self) -> None:
        subscription = self._mailbox.subscription
        if not self._subscribed:
            self._client.subscribe(subscription)
            self._subscribed = True
        if not self._mailbox.wait(PATIENCE, at_most=SHORT):
            return
        for message in self._client.read(subscription):
            self._mailbox.put(message, patient=True)
