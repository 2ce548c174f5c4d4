"""DRF's view of credentials: the middleware has read them already."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from portal.credentials import Credentials, credentials_of


class PortalAuthentication(BaseAuthentication):
    """Puts the credentials in ``request.auth``. A browser's session needs a CSRF token to change anything."""

    def authenticate(self, request: Request) -> tuple[None, Credentials]:
        """Return no user and the credentials."""
        django_request: HttpRequest = request._request
        credentials = credentials_of(django_request)
        if credentials.is_user and not credentials.token:
            self._require_csrf_token(django_request)
        return None, credentials

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing token is 401 and not 403."""
        return "Bearer"

    def _require_csrf_token(self, request: HttpRequest) -> None:
        def unused(_request: Any) -> Any:
            return None

        check = CSRFCheck(unused)
        check.process_request(request)
        reason = check.process_view(request, unused, (), {})
        if reason:
            raise PermissionDenied(f"The CSRF token doesn't fit ({reason}); reload the page, or send a bearer token.")
