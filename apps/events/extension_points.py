"""What modules of the events plugin may add: webhooks of their own, and content types.

::

    def extend(self, points):
        points[EventsIngress].add_http_post_ingress("github", validator=check_signature)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from portal.errors import ConflictError, InputError
from portal.plugins import ExtensionPoint


@dataclass(frozen=True)
class IngressRequest:
    """A webhook's request."""

    #: The body, as the parser of its content type read it.
    body: Any
    #: By name in lower case.
    headers: Mapping[str, str]
    #: The body as it was sent: what a signature is for.
    raw: bytes


class RequestRejected(Exception):
    """A validator refuses a request: it is answered with this status and, as JSON, this payload."""

    def __init__(self, status: int, payload: Any) -> None:
        super().__init__(f"rejected with {status}")
        self.status = status
        self.payload = payload


#: Raises ``RequestRejected`` for a request that isn't to become an event.
Validator = Callable[[IngressRequest], None]
#: Makes a value of a body and the charset that it was sent with; raises ``InputError`` for one that can't be read.
BodyParser = Callable[[bytes, str], Any]


def parse_json(raw: bytes, charset: str) -> Any:
    """Read a JSON body. Raises ``InputError``."""
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError as error:
        raise InputError(f"The request body isn't {charset} text: {error}") from error
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The request body is not valid JSON: {error}") from error


class EventsIngress(ExtensionPoint):
    """How events come in by HTTP (Backstage's extension point ``events``)."""

    id = "events"
    plugin_id = "events"

    def __init__(self) -> None:
        super().__init__()
        self.validators: dict[str, Validator | None] = {}
        self.body_parsers: dict[str, BodyParser] = {"application/json": parse_json}

    def add_http_post_ingress(self, topic: str, validator: Validator | None = None) -> None:
        """Open ``POST /api/events/http/<topic>``, to requests that the validator lets through."""
        self.require_open()
        if topic in self.validators:
            raise ConflictError(f"Two modules take in webhooks for the topic '{topic}'; uninstall one of them.")
        self.validators[topic] = validator

    def add_http_post_body_parser(self, content_type: str, parser: BodyParser) -> None:
        """Accept bodies of another content type, such as ``application/x-www-form-urlencoded``, or read one anew."""
        self.require_open()
        self.body_parsers[content_type.lower()] = parser
