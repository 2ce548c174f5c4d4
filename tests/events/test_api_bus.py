"""The bus as programs see it. The conformance kit compares it with a real Backstage; these are its rules."""

from __future__ import annotations

import json
import threading
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.events.api.limits import MAX_REQUEST_BYTES
from apps.events.models import Subscription
from apps.events.queries import News
from portal.config import override_config
from portal.credentials import UserPrincipal
from portal.services.transport.in_process import IN_PROCESS
from portal.testing import signed_in_client
from tests.events.conftest import Program
from tests.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("still")

ROUTES = [
    ("POST", "/bus/v1/events"),
    ("POST", "/bus/v1/event-batches"),
    ("PUT", "/bus/v1/subscriptions/a"),
    ("GET", "/bus/v1/subscriptions/a/events"),
]


def soon(milliseconds: int = 1) -> Any:
    """Let readers wait for so long only."""
    return override_config({"events": {"notifyTimeoutMs": milliseconds}})


def consume(response: Any) -> bytes:
    """Read a streamed body to its end, which closes it."""
    return b"".join(response.streaming_content)


# Who may


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_bus_is_for_programs_whatever_the_default_policy(client: Client, method: str, path: str) -> None:
    with override_config({"backend": {"auth": {"dangerouslyDisableDefaultAuthPolicy": True}}}):
        response = Program(client).send(method, path, {})
    assert response.status_code == 401
    assert response.json()["error"]["name"] == "AuthenticationError"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_people_may_not(method: str, path: str) -> None:
    client = signed_in_client(UserPrincipal("user:default/jane"))
    response = Program(client).send(method, path, {}, **{"X-CSRFToken": client.cookies["greenroom_csrf"].value})
    assert response.status_code == 403


# Publish and read


def test_what_is_published_is_read_once_and_in_order(program: Program) -> None:
    assert program.subscribe("a", "one", "two") == 201
    assert [program.publish(topic, topic) for topic in ("one", "other", "two", "one")] == [201, 204, 201, 201]

    with soon():
        assert program.read("a") == ["one", "two", "one"]
        assert program.read("a") is None


def test_an_answer_is_in_backstages_form(program: Program) -> None:
    program.subscribe("a", "t")
    program.publish("t", {"n": 1})
    body = {"event": {"topic": "t", "payload": [1.5, None], "metadata": {"x-github-event": "push"}}}
    program.send("POST", "/bus/v1/events", body)

    response = program.send("GET", "/bus/v1/subscriptions/a/events")

    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response.content == (
        b'{"events":[{"topic":"t","payload":{"n":1}},'
        b'{"topic":"t","payload":[1.5,null],"metadata":{"x-github-event":"push"}}]}'
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/bus/v1/subscriptions/b", {"topics": ["t"]}, 201),
        ("POST", "/bus/v1/events", {"event": {"topic": "t", "payload": 1}}, 201),
        ("POST", "/bus/v1/events", {"event": {"topic": "nobody", "payload": 1}}, 204),
    ],
)
def test_other_answers_have_no_body(program: Program, method: str, path: str, body: Any, status: int) -> None:
    program.subscribe("a", "t")
    response = program.send(method, path, body)
    assert (response.status_code, response.content) == (status, b"")
    assert "Content-Type" not in response


def test_each_subscription_reads_for_itself(program: Program) -> None:
    program.subscribe("a", "t")
    program.subscribe("b", "t")
    program.publish("t", 1)

    assert program.read("a") == program.read("b") == [1]


def test_a_subscription_gets_what_is_published_from_then_on(program: Program) -> None:
    program.subscribe("a", "t")
    program.publish("t", "before")
    program.subscribe("b", "t")
    program.publish("t", "after")

    assert program.read("a") == ["before", "after"]
    assert program.read("b") == ["after"]


def test_who_has_an_event_already_doesnt_get_it_again(program: Program) -> None:
    program.subscribe("a", "t")
    program.subscribe("b", "t")

    assert program.publish("t", 1, notified=["a"]) == 201
    assert program.publish("t", 2, notified=["a", "b", "nosuch"]) == 204
    assert program.publish("t", 3, notified=["b"]) == 201

    assert program.read("a") == [3]
    assert program.read("b") == [1]


