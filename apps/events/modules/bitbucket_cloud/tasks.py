"""What the module does in the background: it sorts events."""

from __future__ import annotations

from apps.events.modules.routing import from_header, route_sub_topics
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Route ``bitbucketCloud`` to ``bitbucketCloud.<event>``, ``repo:push`` for example."""
    event = from_header("x-event-key")
    route_sub_topics("bitbucketCloud", subscription="BitbucketCloudEventRouter", sub_topic_of=event)
