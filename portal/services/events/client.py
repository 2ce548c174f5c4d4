"""The bus: the API of the plugin ``events``, in this process or another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import quote

import orjson

from portal.errors import NotFoundError, PortalError, ServiceUnavailableError
from portal.services import auth, logger, transport
from portal.services.events.conf import conf
from portal.services.events.message import Message, Parcel
from portal.services.events.publishing import Subscription
from portal.services.transport import Response

BUS = "events"
#: Where the plugin wasn't found it is looked for again after so many seconds.
ABSENT_SECONDS = 300.0
#: Answers that say "later", beside those of 500 and above.
LATER = {408, 425, 429}
#: The first pause between attempts, in seconds; each further one is twice as long, up to the longest.
FIRST_PAUSE = 1.0
#: The longest one, unless the bus asks for more.
MAX_PAUSE = 30.0


class BusAbsent(NotFoundError):
    """The plugin ``events`` isn't installed, neither here nor where ``discovery`` says."""


class BusBusy(ServiceUnavailableError):
    """The bus can't do it now. ``wait`` is for how many seconds it wants to be left alone."""

    def __init__(self, message: str, *, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


def pause_after(error: ServiceUnavailableError, failures: int) -> float:
    """Return the seconds until the next attempt, after ``failures`` that came before this error."""
    asked = error.wait if isinstance(error, BusBusy) else 0.0
    return max(asked, min(FIRST_PAUSE * 2.0 ** min(failures, 30), MAX_PAUSE))


class BusClient:
    """Speaks to the bus. ``monotonic`` is for tests.

    Each method raises ``BusAbsent`` if there is none, ``BusBusy`` or ``ServiceUnavailableError`` if it is worth
    trying again, and another ``PortalError`` if it isn't.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._absent_until: float | None = None
        self._takes_batches = True

    @property
    def absent_seconds(self) -> float:
        """For how long the bus isn't looked for, having been missing; 0 if it may be there."""
        until = self._absent_until
        return 0.0 if until is None else max(0.0, until - self._monotonic())

    def publish(self, parcels: Sequence[Parcel]) -> int:
        """Give events of one plugin to the bus, all at once if it takes them so; return how many it has now."""
        plugin_id = parcels[0].message.plugin_id
        if len(parcels) > 1 and self._takes_batches:
            content = b'{"events":[%b]}' % b",".join(parcel.body() for parcel in parcels)
            try:
                self._ask(plugin_id, "POST", "/bus/v1/event-batches", content=content, known=True)
                return len(parcels)
            except NotFoundError:
                # Backstage's own.
                self._takes_batches = False
            except ServiceUnavailableError:
                raise
            except PortalError as error:
                logger.debug("The bus refuses some events at once; trying one by one", error=str(error))
        self._ask(plugin_id, "POST", "/bus/v1/events", content=parcels[0].body())
        return 1

    def subscribe(self, subscription: Subscription) -> None:
        """Have the bus keep events for a subscription from now on."""
        topics = orjson.dumps({"topics": subscription.topics})
        self._ask(subscription.plugin_id, "PUT", _path(subscription), content=topics)

    def read(self, subscription: Subscription) -> list[Message]:
        """Take the next events, after having waited for some if there were none; empty: nothing yet, or ask again.

        Raises ``NotFoundError`` if the bus doesn't know the subscription (any more).
        """
        answer = self._ask(
            subscription.plugin_id,
            "GET",
            f"{_path(subscription)}/events",
            timeout=conf.polling_timeout / 1000,
            known=True,
        )
        if answer.status_code != 200:
            return []
        return [Message.read(event) for event in answer.json()["events"]]

    def _ask(
        self,
        plugin_id: str,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        timeout: float = 30.0,
        known: bool = False,
    ) -> Response:
        if self.absent_seconds:
            raise BusAbsent("The plugin 'events' wasn't found a while ago.")
        headers = {"Authorization": f"Bearer {auth.plugin_token(plugin_id, target=BUS)}"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        answer = transport.request(BUS, method, path, headers=headers, content=content, timeout=timeout)
        if answer.status_code == 404 and not known and conf.use_event_bus != "always":
            self._miss()
            raise BusAbsent("The plugin 'events' isn't installed.")
        if answer.status_code >= 500 or answer.status_code in LATER:
            raise BusBusy(f"The bus answered {answer.status_code}: {_words(answer)}", wait=_seconds(answer))
        with self._lock:
            self._absent_until = None
        return answer.raise_for_error()

    def _miss(self) -> None:
        with self._lock:
            first, self._absent_until = self._absent_until is None, self._monotonic() + ABSENT_SECONDS
            self._takes_batches = True
        if first:
            logger.info("The plugin 'events' isn't installed: events stay in the process that publishes them")


def _path(subscription: Subscription) -> str:
    return f"/bus/v1/subscriptions/{quote(subscription.id, safe='')}"


def _seconds(answer: Response) -> float:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else 0.0


def _words(answer: Response) -> str:
    return answer.text[:200] or "nothing else"