def test_an_event_that_is_sent_twice_is_there_once(program: Program) -> None:
    program.subscribe("a", "t")
    body = {"event": {"id": "c0ffee", "topic": "t", "payload": 1}}

    assert [program.send("POST", "/bus/v1/events", body).status_code for _ in range(2)] == [201, 201]

    assert program.read("a") == [1]


def test_several_events_can_be_published_at_once(program: Program) -> None:
    program.subscribe("a", "t")
    program.subscribe("b", "t")
    events = [
        {"event": {"topic": "t", "payload": 1}},
        {"event": {"topic": "nobody", "payload": 2}},
        {"event": {"topic": "t", "payload": 3}, "notifiedSubscribers": ["b"]},
    ]

    answers = [
        program.send("POST", "/bus/v1/event-batches", {"events": chosen}) for chosen in (events, events[1:2], [])
    ]

    assert [(answer.status_code, answer.content) for answer in answers] == [(201, b""), (204, b""), (204, b"")]
    assert program.read("a") == [1, 3]
    assert program.read("b") == [1]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'events'"),
        ({"events": {}}, "'events'"),
        ({"events": [1]}, "'events'"),
        ({"events": [{"event": {"topic": "t", "payload": 1}}, {"event": {"topic": "t"}}]}, "'events[1].event'"),
    ],
)
def test_of_several_events_one_that_is_malformed_is_named(program: Program, body: Any, words: str) -> None:
    program.subscribe("a", "t")
    response = program.send("POST", "/bus/v1/event-batches", body)
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]
    with soon():
        assert program.read("a") is None


def test_a_subscription_can_be_given_other_topics(program: Program) -> None:
    program.subscribe("a", "one", "two")
    program.publish("one", 1)
    program.subscribe("a", "two", "three")
    for topic in ("one", "two", "three"):
        program.publish(topic, topic)

    assert program.read("a") == ["two", "three"]


def test_ten_events_are_read_at_a_time(program: Program) -> None:
    program.subscribe("a", "t")
    for number in range(25):
        program.publish("t", number)

    reads = [program.read("a") for _ in range(3)]

    assert reads == [list(range(10)), list(range(10, 20)), list(range(20, 25))]


def test_an_id_may_have_any_characters(program: Program) -> None:
    assert program.subscribe("catalog.a%2Fb%20ü", "t") == 201
    assert Subscription.objects.get().pk == "catalog.a/b ü"
    program.publish("t", 1)
    assert program.read("catalog.a%2Fb%20ü") == [1]


# Waiting


def test_who_finds_nothing_waits_until_there_is_something(program: Program, still: News) -> None:
    program.subscribe("a", "t")
    response = program.send("GET", "/bus/v1/subscriptions/a/events")
    assert response.status_code == 202
    assert "Content-Type" not in response
    ended = threading.Event()

    def wait() -> None:
        for _ in response.streaming_content:
            pass
        ended.set()

    reader = threading.Thread(target=wait)
    reader.start()
    still.announce(["other"])
    assert not ended.wait(0.05)
    still.announce(["t"])
    reader.join(PATIENCE)

    assert ended.is_set()


def test_who_has_waited_long_enough_asks_again(program: Program) -> None:
    program.subscribe("a", "t")
    with soon():
        assert program.read("a") is None


def test_what_comes_between_looking_and_waiting_isnt_missed(program: Program, still: News) -> None:
    program.subscribe("a", "t")
    response = program.send("GET", "/bus/v1/subscriptions/a/events")
    still.announce(["t"])

    assert consume(response) == b"", "it ends at once"


