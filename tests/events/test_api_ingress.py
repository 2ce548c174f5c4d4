"""The door for webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import Client, override_settings

from apps.events.api.limits import MAX_REQUEST_BYTES
from apps.events.extension_points import EventsIngress, IngressRequest, RequestRejected
from portal.config import override_config
from portal.errors import ConflictError
from portal.plugins import ExtensionPoint, ModuleConfig, extension_point, fill_extension_points
from portal.services import services
from portal.services.events import Event, ImmediateEvents

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "events"])


@pytest.fixture(autouse=True)
def _open() -> Iterator[None]:
    """Open the topics ``demo`` and ``a/b``."""
    with override_config({"events": {"http": {"topics": ["demo", "a/b"]}}}):
        yield


@pytest.fixture
def published() -> list[Event]:
    """What is published."""
    services["events"] = service = ImmediateEvents()
    return service.published


def send(body: Any = b"{}", *, topic: str = "demo", content_type: str = "application/json", **headers: str) -> Any:
    """Send a webhook, as somebody without a token."""
    return Client().generic("POST", f"/api/events/http/{topic}", body, CONTENT_TYPE=content_type, headers=headers)


def test_what_is_sent_is_published_with_its_headers(published: list[Event]) -> None:
    response = send(b'{"hello": "world"}', **{"X-GitHub-Event": "push", "User-Agent": "GitHub-Hookshot"})

    assert (response.status_code, response.json()) == (202, {"status": "accepted"})
    (event,) = published
    assert (event.topic, event.payload) == ("demo", {"hello": "world"})
    assert event.metadata["x-github-event"] == "push"
    assert event.metadata["user-agent"] == "GitHub-Hookshot"


def test_headers_that_prove_who_sends_are_kept_from_subscribers(published: list[Event]) -> None:
    send(**{"Authorization": "Basic c2VjcmV0", "Cookie": "a=b", "X-Gitlab-Token": "secret"})
    assert not {"authorization", "cookie", "x-gitlab-token"} & published[0].metadata.keys()


def test_a_topic_may_have_slashes(published: list[Event]) -> None:
    assert send(topic="a/b").status_code == 202
    assert [event.topic for event in published] == ["a/b"]


@pytest.mark.parametrize("topic", ["nosuch", "Demo", "demo/more"])
def test_a_topic_that_isnt_open_isnt_there(published: list[Event], topic: str) -> None:
    response = send(topic=topic)
    assert (response.status_code, response.content) == (404, b"")
    assert "Content-Type" not in response
    assert published == []


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "application/json; charset=klingon",
        "application/json; charset=base64",
    ],
)
def test_a_type_that_nobody_reads_is_refused(published: list[Event], content_type: str) -> None:
    response = send(content_type=content_type)
    assert response.status_code == 415
    assert published == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"name": "Zoë"}'.encode(), "application/json"),
        ('{"name": "Zoë"}'.encode("latin-1"), "application/json; charset=ISO-8859-1"),
        ('{"name": "Zoë"}'.encode("utf-16"), 'Application/JSON; charset="utf-16"'),
    ],
)
def test_a_charset_is_heeded(published: list[Event], body: bytes, content_type: str) -> None:
    assert send(body, content_type=content_type).status_code == 202
    assert published[0].payload == {"name": "Zoë"}


@pytest.mark.parametrize("body", [b"", b"{", b'"\xff"', b'"\\u0000"'])
def test_a_body_that_cant_be_read_is_the_senders_mistake(published: list[Event], body: bytes) -> None:
    response = send(body)
    assert (response.status_code, response.json()["error"]["name"]) == (400, "InputError")
    assert published == []


def test_a_body_of_more_than_5_mebibytes_is_refused(published: list[Event]) -> None:
    assert send(b" " * MAX_REQUEST_BYTES + b"1").status_code == 413
    assert send(b" " * (MAX_REQUEST_BYTES - 1) + b"1").status_code == 202


def test_only_post_is_taken() -> None:
    assert Client().get("/api/events/http/demo").status_code == 405


class BusyEvents(ImmediateEvents):
    """The bus is busy."""

    def flush(self, timeout: float) -> bool:
        return False


def test_an_event_that_the_bus_cant_take_isnt_accepted() -> None:
    services["events"] = BusyEvents()
    response = send()
    assert response.status_code == 503
    assert "send it again" in response.json()["error"]["message"]


# Modules


def reject_the_unworthy(request: IngressRequest) -> None:
    """Let in who says please."""
    if request.headers.get("x-please") != "yes":
        raise RequestRejected(418, {"message": "say please"})
    assert request.raw == b'{"n": 1}'
    assert request.body == {"n": 1}


class DoorModule(ModuleConfig):
    """Opens a door of its own, and reads text."""

    name = "tests.events"
    label = "events_door"
    plugin_id = "events"
    module_id = "door"
    default = False

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add to the plugin."""
        points[EventsIngress].add_http_post_ingress("door", reject_the_unworthy)
        points[EventsIngress].add_http_post_ingress("demo")
        points[EventsIngress].add_http_post_body_parser("Text/Plain", lambda raw, charset: raw.decode(charset))


@pytest.fixture
def door() -> Iterator[None]:
    """Install the module."""
    from django.conf import settings

    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, f"{__name__}.DoorModule"]):
        yield


@pytest.mark.usefixtures("door")
def test_a_modules_validator_decides(published: list[Event]) -> None:
    refused = send(b'{"n": 1}', topic="door")
    taken = send(b'{"n": 1}', topic="door", **{"X-Please": "yes"})

    assert (refused.status_code, refused.json()) == (418, {"message": "say please"})
    assert taken.status_code == 202
    assert [(event.topic, event.payload) for event in published] == [("door", {"n": 1})]


@pytest.mark.usefixtures("door")
def test_a_modules_parser_reads_its_type(published: list[Event]) -> None:
    assert send("Grüße".encode("latin-1"), content_type="text/plain; charset=latin-1").status_code == 202
    assert published[0].payload == "Grüße"


@pytest.mark.usefixtures("door")
def test_a_module_may_open_what_the_configuration_opens_too(published: list[Event]) -> None:
    assert send().status_code == 202


def test_two_modules_cant_take_in_the_same_topic() -> None:
    point = EventsIngress()
    point.add_http_post_ingress("door")
    with pytest.raises(ConflictError, match="'door'"):
        point.add_http_post_ingress("door")


def test_nothing_is_added_after_the_start() -> None:
    fill_extension_points("events")
    with pytest.raises(Exception, match="is closed"):
        extension_point(EventsIngress).add_http_post_ingress("late")
