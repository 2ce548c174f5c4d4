"""Requests from plugin to plugin: the same answer by every way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest
from django.db import connections
from django.test import override_settings
from django.urls import path as url_path

from portal import http_client
from portal.config import override_config
from portal.errors import InputError, NotFoundError, PortalError, ServiceUnavailableError
from portal.services.transport import HttpTransport, InProcessTransport, Response, TestClientTransport, TransportService
from portal.services.transport.response import Headers
from tests.waiting import PATIENCE

HERE = {"backend": {"baseUrl": "http://testserver"}}


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application that tells what it was asked."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/json"), ("X-Thread", threading.current_thread().name)])
    asked = {
        "method": environ["REQUEST_METHOD"],
        "host": environ.get("HTTP_HOST"),
        "path": environ["PATH_INFO"].encode("latin-1").decode(),
        "query": environ["QUERY_STRING"],
        "type": environ.get("CONTENT_TYPE", ""),
        "token": environ.get("HTTP_AUTHORIZATION", ""),
        "body": body.decode(),
    }
    return [orjson.dumps(asked)]


def network(status: int = 200, body: bytes = b"") -> http_client.MockTransport:
    return http_client.MockTransport(lambda request: http_client.Response(status, content=body))


def echoing_network() -> http_client.BaseTransport:
    """The network, with the same application behind it."""
    return http_client.WSGITransport(lambda environ, start: echo(_latin(environ), start))


def _latin(environ: dict[str, Any]) -> dict[str, Any]:
    return {**environ, "PATH_INFO": environ["PATH_INFO"].encode().decode("latin-1")}


@pytest.mark.parametrize(
    ("transport", "plugin"),
    [
        (InProcessTransport(application=echo), "catalog"),
        (HttpTransport(network=echoing_network()), "catalog"),
        (InProcessTransport(application=echo, remote=HttpTransport(network=echoing_network())), "elsewhere"),
    ],
    ids=["in process", "http", "in process, but the plugin is elsewhere"],
)
def test_every_transport_sends_the_same(transport: TransportService, plugin: str) -> None:
    with override_config(HERE):
        answer = transport.request(
            plugin,
            "post",
            "/entities/by-name/größe",
            params={"filter": ["kind=api", "a=b c"], "limit": 5, "cursor": None},
            headers={"Authorization": "Bearer x"},
            json={"a": 1},
        )

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "method": "POST",
        "host": "testserver",
        "path": f"/api/{plugin}/entities/by-name/größe",
        "query": "filter=kind%3Dapi&filter=a%3Db+c&limit=5",
        "type": "application/json",
        "token": "Bearer x",
        "body": '{"a":1}',
    }


def test_an_inner_request_runs_on_a_thread_of_its_own() -> None:
    transport = InProcessTransport(application=echo)
    with override_config(HERE):
        answer = transport.request("catalog", "GET", "/")

    assert answer.headers["X-Thread"] == "transport:catalog"


def test_requests_may_be_nested_deeper_than_any_pool() -> None:
    def nested(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        depth = int(environ["QUERY_STRING"].partition("=")[2])
        body = transport.request("catalog", "GET", "/", params={"n": depth - 1}).content if depth else b"bottom"
        start_response("200 OK", [])
        return [body]

    transport = InProcessTransport(application=nested)
    with override_config(HERE):
        assert transport.request("catalog", "GET", "/", params={"n": 40}).content == b"bottom"


def test_a_plugin_that_is_elsewhere_is_asked_over_the_network() -> None:
    asked: list[str] = []

    def answer(request: http_client.Request) -> http_client.Response:
        asked.append(str(request.url))
        return http_client.Response(200)

    transport = InProcessTransport(remote=HttpTransport(network=http_client.MockTransport(answer)))
    endpoints = [{"target": "http://radar.svc/{{pluginId}}", "plugins": ["tech-radar"]}]
    with override_config({"discovery": {"endpoints": endpoints}}):
        transport.request("tech-radar", "GET", "/data")

    assert asked == ["http://radar.svc/tech-radar/data"]


def test_a_plugin_that_does_not_answer_in_time_is_given_up() -> None:
    may_answer = threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        may_answer.wait(PATIENCE)
        return echo(environ, start_response)

    transport = InProcessTransport(application=slow)
    with override_config(HERE), pytest.raises(ServiceUnavailableError, match=r"'catalog' didn't answer within 0.01 s"):
        transport.request("catalog", "GET", "/", timeout=0.01)
    may_answer.set()


def test_a_host_that_is_away_is_an_outage() -> None:
    def refuse(request: http_client.Request) -> http_client.Response:
        raise http_client.HTTPError("connection refused")

    transport = HttpTransport(network=http_client.MockTransport(refuse))
    with (
        override_config(HERE),
        pytest.raises(ServiceUnavailableError, match=r"http://testserver/api/catalog/x can't be reached"),
    ):
        transport.request("catalog", "GET", "/x")


def test_a_path_starts_with_a_slash() -> None:
    with pytest.raises(InputError, match="must start with '/'"):
        HttpTransport(network=network()).request("catalog", "GET", "entities")


def test_there_is_one_body() -> None:
    with pytest.raises(InputError, match="either json or content"):
        HttpTransport(network=network()).request("catalog", "POST", "/", json={}, content=b"")


def answered(status: int, body: bytes = b"", name: str = "") -> Response:
    content = body or orjson.dumps({"error": {"name": name, "message": "no such flour"}})
    return Response(status, Headers({}), content)


def test_an_error_is_raised_here_as_it_was_there() -> None:
    with pytest.raises(NotFoundError, match="no such flour"):
        answered(404, name="NotFoundError").raise_for_error()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answered(400, name="SomethingElse"), InputError),
        (answered(500, name="TypeError"), PortalError),
        (answered(404, b"<html>"), NotFoundError),
        (answered(502, b"<html>"), ServiceUnavailableError),
        (answered(504, b"[]"), ServiceUnavailableError),
    ],
)
def test_an_error_of_another_kind_is_told_by_its_status(answer: Response, error: type[PortalError]) -> None:
    with pytest.raises(PortalError) as caught:
        answer.raise_for_error()

    assert type(caught.value) is error


def test_a_success_is_returned() -> None:
    answer = answered(204, b"{}")

    assert answer.raise_for_error() is answer


# Against the real application

seen: list[Any] = []


def view(request: Any) -> Any:
    from django.http import HttpResponse

    from portal.models import ScheduledTask

    seen.append(threading.get_ident())
    return HttpResponse(str(ScheduledTask.objects.using("default").count()))


urlpatterns = [url_path("api/catalog/count", view)]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
def test_the_test_transport_sees_what_the_test_has_not_committed() -> None:
    from portal.models import ScheduledTask

    ScheduledTask.objects.using("default").create(plugin_id="app", task_id="job", settings={})

    answer = TestClientTransport().request("catalog", "GET", "/count")

    assert answer.text == "1"
    assert seen.pop() == threading.get_ident()


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
def test_an_inner_request_leaves_the_callers_transaction_alone() -> None:
    from django.db import transaction

    transport = InProcessTransport()
    with override_config(HERE), transaction.atomic(using="default"):
        answer = transport.request("catalog", "GET", "/count")
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    transport.close()

    assert answer.text == "0"
    assert seen.pop() != threading.get_ident()
