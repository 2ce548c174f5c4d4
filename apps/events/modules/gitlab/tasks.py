"""What the module does in the background: it sorts events."""

from __future__ import annotations

from apps.events.modules.routing import from_payload, route_sub_topics
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Route ``gitlab`` to ``gitlab.<event>``, by what the payload says has happened."""
    # Pushes and system hooks have the first one, the others the second.
    event = from_payload("event_name", "object_kind")
    route_sub_topics("gitlab", subscription="GitlabEventRouter", sub_topic_of=event)
