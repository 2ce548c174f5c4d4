"""What the module does in the background: it sorts events."""

from __future__ import annotations

from apps.events.modules.routing import from_header, route_sub_topics
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Route ``gitea`` to ``gitea.<event>``, ``push`` for example."""
    event = from_header("x-gitea-event")
    route_sub_topics("gitea", subscription="GiteaEventRouter", sub_topic_of=event)
