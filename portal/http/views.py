"""The base of API views."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from portal.credentials import Credentials
from portal.errors import InputError
from portal.services.http_auth.base import AuthPolicy


class ApiView(APIView):
    """A view under ``/api/<plugin-id>/``.

    ``auth_policy`` says who may call it; the middleware has admitted the caller before the view runs. Errors of
    ``portal.errors`` become Backstage's envelope. ``post`` and the like find the parsed body in ``request.data``.
    """

    auth_policy: ClassVar[AuthPolicy] = "user-or-service"

    def credentials(self, request: Request) -> Credentials:
        """Return who is asking."""
        credentials: Credentials = request._request.credentials  # type: ignore[attr-defined]
        return credentials

    def json_object(self, request: Request) -> dict[str, Any]:
        """Return the body, which must be a JSON object. Raises ``InputError``."""
        if not isinstance(request.data, dict):
            raise InputError("The request body must be a JSON object, sent with the content type application/json.")
        return request.data
