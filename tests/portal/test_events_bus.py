"""Events between processes: what goes to the bus, what comes from it, and what becomes of both when it is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import orjson
import pytest
from django.test import override_settings

from portal.config import override_config
from portal.errors import NotFoundError
from portal.services import events, lifecycle, services
from portal.services.events import Event, client
from portal.services.events.client import ABSENT_SECONDS, BusAbsent, BusBusy, BusClient, pause_after
from portal.services.events.message import Message, Parcel
from portal.services.transport import Response, TransportService
from portal.services.transport.response import Headers
from tests.portal.events_kit import Inbox, shared
from tests.waiting import PATIENCE


class FakeBus(TransportService):
    """Stands for the plugin ``events``: keeps requests and gives the answers that it was told."""

    def __init__(self) -> None:
        self.requests: SimpleQueue[tuple[str, str, Any, dict[str, str]]] = SimpleQueue()
        self.answers: dict[str, SimpleQueue[tuple[int, Any, dict[str, str]]]] = {
            method: SimpleQueue() for method in ("GET", "PUT", "POST")
        }
        self.default = {"GET": 202, "PUT": 201, "POST": 201}
        #: Bodies of events that it took, in order.
        self.accepted: list[dict[str, Any]] = []
        #: What it refuses: an event with this payload.
        self.refused: Any = None
        self.takes_batches = True
        self.reading = threading.Event()
        self.closed = threading.Event()

    def answer(self, method: str, status: int, body: Any = None, **headers: str) -> None:
        """Give the next request of a method this answer."""
        self.answers[method].put((status, body, headers))

    def taken(self) -> tuple[str, str, Any]:
        """Wait for the next request; return its method, path and JSON body."""
        method, path, body, _ = self.requests.get(timeout=PATIENCE)
        return method, path, body

    def payloads(self) -> list[Any]:
        """Return the payloads of the events that it took."""
        return [body["event"]["payload"] for body in self.accepted]

    def _send(
        self, plugin_id: str, method: str, path: str, headers: dict[str, str], content: bytes, timeout: float
    ) -> Response:
        assert plugin_id == "events"
        body = orjson.loads(content) if content else None
        self.requests.put((method, path, body, headers))
        told = not self.answers[method].empty()
        status, answer, extra = self.answers[method].get() if told else (self.default[method], None, {})
        if method == "POST":
            status = self._take(path, body, status)
        elif method == "GET" and not told:
            self.reading.set()
            self.closed.wait(PATIENCE)
        content = b"" if answer is None else orjson.dumps(answer)
        return Response(status, Headers({name.replace("_", "-"): value for name, value in extra.items()}), content)

    def _take(self, path: str, body: Any, status: int) -> int:
        batch = path == "/bus/v1/event-batches"
        assert batch or path == "/bus/v1/events"
        if batch and not self.takes_batches:
            return 404
        events = body["events"] if batch else [body]
        if any(self.refused is not None and one["event"]["payload"] == self.refused for one in events):
            return 400
        if status < 300:
            self.accepted += events
        return status

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBus]:
    """A bus, in a process that has started; nobody waits long for it."""
    monkeypatch.setattr(client, "FIRST_PAUSE", 0.01)
    fake = FakeBus()
    services["transport"] = fake
    lifecycle.start()
    yield fake
    fake.close()


# To the bus


def test_what_is_published_is_given_to_the_bus_with_the_names_of_those_who_have_it(bus: FakeBus) -> None:
    inbox = Inbox()
    events.for_plugin("catalog").subscribe(id="here", topics=["a"], on_event=inbox)
    events.for_plugin("catalog").publish("a", {"n": 1}, {"by": "me"})

    assert events.flush(PATIENCE)
    assert inbox.payloads() == [{"n": 1}]
    sent = [bus.taken() for _ in range(3)]
    (method, path, body) = next(request for request in sent if request[0] == "POST")
    event_id = body["event"].pop("id")
    assert (method, path) == ("POST", "/bus/v1/events")
    assert body == {
        "event": {"topic": "a", "payload": {"n": 1}, "metadata": {"by": "me"}},
        "notifiedSubscribers": ["catalog.here"],
    }
    assert len(event_id) == 36


def test_the_bus_is_asked_in_the_plugins_name(bus: FakeBus) -> None:
    events.for_plugin("catalog").publish("a", 1)
    *_, headers = bus.requests.get(timeout=PATIENCE)

    from portal.services import auth

    token = headers["Authorization"].removeprefix("Bearer ")
    assert auth.authenticate(token).principal.subject == "plugin:catalog"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_event_waits_for_a_bus_that_is_away(bus: FakeBus, status: int) -> None:
    bus.answer("POST", status, {"error": {"message": "later"}})
    events.for_plugin("catalog").publish("a", 0)
    _, _, first = bus.taken()
    events.for_plugin("catalog").publish("a", 1)

    assert events.flush(PATIENCE)
    assert bus.payloads() == [0, 1]
    assert first["event"]["id"] == bus.accepted[0]["event"]["id"] != bus.accepted[1]["event"]["id"]


def test_events_that_wait_are_sent_at_once_and_in_order(bus: FakeBus) -> None:
    bus.answer("POST", 503)
    for number in range(250):
        events.for_plugin("catalog" if number < 200 else "app").publish("a", number)

    assert events.flush(PATIENCE)
    assert bus.payloads() == list(range(250))
    assert bus.requests.qsize() < 10


def test_a_bus_that_takes_one_event_at_a_time_gets_them_so(bus: FakeBus) -> None:
    bus.takes_batches = False
    bus.answer("POST", 503)
    for number in range(20):
        events.for_plugin("catalog").publish("a", number)

    assert events.flush(PATIENCE)
    assert bus.payloads() == list(range(20))


def test_an_event_that_the_bus_refuses_holds_up_no_other(bus: FakeBus, caplog: pytest.LogCaptureFixture) -> None:
    bus.refused = 3
    bus.answer("POST", 503)
    for number in range(6):
        events.for_plugin("catalog").publish("a", number)

    assert events.flush(PATIENCE)
    assert bus.payloads() == [0, 1, 2, 4, 5]
    assert caplog.text.count("The bus refuses an event") == 1


def test_without_the_plugin_events_stay_here_and_it_isnt_asked_again_and_again(bus: FakeBus) -> None:
    bus.default["POST"] = 404
    events.for_plugin("catalog").publish("a", 0)
    assert events.flush(PATIENCE)
    assert bus.taken()[0] == "POST"
    for number in range(3):
        events.for_plugin("catalog").publish("a", number)

    assert events.flush(PATIENCE)
    assert bus.requests.empty()


def test_a_plugin_that_is_missing_is_looked_for_again_after_a_while(bus: FakeBus) -> None:
    now = [0.0]
    asking = BusClient(monotonic=lambda: now[0])
    message = Message.of("catalog", "a", 1, None)
    bus.answer("POST", 404)
    for _ in range(2):
        with pytest.raises(BusAbsent):
            asking.publish([Parcel(message, ())])
    now[0] = ABSENT_SECONDS

    asking.publish([Parcel(message, ())])

    assert asking.absent_seconds == 0
    assert [bus.taken()[0] for _ in range(2)] == ["POST", "POST"]
    assert bus.requests.empty()


def test_a_bus_that_must_be_there_is_tried_again(bus: FakeBus) -> None:
    with override_config({"events": {"useEventBus": "always"}}):
        services["transport"] = bus
        lifecycle.start()
        bus.answer("POST", 404)
        with pytest.raises(NotFoundError) as caught:
            BusClient().publish([Parcel(Message.of("catalog", "a", 1, None), ())])
    assert not isinstance(caught.value, BusAbsent)


def test_the_configuration_can_do_without_the_bus(bus: FakeBus) -> None:
    inbox = Inbox()
    with override_config({"events": {"useEventBus": "never"}}):
        services["transport"] = bus
        lifecycle.start()
        events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=inbox)
        events.for_plugin("catalog").publish("a", 1)
        assert inbox.payloads() == [1]
        assert events.flush(PATIENCE)
    assert bus.requests.empty()


def test_a_command_that_starts_nothing_leaves_the_bus_alone() -> None:
    services["transport"] = fake = FakeBus()
    inbox = Inbox()
    events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=inbox)
    events.for_plugin("catalog").publish("a", 1)

    assert inbox.payloads() == [1]
    assert events.flush(PATIENCE)
    assert fake.requests.empty()


def test_more_than_fits_stays_in_this_process(bus: FakeBus, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(PORTAL_SERVICES={"events": {"OPTIONS": {"outbox_size": 2}}}):
        services["transport"] = bus
        lifecycle.start()
        bus.answer("POST", 503, None, Retry_After="0")
        own = events.for_plugin("catalog")
        own.publish("a", 0)
        assert bus.taken()[2]["event"]["payload"] == 0
        for number in range(1, 4):
            own.publish("a", number)

        assert events.flush(PATIENCE)
        own.publish("a", 4)
        assert events.flush(PATIENCE)
    assert bus.payloads() == [0, 1, 4]
    assert caplog.text.count("Too many events wait for the bus") == 1


@pytest.mark.parametrize(("failures", "asked", "pause"), [(0, 0, 1), (1, 0, 2), (9, 0, 30), (0, 45, 45)])
def test_pauses_grow_unless_the_bus_asks_for_more(failures: int, asked: float, pause: float) -> None:
    assert pause_after(BusBusy("later", wait=asked), failures) == pause


# From the bus


def test_a_subscriber_gets_what_other_processes_publish(bus: FakeBus) -> None:
    inbox = Inbox()
    bus.answer("GET", 202)
    bus.answer(
        "GET",
        200,
        {"events": [{"topic": "a", "payload": 1}, {"topic": "b", "payload": {"x": 2}, "metadata": {"by": "you"}}]},
    )
    events.for_plugin("catalog").subscribe(id="all", topics=["a", "b"], on_event=inbox)

    assert inbox.take(2) == [Event("a", 1), Event("b", {"x": 2}, {"by": "you"})]
    assert [bus.taken() for _ in range(3)] == [
        ("PUT", "/bus/v1/subscriptions/catalog.all", {"topics": ["a", "b"]}),
        ("GET", "/bus/v1/subscriptions/catalog.all/events", None),
        ("GET", "/bus/v1/subscriptions/catalog.all/events", None),
    ]


def test_a_subscription_that_the_bus_has_forgotten_is_made_again(bus: FakeBus) -> None:
    bus.answer("GET", 404, {"error": {"name": "NotFoundError", "message": "Which?"}})
    events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=print)

    assert [bus.taken()[0] for _ in range(4)] == ["PUT", "GET", "PUT", "GET"]


def test_a_bus_that_is_away_is_read_again_later(bus: FakeBus) -> None:
    inbox = Inbox()
    bus.answer("PUT", 503)
    bus.answer("GET", 200, {"events": [{"topic": "a", "payload": 1}]})
    events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=inbox)

    assert inbox.payloads() == [1]
    assert [bus.taken()[0] for _ in range(3)] == ["PUT", "PUT", "GET"]


def test_a_subscriber_that_has_enough_leaves_the_rest_to_other_processes(bus: FakeBus) -> None:
    may_go, inbox = threading.Event(), Inbox()

    def slow(event: Event) -> None:
        inbox(event)
        may_go.wait(PATIENCE)

    bus.answer("GET", 200, {"events": [{"topic": "a", "payload": number} for number in range(12)]})
    events.for_plugin("catalog").subscribe(id="slow", topics=["a"], on_event=slow)
    assert inbox.payloads() == [0]
    assert [bus.taken()[0] for _ in range(2)] == ["PUT", "GET"]
    assert not bus.reading.wait(0.05)
    may_go.set()

    assert bus.reading.wait(PATIENCE)
    assert inbox.payloads(11) == list(range(1, 12))


def test_who_subscribes_before_the_process_starts_reads_once_it_has_started() -> None:
    services["transport"] = fake = FakeBus()
    events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=print)
    assert fake.requests.empty()

    lifecycle.start()

    assert [fake.taken()[0] for _ in range(2)] == ["PUT", "GET"]
    fake.close()


# The end


def test_a_process_that_stops_delivers_first_what_is_on_its_way(bus: FakeBus) -> None:
    inbox = Inbox()

    def slow(event: Event) -> None:
        time.sleep(0.005)
        inbox(event)

    events.for_plugin("catalog").subscribe(id="slow", topics=["a"], on_event=slow)
    for number in range(10):
        events.for_plugin("catalog").publish("a", number)
    lifecycle.shutdown()

    assert inbox.events.qsize() == 10
    assert bus.payloads() == list(range(10))


def test_what_doesnt_make_it_is_counted(bus: FakeBus, caplog: pytest.LogCaptureFixture) -> None:
    bus.default["POST"] = 503
    for number in range(3):
        events.for_plugin("catalog").publish("a", number)
    shared().stop(grace=0.05)

    assert "Events are lost" in caplog.text
