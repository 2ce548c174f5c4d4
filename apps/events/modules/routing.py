"""From a sender's topic to topics of what has happened: ``github`` to ``github.push``."""

from __future__ import annotations

import re
from collections.abc import Callable

from portal.services import events
from portal.services.events import Event

#: What a sub-topic looks like; anything else came from somebody who makes up names.
SUB_TOPIC = re.compile(r"[\w-]{1,100}", re.ASCII)


def route_sub_topics(topic: str, *, subscription: str, sub_topic_of: Callable[[Event], object]) -> None:
    """Publish each event on ``topic`` once more, on ``<topic>.<sub-topic>``.

    ``sub_topic_of`` returns the sub-topic, or anything that is none where the event isn't to be routed.
    """
    own = events.for_plugin("events")

    def route(event: Event) -> None:
        sub_topic = sub_topic_of(event)
        if isinstance(sub_topic, str) and SUB_TOPIC.fullmatch(sub_topic):
            own.publish(f"{topic}.{sub_topic}", event.payload, event.metadata)

    own.subscribe(id=subscription, topics=[topic], on_event=route)
