"""``/.backstage/health/v1/…``: is it alive, and may traffic come?"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from portal.config import current
from portal.http.access import public
from portal.http.json import json_response
from portal.services import health


@public
@require_safe
def liveness(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs; says nothing of what it needs."""
    return _with_headers(json_response(health.liveness()))


@public
@require_safe
def readiness(request: HttpRequest) -> HttpResponse:
    """Answer whether requests can be served: 200, or 503 with the reasons."""
    state = health.readiness()
    return _with_headers(json_response(state.body, status=state.status_code))


def _with_headers(response: HttpResponse) -> HttpResponse:
    headers = current().get("backend.health.headers", {})
    for name, value in headers.items() if isinstance(headers, Mapping) else ():
        response[name] = str(value)
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path(".backstage/health/v1/liveness", liveness),
    path(".backstage/health/v1/readiness", readiness),
]
