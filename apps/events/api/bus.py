"""The bus: programs publish on it, subscribe to it and read from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.events.api import bodies
from apps.events.api.limits import require_small
from apps.events.conf import conf
from apps.events.models import Event
from apps.events.operations import publish_events, put_subscription, take_events
from apps.events.queries import get_subscription, news
from apps.events.queries.waiting import Listener
from portal.http.errors import envelope
from portal.http.json import json_bytes
from portal.http.views import ApiView
from portal.services import database, logger
from portal.services.http_auth.base import AuthPolicy
from portal.services.transport.in_process import IN_PROCESS

#: How long a thread of the server is held at most, in seconds: a server that stops waits for it.
HOLD_SECONDS = 20.0
#: How long a reader that finds no place is asked to stay away, in seconds.
RETRY_AFTER = 5
#: Warnings about readers that find no place come this far apart at least, in seconds.
WARN_EVERY = 60.0


class BusView(ApiView):
    """A view for plugins and other programs."""

    auth_policy: ClassVar[AuthPolicy] = "service"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what is too large."""
        super().initial(request, *args, **kwargs)
        require_small(request)

    def actor(self, request: Request) -> str:
        """Return who is asking, for the record."""
        return self.credentials(request).principal.subject[: bodies.MAX_NAME]


class EventPublishView(BusView):
    """``POST /bus/v1/events``: publish an event."""

    def post(self, request: Request) -> Response:
        """Keep it (201), unless every subscription to its topic has it already, or there is none (204)."""
        kept = publish_events([bodies.publication(self.json_object(request))], actor=self.actor(request))
        return Response(status=201 if kept else 204)


class EventBatchView(BusView):
    """``POST /bus/v1/event-batches``: publish several events, which takes little more than one; not in Backstage."""

    def post(self, request: Request) -> Response:
        """Keep those of ``{events: [{event, notifiedSubscribers}]}`` that somebody wants: 201, or 204 if none is."""
        publications = bodies.publications(self.json_object(request))
        kept = publish_events(publications, actor=self.actor(request))
        return Response(status=201 if kept else 204)


class SubscriptionPutView(BusView):
    """``PUT /bus/v1/subscriptions/<id>``: make a subscription, or change its topics."""

    def put(self, request: Request, id: str) -> Response:
        """Have events on ``topics`` kept for it."""
        body = self.json_object(request)
        put_subscription(
            id=bodies.name(id, "the subscription's id"),
            topics=bodies.names(body.get("topics"), "topics"),
            actor=self.actor(request),
        )
        return Response(status=201)


class SubscriptionReadView(BusView):
    """``GET /bus/v1/subscriptions/<id>/events``: take the next events, or wait for some."""

    #: Not HEAD: it would take events and throw them away.
    http_method_names = ["get", "options"]

    def get(self, request: Request, id: str) -> HttpResponse | StreamingHttpResponse | Response:
        """Return ``{events: [{topic, payload, metadata?}]}``.

        If there are none, the answer is 202 with a body that has nothing in it and ends when there are, or after
        ``events.notifyTimeoutMs`` at the latest: then the reader asks again.
        """
        topics = get_subscription(id).topics.values_list("topic", flat=True)
        listener = news.listen(list(topics))
        waiting = False
        try:
            events = take_events(id=id)
            if events:
                return json_bytes(b'{"events":[%b]}' % b",".join(map(_event_json, events)))
            place = None if IN_PROCESS in request.META else places
            if place is not None and not place.take():
                return self._come_back(request)
            waiting = True
            response = StreamingHttpResponse(Waiting(listener, place), status=202)
            del response["Content-Type"]
            return response
        finally:
            if not waiting:
                listener.close()

    def _come_back(self, request: Request) -> Response:
        message = (
            f"{conf.max_waiting_readers} readers are waiting for events here already (events.maxWaitingReaders); "
            f"ask again in a moment."
        )
        answer = envelope(request._request, 503, "ServiceUnavailableError", message)
        response = Response(answer, status=503, headers={"Retry-After": str(RETRY_AFTER)})
        # Places.take() has said it, once for all who come.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


class Places:
    """How many threads of the server are given to readers that wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0
        self._warned_at = -WARN_EVERY

    def take(self) -> bool:
        """Take a place; False if there is none."""
        limit, now = conf.max_waiting_readers, time.monotonic()
        with self._lock:
            if self._taken < limit:
                self._taken += 1
                return True
            warn = now - self._warned_at >= WARN_EVERY
            if warn:
                self._warned_at = now
        if warn:
            logger.for_plugin("events").warning(
                "Readers of the bus find no place to wait, so events reach them late; give the server more threads "
                "and raise events.maxWaitingReaders",
                places=limit,
            )
        return False

    def leave(self) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= 1


places = Places()


class Waiting(Iterator[bytes]):
    """A body that has nothing in it, and ends when there are events or the time is up.

    The server asks for the first piece, which makes it send status and headers, and then for the next one.
    """

    def __init__(self, listener: Listener, place: Places | None) -> None:
        self._listener = listener
        self._place = place
        self._begun = False
        self._closed = False

    def __next__(self) -> bytes:
        if not self._begun:
            self._begun = True
            return b""
        connection = database.for_plugin("events").connection
        # One that does nothing for a minute is better used by somebody else.
        if not connection.in_atomic_block:
            connection.close()
        seconds = conf.notify_timeout / 1000
        self._listener.wait(seconds if self._place is None else min(seconds, HOLD_SECONDS))
        raise StopIteration

    def close(self) -> None:
        """Give back what was taken; called by the server, whether it has asked for anything or not."""
        if not self._closed:
            self._closed = True
            self._listener.close()
            if self._place is not None:
                self._place.leave()


def _event_json(event: Event) -> bytes:
    metadata = "" if event.metadata == "{}" else f',"metadata":{event.metadata}'
    return f'{{"topic":{orjson.dumps(event.topic).decode()},"payload":{event.payload}{metadata}}}'.encode()
