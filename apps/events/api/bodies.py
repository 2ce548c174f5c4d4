"""Request bodies of the bus, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from apps.events.operations import Publication
from portal.errors import InputError

#: The longest topic, or id of a subscription or event.
MAX_NAME = 255


def publication(body: Mapping[str, Any], where: str = "") -> Publication:
    """Return the event in ``{event: {topic, payload, metadata?, id?}, notifiedSubscribers?}``.

    ``where`` is the place of the object in the body, with a dot at its end. Raises ``InputError``.
    """
    event = body.get("event")
    if not isinstance(event, Mapping):
        raise InputError(f"The request body must have '{where}event', an object of 'topic' and 'payload'.")
    if "payload" not in event:
        raise InputError(f"'{where}event' in the request body must have 'payload', any JSON value.")
    metadata = event.get("metadata", {})
    if not isinstance(metadata, Mapping):
        raise InputError(f"'{where}event.metadata' in the request body must be an object.")
    return Publication(
        topic=name(event.get("topic"), f"{where}event.topic"),
        payload=_text(event["payload"], f"{where}event.payload"),
        metadata=_text(metadata, f"{where}event.metadata"),
        notified=names(body.get("notifiedSubscribers", []), f"{where}notifiedSubscribers"),
        event_id=None if event.get("id") is None else name(event["id"], f"{where}event.id"),
    )


def publications(body: Mapping[str, Any]) -> list[Publication]:
    """Return the events in ``{events: [...]}``. Raises ``InputError``."""
    items = body.get("events")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise InputError("The request body must have 'events', a list of objects of 'event' and 'notifiedSubscribers'.")
    return [publication(item, f"events[{index}].") for index, item in enumerate(items)]


def name(value: Any, where: str) -> str:
    """Return a topic or an id. Raises ``InputError``."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
        raise InputError(f"'{where}' in the request must be a text of 1 to {MAX_NAME} characters.")
    return value


def names(value: Any, where: str) -> list[str]:
    """Return a list of topics or ids. Raises ``InputError``."""
    if not isinstance(value, list):
        raise InputError(f"'{where}' in the request body must be a list of texts.")
    return [name(item, f"{where}[{index}]") for index, item in enumerate(value)]


def _text(value: Any, where: str) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        # What can be read can't always be written: it may be nested too deeply.
        raise InputError(f"'{where}' in the request body can't be kept: {error}") from error
