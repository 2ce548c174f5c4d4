"""What the module does in the background: it sorts events."""

from __future__ import annotations

from apps.events.modules.routing import from_header, route_sub_topics
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Route ``github`` to ``github.<event>``, by the header in which GitHub says what has happened."""
    route_sub_topics("github", subscription="GithubEventRouter", sub_topic_of=from_header("x-github-event"))
