"""Events within a process: what can be published, who hears it and when."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import ConflictError, InputError
from portal.services import events, services
from portal.services.events import Event, ImmediateEvents
from portal.services.events.message import MAX_BYTES, Message
from tests.portal.events_kit import Inbox, shared
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
