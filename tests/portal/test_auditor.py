"""Who did what, and whether it worked."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from portal.config import override_config
from portal.credentials import Credentials, UserPrincipal
from portal.errors import ConflictError
from portal.http.views import ApiView, Audit
from portal.services import auditor, services
from portal.testing import FakeLogger


class ThingView(ApiView):
    """Lets itself be looked at, and changed unless it is taken."""

    audits = {"get": Audit("thing-fetch"), "post": Audit("thing-mutate", "medium", {"actionType": "create"})}

    def get(self, request: Request, name: str) -> Response:
        return Response({})

    def post(self, request: Request, name: str) -> Response:
        if name == "taken":
            raise ConflictError("It is taken.")
        return Response({}, status=201)

    def delete(self, request: Request, name: str) -> Response:
        return Response(status=204)


urlpatterns = [path("api/things/<str:name>", ThingView.as_view())]


@pytest.fixture
def log() -> FakeLogger:
    """The lines that are logged."""
    fake = services["logger"] = FakeLogger()
    return fake


def lines(log: FakeLogger) -> list[tuple[str, str, str, Any]]:
    """Return level, event, status and meta of each audit line."""
    return [(line.level, line.event, line.fields["status"], line.fields["meta"]) for line in log.lines]


def test_an_event_is_two_lines_with_who_and_where(log: FakeLogger) -> None:
    request = RequestFactory().post("/api/things/x", headers={"User-Agent": "curl"})
    request.credentials = Credentials(  # type: ignore[attr-defined]
        UserPrincipal("user:default/jane", (), actor="plugin:search")
    )
    event = auditor.for_plugin("things").create_event("thing-mutate", severity="medium", request=request, meta={"a": 1})
    event.success({"b": 2})
    assert lines(log) == [
        ("info", "things.thing-mutate", "initiated", {"a": 1}),
        ("info", "things.thing-mutate", "succeeded", {"a": 1, "b": 2}),
    ]
    fields = log.lines[0].fields
    assert fields["isAuditEvent"] is True
    assert fields["actor"] == {
        "actorId": "user:default/jane",
        "ip": "127.0.0.1",
        "hostname": "testserver",
        "userAgent": "curl",
        "actingFor": "plugin:search",
    }
    assert fields["request"] == {"method": "POST", "url": "/api/things/x"}


def test_a_failure_says_why_and_work_of_its_own_is_the_plugins(log: FakeLogger) -> None:
    auditor.for_plugin("things").create_event("sweep").fail(RuntimeError("no broom"))
    assert [line.fields["status"] for line in log.lines] == ["initiated", "failed"]
    assert log.lines[1].fields["error"] == "no broom"
    assert log.lines[0].fields["actor"] == {"actorId": "plugin:things"}


def test_severities_choose_the_level(log: FakeLogger) -> None:
    with override_config({"backend": {"auditor": {"severityLogLevelMappings": {"low": "warn"}}}}):
        services["logger"] = log
        auditor.for_plugin("things").create_event("a")
        auditor.for_plugin("things").create_event("b", severity="critical")
    assert [line.level for line in log.lines] == ["warning", "info"]


def test_what_the_log_leaves_out_is_not_made_ready(caplog: pytest.LogCaptureFixture) -> None:
    # Whoever asked for its host would get an error.
    request = RequestFactory().get("/api/things/x", headers={"Host": "an impossible host"})
    with caplog.at_level("INFO", logger="portal.things"):
        auditor.for_plugin("things").create_event("thing-fetch", request=request).success()
        auditor.for_plugin("things").create_event("thing-fetch").fail("no thing")
    assert caplog.records == []
    with caplog.at_level("DEBUG", logger="portal.things"):
        auditor.for_plugin("things").create_event("thing-fetch").success()
    assert len(caplog.records) == 2


@pytest.mark.parametrize("mappings", [{"low": "loud"}, {"tiny": "info"}, []])
def test_a_level_that_doesnt_exist_is_found_by_check(mappings: Any) -> None:
    with override_config({"backend": {"auditor": {"severityLogLevelMappings": mappings}}}):
        (problem,) = auditor.check()
    assert problem.id == "portal.E331"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_view_declares_what_is_audited(service_client: Client, log: FakeLogger) -> None:
    service_client.get("/api/things/one")
    service_client.post("/api/things/two")
    service_client.post("/api/things/taken")
    service_client.delete("/api/things/one")
    assert lines(log) == [
        ("debug", "things.thing-fetch", "initiated", {"name": "one"}),
        ("debug", "things.thing-fetch", "succeeded", {"name": "one"}),
        ("info", "things.thing-mutate", "initiated", {"actionType": "create", "name": "two"}),
        ("info", "things.thing-mutate", "succeeded", {"actionType": "create", "name": "two"}),
        ("info", "things.thing-mutate", "initiated", {"actionType": "create", "name": "taken"}),
        ("info", "things.thing-mutate", "failed", {"actionType": "create", "name": "taken"}),
    ]
    assert log.lines[-1].fields["error"] == "409 Conflict"
