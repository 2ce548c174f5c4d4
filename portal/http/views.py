"""The base of API views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from portal.credentials import Credentials, credentials_of
from portal.errors import InputError
from portal.services import auditor
from portal.services.auditor import AuditEvent, Severity
from portal.services.http_auth.base import AuthPolicy
from portal.services.http_auth.requests import plugin_of_path


@dataclass(frozen=True)
class Audit:
    """What a method of a view is to the auditor."""

    event: str
    severity: Severity = "low"
    meta: Mapping[str, Any] = field(default_factory=dict)


class ApiView(APIView):
    """A view under ``/api/<plugin-id>/``.

    ``auth_policy`` says who may call it; the middleware has admitted the caller before the view runs. Errors of
    ``portal.errors`` become Backstage's envelope. ``post`` and the like find the parsed body in ``request.data``.
    """

    auth_policy: ClassVar[AuthPolicy] = "user-or-service"
    #: What the auditor is told, by method: the event, its severity, and what else is known of it before it runs.
    audits: ClassVar[Mapping[str, Audit]] = {}

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer, and keep nothing of the answer.

        The view and its request hold each other until the next full garbage collection. An answer that a client doesn't
        wait for has to go at once: it may be reading from a database.
        """
        response = super().dispatch(request, *args, **kwargs)
        del self.response
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Tell the auditor that it begins."""
        audit = self.audits.get((request.method or "").lower())
        self._audit_event: AuditEvent | None = None
        if audit is not None:
            self._audit_event = auditor.for_plugin(_plugin_of(request)).create_event(
                audit.event, severity=audit.severity, request=request._request, meta={**audit.meta, **kwargs}
            )
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Tell the auditor how it ended."""
        event = getattr(self, "_audit_event", None)
        if event is not None and response.status_code < HTTPStatus.BAD_REQUEST:
            event.success()
        elif event is not None:
            event.fail(f"{response.status_code} {response.reason_phrase}")
        return super().finalize_response(request, response, *args, **kwargs)

    def credentials(self, request: Request) -> Credentials:
        """Return who is asking."""
        return credentials_of(request._request)

    def json_object(self, request: Request) -> dict[str, Any]:
        """Return the body, which must be a JSON object. Raises ``InputError``."""
        if not isinstance(request.data, dict):
            raise InputError("The request body must be a JSON object, sent with the content type application/json.")
        return request.data


def _plugin_of(request: Request) -> str:
    return plugin_of_path(request.path) or "app"
