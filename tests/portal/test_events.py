"""The events service: what is published reaches subscribers here, and by the bus those of other processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from portal.config import override_config
from portal.errors import ConflictError, InputError, NotFoundError
from portal.services import events, lifecycle, services
from portal.services.events import Event, ImmediateEvents, SharedEvents, client
from portal.services.events.client import ABSENT_SECONDS, BusAbsent, BusBusy, BusClient, pause_after
from portal.services.events.message import MAX_BYTES, Message, Parcel
from portal.services.transport import Response, TransportService
from portal.services.transport.response import Headers
from tests.waiting import PATIENCE

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), inner)
    ),
    max_leaves=10,
)


class Inbox:
    """A subscriber that keeps what it gets."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.threads: set[str] = set()

    def __call__(self, event: Event) -> None:
        self.threads.add(threading.current_thread().name)
        self.events.put(event)

    def take(self, count: int = 1) -> list[Event]:
        """Wait for so many events."""
        return [self.events.get(timeout=PATIENCE) for _ in range(count)]

    def payloads(self, count: int = 1) -> list[Any]:
        """Wait for so many events; return their payloads."""
        return [event.payload for event in self.take(count)]


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


def shared() -> SharedEvents:
    service = services["events"]
    assert isinstance(service, SharedEvents)
    return service


# Delivery within the process


def test_a_subscriber_gets_what_is_published_on_its_topics_and_nothing_else() -> None:
    inbox = Inbox()
    events.for_plugin("catalog").subscribe(id="all", topics=["a", "b"], on_event=inbox)

    for topic in ("a", "c", "b"):
        events.for_plugin("catalog").publish(topic, {"topic": topic}, {"by": "me"})

    assert inbox.take(2) == [Event("a", {"topic": "a"}, {"by": "me"}), Event("b", {"topic": "b"}, {"by": "me"})]
    assert shared().wait_until_idle(PATIENCE)
    assert inbox.events.empty()


def test_publishing_waits_for_nobody() -> None:
    may_end, inbox = threading.Event(), Inbox()

    def slow(event: Event) -> None:
        may_end.wait(PATIENCE)
        inbox(event)

    events.for_plugin("catalog").subscribe(id="slow", topics=["a"], on_event=slow)
    events.for_plugin("catalog").publish("a", 1)
    assert inbox.events.empty()
    may_end.set()

    assert inbox.payloads() == [1]
    assert inbox.threads == {"events:catalog.slow"}


def test_events_come_one_after_the_other_and_in_order() -> None:
    inbox, at_once, most = Inbox(), [0], [0]

    def count(event: Event) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.0001)
        at_once[0] -= 1
        inbox(event)

    events.for_plugin("catalog").subscribe(id="count", topics=["a"], on_event=count)
    for number in range(300):
        events.for_plugin("catalog").publish("a", number)

    assert inbox.payloads(300) == list(range(300))
    assert most == [1]


def test_a_subscriber_that_fails_gets_the_next_event_and_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    failing, other = Inbox(), Inbox()

    def fail(event: Event) -> None:
        failing(event)
        raise OSError("no flour")

    events.for_plugin("catalog").subscribe(id="failing", topics=["a"], on_event=fail)
    events.for_plugin("catalog").subscribe(id="other", topics=["a"], on_event=other)
    for number in range(2):
        events.for_plugin("catalog").publish("a", number)

    assert failing.payloads(2) == other.payloads(2) == [0, 1]
    assert shared().wait_until_idle(PATIENCE)
    assert "catalog.failing" in caplog.text
    assert "no flour" in caplog.text


def test_each_subscriber_has_an_event_of_its_own() -> None:
    first, second, payload = Inbox(), Inbox(), {"list": [1]}
    events.for_plugin("catalog").subscribe(id="first", topics=["a"], on_event=first)
    events.for_plugin("catalog").subscribe(id="second", topics=["a"], on_event=second)
    events.for_plugin("catalog").publish("a", payload)
    payload["list"].append(2)

    (one,), (other,) = first.take(), second.take()
    one.payload["list"].append(3)

    assert other.payload == {"list": [1]}


def test_a_subscriber_that_is_too_slow_loses_what_doesnt_fit_into_its_queue(caplog: pytest.LogCaptureFixture) -> None:
    may_go, inbox = threading.Event(), Inbox()

    def slow(event: Event) -> None:
        inbox(event)
        may_go.wait(PATIENCE)

    options = {"events": {"OPTIONS": {"mailbox_size": 3}}}
    with override_settings(PORTAL_SERVICES=options):
        own = events.for_plugin("catalog")
        own.subscribe(id="slow", topics=["a"], on_event=slow)
        own.publish("a", 0)
        assert inbox.payloads() == [0]
        for number in range(1, 8):
            own.publish("a", number)
        may_go.set()

        assert inbox.payloads(3) == [1, 2, 3]
        assert shared().wait_until_idle(PATIENCE)
        assert inbox.events.empty()
        own.publish("a", 8)
        assert inbox.payloads() == [8]
    assert caplog.text.count("A subscriber is too slow") == 1
    assert "'dropped': 4" in caplog.text or "dropped=4" in caplog.text or '"dropped": 4' in caplog.text


