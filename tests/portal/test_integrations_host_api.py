"""Requests to source hosts: where they are sent, how often, for how long, and with what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from portal import http_client
from portal.config import Config
from portal.errors import InputError, ServiceUnavailableError
from portal.integrations import ScmIntegrations
from portal.integrations.host_api import FOR_A_FILE, FOR_A_TREE, HostApi
from portal.integrations.throttling import Retry, Throttle
from tests.portal.clocks import FakeClock
from tests.portal.source_hosts.server import Answer, Asked, HttpServer, answer_json

URL = "https://gitlab.com/acme/shop/-/blob/main/a.yaml"
API = "https://gitlab.com/api/v4"


@contextmanager
def calling(
    respond: Callable[[Asked], Answer], *, clock: FakeClock | None = None, **entry: Any
) -> Iterator[tuple[HostApi, HttpServer]]:
    """Give the API of gitlab.com as ``respond`` answers for it, with a clock that stands still unless it is slept."""
    clock = clock or FakeClock()
    server = HttpServer(respond)
    config = Config.of({"integrations": {"gitlab": [{"host": "gitlab.com", "token": "secret", **entry}]}})
    integration = ScmIntegrations.from_config(config).gitlab.by_host("gitlab.com")
    assert integration is not None
    client = http_client.new_client(transport=server.transport)
    yield HostApi(client, integration, URL, monotonic=clock.monotonic, sleep=clock.advance), server
    client.close()
    server.close()


def redirecting(**targets: str) -> Callable[[Asked], Answer]:
    def respond(asked: Asked) -> Answer:
        target = targets.get(asked.path.strip("/").replace("/", "_"))
        return Answer(status=302, headers={"Location": target}) if target else answer_json(asked.host)

    return respond


# Redirects


def test_credentials_go_along_on_the_same_host_only():
    with calling(redirecting(a="/b", b="https://cdn.example/c", c="https://gitlab.com/d")) as (api, server):
        assert api.json("https://gitlab.com/a") == "gitlab.com"
    assert [(asked.host, asked.authorization) for asked in server.asked] == [
        ("gitlab.com", "Bearer secret"),
        ("gitlab.com", "Bearer secret"),
        ("cdn.example", None),
        ("gitlab.com", None),
    ]


def test_redirects_have_an_end():
    with (
        calling(redirecting(a="/a")) as (api, server),
        pytest.raises(ServiceUnavailableError, match="more than 5 times"),
    ):
        api.json("https://gitlab.com/a")
    assert len(server.asked) == 6


def test_no_redirect_leads_away_from_https():
    with calling(redirecting(a="http://gitlab.com/b")) as (api, server):
        with pytest.raises(InputError, match="redirects away from https"):
            api.json("https://gitlab.com/a")
        assert len(server.asked) == 1


def test_no_cookie_is_kept_for_the_next_request():
    def respond(asked: Asked) -> Answer:
        return answer_json(asked.headers.get("cookie"), Set_Cookie="session=secret; Path=/")

    with calling(respond) as (api, _):
        assert [api.json(f"{API}/a"), api.json(f"{API}/a")] == [None, None]


# Answers


def test_a_page_in_place_of_an_answer_is_told_as_such():
    words = r"gitlab\.com did not answer in JSON, as a page"
    with calling(lambda asked: Answer(b"<html>")) as (api, _), pytest.raises(ServiceUnavailableError, match=words):
        api.json(f"{API}/a")


def test_messages_name_the_url_that_a_person_knows():
    with calling(lambda asked: Answer(status=409)) as (api, _), pytest.raises(InputError) as caught:
        api.json(f"{API}/projects/secret?private_token=secret")
    assert caught.value.message == f"{URL} can't be read: gitlab.com answered 409 Conflict."


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"X-RateLimit-Reset": "1772455800"}, "until 12:50 UTC"),
        ({"RateLimit-Reset": "1772455800"}, "until 12:50 UTC"),
        ({"Retry-After": "30"}, "for 30 seconds"),
        ({"X-RateLimit-Reset": "99999999999999"}, "for now"),
        ({}, "for now"),
    ],
)
def test_a_limit_says_for_how_long(headers, until):
    answer, words = Answer(status=429, headers=headers), f"takes no more requests {until}"
    with calling(lambda asked: answer) as (api, _), pytest.raises(ServiceUnavailableError, match=words):
        api.json(f"{API}/a")


def test_a_limit_without_credentials_says_how_to_get_a_higher_one():
    with (
        calling(lambda asked: Answer(status=429), token=None) as (api, _),
        pytest.raises(ServiceUnavailableError, match=r"Set token in integrations\.gitlab\[0\] in app-config\.yaml"),
    ):
        api.json(f"{API}/a")


# Time


def test_all_requests_for_one_url_share_a_deadline():
    clock = FakeClock()

    def respond(asked: Asked) -> Answer:
        clock.advance(40)
        return answer_json(1)

    with calling(respond, clock=clock) as (api, _):
        api.json(f"{API}/a")
        with pytest.raises(ServiceUnavailableError, match="took longer than 60 seconds"):
            api.json(f"{API}/a")


@pytest.mark.parametrize(("limits", "silence"), [(FOR_A_FILE, 15), (FOR_A_TREE, 60)])
def test_a_host_may_be_silent_for_longer_where_it_packs_an_archive(limits, silence):
    asked = []

    def handle(request: http_client.Request) -> http_client.Response:
        asked.append(request.extensions["timeout"])
        return http_client.Response(200, json=1)

    [integration] = ScmIntegrations.from_config(Config.of({})).gitlab
    with http_client.new_client(transport=http_client.MockTransport(handle)) as client:
        HostApi(client, integration, URL, limits=limits).json(f"{API}/a")
    assert (asked[0]["connect"], asked[0]["read"]) == (5, silence)


# Sending again


def failing(times: int, status: int = 502, **headers: str) -> Callable[[Asked], Answer]:
    left = [times]

    def respond(asked: Asked) -> Answer:
        left[0] -= 1
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return answer_json("well") if left[0] < 0 else Answer(status=status, headers=named)

    return respond


RETRY = {"maxRetries": 3, "retryStatusCodes": [429, 502]}


def test_a_request_is_sent_again_if_that_is_configured():
    clock = FakeClock()
    before = clock.monotonic()
    with calling(failing(3), clock=clock, retry=RETRY) as (api, server):
        assert api.json(f"{API}/a") == "well"
    assert len(server.asked) == 4
    assert clock.monotonic() - before == pytest.approx(0.1 + 0.2 + 0.4)


@pytest.mark.parametrize(
    ("retry", "times", "status", "sent"),
    [(None, 1, 502, 1), (RETRY, 4, 502, 4), (RETRY, 1, 503, 1), ({"maxRetries": 2}, 1, 502, 1)],
)
def test_not_more_often_and_not_after_other_answers(retry, times, status, sent):
    with calling(failing(times, status), **({"retry": retry} if retry else {})) as (api, server):
        with pytest.raises(ServiceUnavailableError, match="can't be read now"):
            api.json(f"{API}/a")
        assert len(server.asked) == sent


def test_the_host_says_when_to_send_again():
    clock = FakeClock()
    before = clock.monotonic()
    with calling(failing(1, 429, Retry_After="20"), clock=clock, retry=RETRY) as (api, _):
        assert api.json(f"{API}/a") == "well"
    assert clock.monotonic() - before == 20


def test_nobody_waits_for_longer_than_the_deadline():
    with calling(failing(1, 429, Retry_After="3600"), retry=RETRY) as (api, server):
        with pytest.raises(ServiceUnavailableError, match="takes no more requests for 3600 seconds"):
            api.json(f"{API}/a")
        assert len(server.asked) == 1


def test_a_connection_that_fails_is_tried_again_as_well():
    asked = []

    def handle(request: http_client.Request) -> http_client.Response:
        asked.append(request)
        raise http_client.ConnectError("refused")

    config = Config.of({"integrations": {"gitlab": [{"host": "gitlab.com", "retry": RETRY}]}})
    integration = ScmIntegrations.from_config(config).gitlab.by_host("gitlab.com")
    assert integration is not None
    with http_client.new_client(transport=http_client.MockTransport(handle)) as client:
        api = HostApi(client, integration, URL, sleep=lambda seconds: None)
        with pytest.raises(ServiceUnavailableError, match="can't be reached: refused"):
            api.json(f"{API}/a")
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("attempt", "said", "seconds"),
    [
        (1, None, 0.1),
        (3, None, 0.4),
        (30, None, 10.0),
        (1, "5", 5.0),
        (1, "soon", 0.1),
        (1, "Mon, 02 Mar 2020 12:00:00 GMT", 0.0),
    ],
)
def test_the_pause_before_a_further_attempt_grows(attempt, said, seconds):
    assert Retry().pause(attempt, said) == pytest.approx(seconds)


# Holding back


def test_no_more_requests_than_so_many_go_out_in_a_minute():
    clock = FakeClock()
    throttle = Throttle(2, monotonic=clock.monotonic, sleep=clock.advance)
    deadline = http_client.Deadline(1000, monotonic=clock.monotonic)
    start = clock.monotonic()
    sent = []
    for _ in range(5):
        throttle.wait("gitlab.com", deadline)
        sent.append(clock.monotonic() - start)
    assert sent == [0, 0, 60, 60, 120]


def test_who_would_wait_too_long_does_not_wait():
    clock = FakeClock()
    throttle = Throttle(1, monotonic=clock.monotonic, sleep=clock.advance)
    deadline = http_client.Deadline(30, monotonic=clock.monotonic)
    throttle.wait("gitlab.com", deadline)
    with pytest.raises(ServiceUnavailableError, match=r"gitlab\.com gets no more than 1 requests a minute"):
        throttle.wait("gitlab.com", deadline)
    clock.advance(60)
    throttle.wait("gitlab.com", http_client.Deadline(1, monotonic=clock.monotonic))


def test_a_configured_limit_holds_requests_back():
    with calling(lambda asked: answer_json(1), retry={"maxApiRequestsPerMinute": 2}) as (api, server):
        for _ in range(2):
            api.json(f"{API}/a")
        api.deadline = http_client.Deadline(5)
        with pytest.raises(ServiceUnavailableError, match="gets no more than 2 requests a minute"):
            api.json(f"{API}/a")
        assert len(server.asked) == 2
