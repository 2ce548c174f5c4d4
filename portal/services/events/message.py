"""Events as bytes: checked once, when they are published, and then only passed on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from portal.errors import InputError
from portal.services.events.base import Event
from portal.storable import holds_nul

#: What the bus takes in one request, in bytes.
MAX_REQUEST_BYTES = 5 * 1024 * 1024
#: The largest payload with its metadata: it leaves room for what else is in the request.
MAX_BYTES = MAX_REQUEST_BYTES - 64 * 1024
#: The longest topic or subscription id.
MAX_NAME = 255
#: What orjson would write, though it isn't JSON.
STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


@dataclass(frozen=True)
class Message:
    """An event on its way."""

    #: The plugin that published it.
    plugin_id: str
    topic: str
    payload: bytes
    metadata: bytes = b"{}"
    #: Tells a request that is sent once more from another event.
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @classmethod
    def of(cls, plugin_id: str, topic: str, payload: Any, metadata: Mapping[str, Any] | None) -> Message:
        """Return the message. Raises ``InputError`` for what can't be one."""
        require_name("An event's topic", topic)
        message = cls(
            plugin_id,
            topic,
            _encoded(topic, "payload", payload),
            _encoded(topic, "metadata", dict(metadata or {})),
        )
        size = len(message.payload) + len(message.metadata)
        if size > MAX_BYTES:
            raise InputError(
                f"The event on topic '{topic}' has {size} bytes; {MAX_BYTES} are allowed. Publish where to find the "
                f"content instead of the content."
            )
        return message

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> Message:
        """Return the message that the bus gave. Raises ``KeyError`` if it isn't one."""
        metadata = orjson.dumps(event.get("metadata") or {})
        return cls("events", str(event["topic"]), orjson.dumps(event["payload"]), metadata)

    def event(self) -> Event:
        """Return what a subscriber gets."""
        return Event(self.topic, orjson.loads(self.payload), orjson.loads(self.metadata))


class Parcel(NamedTuple):
    """An event for the bus, and the subscriptions of this process that have it already."""

    message: Message
    notified: tuple[str, ...]

    @property
    def size(self) -> int:
        """Roughly the bytes that it takes in a request."""
        return len(self.message.payload) + len(self.message.metadata) + 1024

    def body(self) -> bytes:
        """Return the body of the request that gives it to the bus."""
        message = self.message
        event: dict[str, Any] = {
            "id": message.id,
            "topic": message.topic,
            "payload": orjson.Fragment(message.payload),
        }
        if message.metadata != b"{}":
            event["metadata"] = orjson.Fragment(message.metadata)
        return orjson.dumps({"event": event, "notifiedSubscribers": self.notified})


def require_name(what: str, value: Any) -> None:
    """Raise ``InputError`` unless ``value`` is a topic or the id of a subscription."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= MAX_NAME:
        raise InputError(f"{what} is {value!r}; it must be a text of 1 to {MAX_NAME} visible characters.")


def _encoded(topic: str, what: str, value: Any) -> bytes:
    try:
        encoded = orjson.dumps(value, option=STRICT)
    except TypeError as error:
        raise InputError(f"The {what} of the event on topic '{topic}' isn't JSON: {error}") from error
    if holds_nul(encoded):
        raise InputError(f"The {what} of the event on topic '{topic}' holds a NUL character (\\u0000); remove it.")
    return encoded
