"""The door for webhooks: what is sent here becomes an event."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from apps.events.api.limits import require_small
from apps.events.conf import conf
from apps.events.extension_points import EventsIngress, IngressRequest, RequestRejected, Validator
from portal.errors import ServiceUnavailableError
from portal.http.views import ApiView
from portal.plugins import extension_point
from portal.services import events
from portal.services.http_auth.base import AuthPolicy

#: Headers that prove who sent a request: they are for the validator, and for nobody who gets the event.
SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "x-gitlab-token"}
#: Seconds within which other processes must be able to get at the event.
PATIENCE = 10.0


class IngressView(ApiView):
    """``POST /http/<topic>``: publish the body, with the headers as metadata.

    The topics are those in ``events.http.topics``, and those that modules open. Whoever may send is for the module's
    validator to say.
    """

    auth_policy: ClassVar[AuthPolicy] = "unauthenticated"

    def post(self, request: Request, topic: str) -> Response | HttpResponse:
        """Answer 202 when the event can't get lost in this process any more."""
        point = extension_point(EventsIngress)
        if topic not in point.validators and topic not in conf.http_topics:
            response = HttpResponse(status=404)
            del response["Content-Type"]
            return response
        require_small(request)
        received = _read(request, point)
        validator: Validator | None = point.validators.get(topic)
        if validator is not None:
            try:
                validator(received)
            except RequestRejected as rejection:
                return Response(rejection.payload, status=rejection.status)
        metadata = {name: value for name, value in received.headers.items() if name not in SECRET_HEADERS}
        events.for_plugin("events").publish(topic, received.body, metadata)
        if not events.flush(PATIENCE):
            raise ServiceUnavailableError("The event bus can't take the event in right now; send it again later.")
        return Response({"status": "accepted"}, status=202)


def _read(request: Request, point: EventsIngress) -> IngressRequest:
    """Return the request, its body parsed. Raises ``UnsupportedMediaType`` or ``InputError``."""
    content_type, parameters = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    parser = point.body_parsers.get(content_type.lower())
    if parser is None:
        raise UnsupportedMediaType(content_type or "none")
    charset = parameters.get("charset", "utf-8")
    if not _is_text_encoding(charset):
        raise UnsupportedMediaType(f"{content_type}; charset={charset}")
    raw = request._request.body
    headers: dict[str, Any] = {name.lower(): value for name, value in request._request.headers.items()}
    return IngressRequest(parser(raw, charset), headers, raw)


def _is_text_encoding(name: str) -> bool:
    try:
        b" ".decode(name, errors="replace")
    except LookupError:
        return False
    return True