def test_only_so_many_readers_hold_threads_of_the_server(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    program.subscribe("a", "t")
    read = ("GET", "/bus/v1/subscriptions/a/events")
    with override_config({"events": {"maxWaitingReaders": 1, "notifyTimeoutMs": 1}}):
        waiting = program.send(*read)
        turned_away = [program.send(*read) for _ in range(2)]
        program.publish("t", 1)
        served = program.send(*read)
        consume(waiting)
        again = program.send(*read)
        consume(again)

    assert waiting.status_code == again.status_code == 202
    assert [(response.status_code, response["Retry-After"]) for response in turned_away] == [(503, "5"), (503, "5")]
    assert "maxWaitingReaders" in turned_away[0].json()["error"]["message"]
    assert served.status_code == 200, "to read what is there takes no time"
    assert caplog.text.count("find no place to wait") == 1


def test_readers_of_this_process_hold_none(program: Program) -> None:
    program.subscribe("a", "t")
    with override_config({"events": {"maxWaitingReaders": 0, "notifyTimeoutMs": 1}}):
        in_process: dict[str, Any] = {IN_PROCESS: True}
        response = program.client.get("/api/events/bus/v1/subscriptions/a/events", **in_process)
        assert response.status_code == 202
        assert consume(response) == b""


def test_an_unknown_subscription_isnt_found(program: Program) -> None:
    response = program.send("GET", "/bus/v1/subscriptions/nosuch/events")
    assert response.status_code == 404
    assert "'nosuch'" in response.json()["error"]["message"]


def test_looking_at_the_headers_takes_nothing(program: Program) -> None:
    program.subscribe("a", "t")
    program.publish("t", 1)
    assert program.send("HEAD", "/bus/v1/subscriptions/a/events").status_code == 405
    assert program.read("a") == [1]


# What doesn't fit


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'event'"),
        ([], "JSON object"),
        ({"event": "text"}, "'event'"),
        ({"event": {"payload": 1}}, "'event.topic'"),
        ({"event": {"topic": 7, "payload": 1}}, "'event.topic'"),
        ({"event": {"topic": "", "payload": 1}}, "'event.topic'"),
        ({"event": {"topic": "t" * 256, "payload": 1}}, "'event.topic'"),
        ({"event": {"topic": "t"}}, "'payload'"),
        ({"event": {"topic": "t", "payload": 1, "metadata": []}}, "'event.metadata'"),
        ({"event": {"topic": "t", "payload": 1, "id": 7}}, "'event.id'"),
        ({"event": {"topic": "t", "payload": 1}, "notifiedSubscribers": "a"}, "'notifiedSubscribers'"),
        ({"event": {"topic": "t", "payload": 1}, "notifiedSubscribers": [1]}, r"'notifiedSubscribers[0]'"),
    ],
)
def test_a_malformed_event_is_refused_by_name(program: Program, body: Any, words: str) -> None:
    response = program.send("POST", "/bus/v1/events", body)
    assert response.status_code == 400
    assert response.json()["error"]["name"] == "InputError"
    assert words in response.json()["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"topics": "t"}, {"topics": [1]}, {"topics": [""]}, {"topics": None}])
def test_malformed_topics_are_refused(program: Program, body: Any) -> None:
    response = program.send("PUT", "/bus/v1/subscriptions/a", body)
    assert response.status_code == 400
    assert "topics" in response.json()["error"]["message"]
    assert not Subscription.objects.exists()


def test_a_subscription_to_nothing_is_one(program: Program) -> None:
    assert program.subscribe("a") == 201
    with soon():
        assert program.read("a") is None


def test_what_is_nested_too_deeply_is_refused(program: Program) -> None:
    nested = b"[" * 300 + b"]" * 300
    body = b'{"event": {"topic": "t", "payload": %b}}' % nested
    response = program.client.post("/api/events/bus/v1/events", body, content_type="application/json")
    assert response.status_code == 400
    assert "'event.payload'" in response.json()["error"]["message"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WORDS = ("event", "events", "topic", "topics", "payload", "metadata", "id", "notifiedSubscribers")
NEARLY = st.dictionaries(
    st.sampled_from(WORDS), ANYTHING | st.dictionaries(st.sampled_from(WORDS), ANYTHING), max_size=4
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=st.sampled_from(ROUTES[:3]), body=ANYTHING | NEARLY, id=st.text(min_size=1, max_size=300))
def test_whatever_is_sent_is_answered_in_order(program: Program, route: tuple[str, str], body: Any, id: str) -> None:
    method, path = route
    content = json.dumps(body).encode()
    path = f"/api/events{path.removesuffix('/a')}{'/' + quote(id, safe='') if path.endswith('/a') else ''}"
    response = program.client.generic(method, path, content, content_type="application/json")
    assert response.status_code < 500, response.content


def test_what_is_too_large_is_refused_before_it_is_read(program: Program) -> None:
    program.subscribe("a", "t")
    empty = len(b'{"event":{"topic":"t","payload":""}}')
    fits, over = ("x" * (MAX_REQUEST_BYTES - empty + more) for more in (0, 1))

    assert program.publish("t", fits) == 201
    assert program.publish("t", over) == 413
