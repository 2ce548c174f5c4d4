"""From a sender's topic to topics of what has happened: ``github`` to ``github.push``."""

from __future__ import annotations

import re
from collections.abc import Callable

from portal.services import events
from portal.services.events import Event

#: What a sub-topic looks like, ``push``, ``repo:push`` or ``git.push``; anything else came from somebody who makes up
#: names.
SUB_TOPIC = re.compile(r"(?=.{1,100}\Z)[\w-]+(?:[.:][\w-]+)*", re.ASCII)

#: Returns the sub-topic of an event, or anything that is none where the event isn't to be routed.
SubTopicOf = Callable[[Event], object]


def from_header(name: str) -> SubTopicOf:
    """Take the sub-topic from a header of the request that the event came with."""
    return lambda event: event.metadata.get(name)


def from_payload(*names: str) -> SubTopicOf:
    """Take the sub-topic from the first of these members that the payload has."""

    def sub_topic_of(event: Event) -> object:
        payload = event.payload if isinstance(event.payload, dict) else {}
        return next((payload[name] for name in names if payload.get(name)), None)

    return sub_topic_of


def route_sub_topics(topic: str, *, subscription: str, sub_topic_of: SubTopicOf) -> None:
    """Publish each event on ``topic`` once more, on ``<topic>.<sub-topic>``."""
    own = events.for_plugin("events")

    def route(event: Event) -> None:
        sub_topic = sub_topic_of(event)
        if isinstance(sub_topic, str) and SUB_TOPIC.fullmatch(sub_topic):
            own.publish(f"{topic}.{sub_topic}", event.payload, event.metadata)

    own.subscribe(id=subscription, topics=[topic], on_event=route)
