"""Django's error handlers, for what never reaches a view: each gives the same page or envelope as everything else."""

from __future__ import annotations

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from portal.http.errors import error_response, is_api


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return error_response(request, exception or BadRequest())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return error_response(request, exception or PermissionDenied())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404. Programs that ask for a path which no plugin has get no body, as from Backstage."""
    if is_api(request) and getattr(request, "resolver_match", None) is None:
        response = HttpResponse(status=404)
        del response["Content-Type"]
        return response
    return error_response(request, Http404())


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500; the log has what happened."""
    return error_response(request, RuntimeError("unhandled"))
