"""What every request passes: origins, errors, and the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from portal.config import current
from portal.credentials import NOBODY, Credentials
from portal.errors import AuthenticationError, InputError, PortalError
from portal.http.access import policy_of
from portal.http.errors import error_page, error_response, is_api
from portal.services import auth, http_auth
from portal.services.http_auth.requests import SIGNED_OUT_KEY, plugin_of_path

GetResponse = Callable[[HttpRequest], HttpResponse]
SIGN_IN_PATH = "/sign-in"


class CorsMiddleware:
    """Lets the origins of ``backend.cors`` read the API, and answers their preflight requests."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cors = current().get("backend.cors")
        if not isinstance(cors, Mapping) or not is_api(request):
            return self.get_response(request)
        origin = request.headers.get("Origin", "")
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = _no_content() if preflight else self.get_response(request)
        patch_vary_headers(response, ["Origin"])
        if origin and _origin_allowed(origin, cors.get("origin", [])):
            response["Access-Control-Allow-Origin"] = origin
            if cors.get("credentials"):
                response["Access-Control-Allow-Credentials"] = "true"
            exposed = _joined(cors.get("exposedHeaders"))
            if exposed:
                response["Access-Control-Expose-Headers"] = exposed
        if preflight:
            patch_vary_headers(response, ["Access-Control-Request-Headers"])
            response["Access-Control-Allow-Methods"] = _joined(cors.get("methods")) or "GET,HEAD,PUT,PATCH,POST,DELETE"
            asked = request.headers.get("Access-Control-Request-Headers", "")
            allowed = _joined(cors.get("allowedHeaders")) or asked
            if allowed:
                response["Access-Control-Allow-Headers"] = allowed
            if cors.get("maxAge") is not None:
                response["Access-Control-Max-Age"] = str(cors["maxAge"])
        return response


def _no_content() -> HttpResponse:
    response = HttpResponse(status=204)
    del response["Content-Type"]
    return response


def _origin_allowed(origin: str, allowed: Any) -> bool:
    if isinstance(allowed, bool):
        return allowed
    entries = [allowed] if isinstance(allowed, str) else list(allowed or [])
    return "*" in entries or origin in entries


def _joined(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value or "")


class PolicyMiddleware(CSPMiddleware):
    """Sends the Content-Security-Policy, written once for all answers that want nothing of their own.

    django-csp writes it anew for each answer, which takes longer than finding out who asks.
    """

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        ordinary = settings.CONTENT_SECURITY_POLICY.keys() == {"DIRECTIVES"}
        reports = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
        self._policy = build_policy() if ordinary and not reports and not settings.DEBUG else ""
        self._spent_nonce = CheckableLazyObject(self._csp_nonce_post_response)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header. A nonce, and what decorators of django-csp left on the answer, are django-csp's to read."""
        special = hasattr(request, "_csp_nonce") or any(name.startswith("_csp") for name in vars(response))
        if special or not self._policy:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy)
        request.csp_nonce = self._spent_nonce  # type: ignore[attr-defined]
        return response


class PageMessagesMiddleware(MessageMiddleware):
    """Has messages ready where pages may show some. The API has none, and getting ready takes cookies and signers."""

    def process_request(self, request: HttpRequest) -> None:
        """Get ready, unless a program asks."""
        if not is_api(request):
            super().process_request(request)


class ErrorMiddleware:
    """Turns every exception into an answer. Nothing below may let a bare 500 through."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return error_response(request, InputError("The address holds a NUL character; remove it."))
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not is_api(request) and not response.content:
            return _method_not_allowed(request, response["Allow"])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Answer what a view raised."""
        return error_response(request, error)


def _method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    message = f"This address isn't a page to look at: it takes {allowed} only. Go back, and try again from there."
    response = error_page(request, HTTPStatus.METHOD_NOT_ALLOWED, message)
    response["Allow"] = allowed
    return response


class CredentialsMiddleware:
    """Finds out who asks, and holds the door of every view that isn't marked as open.

    ``request.credentials`` is there from here on, nobody's included.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.credentials = http_auth.credentials(request)  # type: ignore[attr-defined]
        except PortalError as error:
            request.credentials = NOBODY  # type: ignore[attr-defined]
            return error_response(request, error)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Let the request through to the view, send a person to sign in, or refuse."""
        policy = policy_of(view)
        credentials: Credentials = request.credentials  # type: ignore[attr-defined]
        try:
            http_auth.admit(credentials, policy, plugin_id=plugin_of_path(request.path))
        except AuthenticationError as error:
            if is_api(request):
                return error_response(request, error)
            guest = auth.guest()
            if guest is not None and not request.session.get(SIGNED_OUT_KEY) and request.method in {"GET", "HEAD"}:
                http_auth.sign_in(request, guest)
                request.credentials = http_auth.credentials(request)  # type: ignore[attr-defined]
                return None
            return HttpResponseRedirect(f"{SIGN_IN_PATH}?{urlencode({'next': _page_of(request)})}")
        except PortalError as error:
            return error_response(request, error)
        return None


def _page_of(request: HttpRequest) -> str:
    """Return the page that somebody is on: the one that is asked for, or that a form was sent from."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(came_from)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))
