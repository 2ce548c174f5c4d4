"""The one place where errors become answers: a JSON envelope for the API, a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from portal.errors import PortalError, ServiceUnavailableError
from portal.http.json import json_response
from portal.services import logger
from portal.services.http_auth.requests import API_PREFIX
from portal.services.logger import failure_fields

NAMES = {
    400: "InputError",
    401: "AuthenticationError",
    403: "NotAllowedError",
    404: "NotFoundError",
    405: "InputError",
    406: "InputError",
    409: "ConflictError",
    413: "PayloadTooLargeError",
    415: "InputError",
    503: "ServiceUnavailableError",
}


def is_api(request: HttpRequest) -> bool:
    """Say whether a program is being answered, rather than a person."""
    return request.path.startswith((API_PREFIX, "/.backstage/"))


def request_url(request: HttpRequest) -> str:
    """Return path and query as the plugin sees them: below its mount point, as in Backstage's envelopes and links."""
    full = request.get_full_path()
    if full.startswith(API_PREFIX):
        _, slash, rest = full.removeprefix(API_PREFIX).partition("/")
        return slash + rest if slash else "/"
    return full


def translate(error: Exception) -> tuple[int, str, str]:
    """Return status, name and message for any exception. What isn't meant for clients is called an internal error."""
    if isinstance(error, PortalError):
        return error.status_code, error.name, error.message
    if isinstance(error, APIException):
        return error.status_code, NAMES.get(error.status_code, "Error"), str(error.detail)
    if isinstance(error, Http404):
        return 404, "NotFoundError", str(error) or "There is nothing at this address."
    if isinstance(error, PermissionDenied):
        return 403, "NotAllowedError", str(error) or "This isn't allowed."
    if isinstance(error, RequestDataTooBig):
        return 413, NAMES[413], "The request body is larger than this portal takes."
    if isinstance(error, BadRequest | SuspiciousOperation):
        return 400, "InputError", str(error) or "The request can't be understood."
    if isinstance(error, DatabaseError):
        message = (
            "A database can't be used right now. Run `manage.py doctor` on the server: it says which, and what to do."
        )
        return 503, ServiceUnavailableError.name, message
    return 500, "InternalServerError", "Something went wrong in the portal; its log has the details."


def envelope(request: HttpRequest, status: int, name: str, message: str) -> dict[str, Any]:
    """Return Backstage's error body."""
    return {
        "error": {"name": name, "message": message},
        "request": {"method": request.method, "url": request_url(request)},
        "response": {"statusCode": status},
    }


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of an API view; DRF's ``EXCEPTION_HANDLER``."""
    request = context["request"]._request
    status, name, message = translate(error)
    _log(request, error, status)
    if status == HTTPStatus.NOT_MODIFIED:
        return Response(status=status)
    response = Response(envelope(request, status, name, message), status=status)
    _finish(response, error)
    return response


def error_response(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer an exception anywhere else: in middleware, in a page, in a view that isn't DRF's."""
    status, name, message = translate(error)
    _log(request, error, status)
    if status == HTTPStatus.NOT_MODIFIED:
        return HttpResponse(status=status)
    if is_api(request):
        response = json_response(envelope(request, status, name, message), status=status)
    else:
        response = error_page(request, status, message)
    _finish(response, error)
    return response


def error_page(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """Return the page that tells a person what went wrong and where to go from there."""
    title = HTTPStatus(status).phrase
    return render(request, "errors/error.html", {"status": status, "title": title, "message": message}, status=status)


def _finish(response: HttpResponse | Response, error: Exception) -> None:
    # Django's handler would log it once more.
    response._has_been_logged = True  # type: ignore[union-attr]
    wait = getattr(error, "wait", None)
    if wait:
        response["Retry-After"] = str(int(wait))
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge


def _log(request: HttpRequest, error: Exception, status: int) -> None:
    """Log what is the server's fault; a client's mistake is the client's to know."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("Request failed", method=request.method, path=request.path, status=status, **failure_fields(error))
