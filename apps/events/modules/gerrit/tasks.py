"""What the module does in the background: it sorts events."""

from __future__ import annotations

from apps.events.modules.routing import from_payload, route_sub_topics
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Route ``gerrit`` to ``gerrit.<event>``, ``change-merged`` for example."""
    event = from_payload("type")
    route_sub_topics("gerrit", subscription="GerritEventRouter", sub_topic_of=event)
