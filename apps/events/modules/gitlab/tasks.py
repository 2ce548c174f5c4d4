"""What the module does in the background: it sorts events."""

from __future__ import annotations

from apps.events.modules.routing import route_sub_topics
from portal.services.events import Event
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Route ``gitlab`` to ``gitlab.<event>``, by what the payload says has happened."""
    route_sub_topics("gitlab", subscription="GitlabEventRouter", sub_topic_of=_sub_topic)


def _sub_topic(event: Event) -> object:
    """Return ``event_name``, which pushes and system hooks have, or ``object_kind``, which the others have."""
    if not isinstance(event.payload, dict):
        return None
    return event.payload.get("event_name") or event.payload.get("object_kind")
