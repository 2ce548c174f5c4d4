"""What the module does in the background: it hears of what happens in repositories."""

from __future__ import annotations

from apps.catalog.modules.scm_events.conf import handling
from apps.catalog.modules.scm_events.handler import apply_events
from apps.catalog.modules.scm_events.webhooks import TRANSLATORS, events_of
from portal.services import events
from portal.services.events import Event
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Follow the events, if that is configured. Raises ``ConfigError``."""
    wanted = handling()
    if not any(wanted):
        return

    def hear(event: Event) -> None:
        apply_events(events_of(event), wanted)

    events.for_plugin("catalog").subscribe("scm-events", TRANSLATORS, hear)