# Transactions


@pytest.mark.django_db(transaction=True, databases=["default", "catalog"])
def test_an_event_is_told_when_the_transaction_on_the_plugins_database_commits() -> None:
    inbox = Inbox()
    own = events.for_plugin("catalog")
    own.subscribe(id="all", topics=["a"], on_event=inbox)

    with transaction.atomic(using="catalog"):
        own.publish("a", "committed")
        assert shared().wait_until_idle(PATIENCE)
        assert inbox.events.empty()

    assert inbox.payloads() == ["committed"]


@pytest.mark.django_db(transaction=True, databases=["default", "catalog"])
def test_what_is_rolled_back_never_happened() -> None:
    inbox = Inbox()
    own = events.for_plugin("catalog")
    own.subscribe(id="all", topics=["a"], on_event=inbox)

    with transaction.atomic(using="catalog"):
        own.publish("a", "rolled back")
        transaction.set_rollback(True, using="catalog")
    own.publish("a", "after")

    assert inbox.payloads() == ["after"]


@pytest.mark.django_db(transaction=True, databases=["default", "catalog"])
def test_another_databases_transaction_is_no_reason_to_wait() -> None:
    inbox = Inbox()
    events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=inbox)

    with transaction.atomic():
        events.for_plugin("catalog").publish("a", 1)
        assert inbox.payloads() == [1]


def test_publishing_opens_no_database() -> None:
    events.for_plugin("catalog").publish("a", 1)


# What can be published and subscribed to


@given(payload=JSON)
def test_a_payload_comes_as_it_is_in_json(payload: Any) -> None:
    assert Message.of("catalog", "a", payload, None).event().payload == payload


@pytest.mark.parametrize(
    "payload",
    [{1, 2}, object(), {"at": datetime(2026, 1, 1, tzinfo=UTC)}, {1: "x"}, b"bytes", 2**70, "nul\0"],
    ids=["set", "object", "time", "key", "bytes", "number", "nul"],
)
def test_what_isnt_json_is_refused_where_it_is_published(payload: Any) -> None:
    with pytest.raises(InputError, match="topic 'a'"):
        events.for_plugin("catalog").publish("a", payload)


def test_metadata_is_json_as_well() -> None:
    with pytest.raises(InputError, match="metadata of the event on topic 'a' isn't JSON"):
        events.for_plugin("catalog").publish("a", 1, {"x": object()})


def test_an_event_that_is_too_large_is_refused_with_its_size() -> None:
    with pytest.raises(InputError, match=rf"{MAX_BYTES + 1 + 2} bytes; {MAX_BYTES} are allowed"):
        events.for_plugin("catalog").publish("a", "x" * (MAX_BYTES + 1 - 2))
    events.for_plugin("catalog").publish("a", "x" * (MAX_BYTES - 4))


@pytest.mark.parametrize("topic", ["", "line\nbreak", "x" * 256, 7])
def test_a_topic_is_a_name(topic: Any) -> None:
    with pytest.raises(InputError, match="1 to 255 visible characters"):
        events.for_plugin("catalog").publish(topic, 1)
    with pytest.raises(InputError, match="1 to 255 visible characters"):
        events.for_plugin("catalog").subscribe(id="all", topics=[topic], on_event=print)


def test_topics_are_a_list_and_not_a_text() -> None:
    with pytest.raises(InputError, match="must be a list"):
        events.for_plugin("catalog").subscribe(id="all", topics="github", on_event=print)


@pytest.mark.parametrize("backend", ["SharedEvents", "ImmediateEvents"])
def test_an_id_is_taken_once_in_a_plugin(backend: str) -> None:
    with override_settings(PORTAL_SERVICES={"events": {"BACKEND": f"portal.services.events.{backend}"}}):
        events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=print)
        events.for_plugin("app").subscribe(id="all", topics=["a"], on_event=print)
        with pytest.raises(ConflictError, match=r"'catalog\.all' already"):
            events.for_plugin("catalog").subscribe(id="all", topics=["b"], on_event=print)


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


# For tests


@pytest.fixture
def immediate() -> ImmediateEvents:
    services["events"] = service = ImmediateEvents()
    return service


def test_immediate_events_are_there_when_publish_returns(immediate: ImmediateEvents) -> None:
    inbox = Inbox()
    events.for_plugin("catalog").subscribe(id="all", topics=["a"], on_event=inbox)
    events.for_plugin("catalog").publish("a", 1)
    events.for_plugin("catalog").publish("b", 2)

    assert inbox.events.get_nowait() == Event("a", 1)
    assert inbox.events.empty()
    assert inbox.threads == {threading.current_thread().name}
    assert immediate.published == [Event("a", 1), Event("b", 2)]
    assert events.flush(0)


def test_immediate_events_log_a_failing_subscriber_too(
    immediate: ImmediateEvents, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Event) -> None:
        raise OSError("no flour")

    events.for_plugin("catalog").subscribe(id="failing", topics=["a"], on_event=fail)
    events.for_plugin("catalog").publish("a", 1)

    assert "no flour" in caplog.text
