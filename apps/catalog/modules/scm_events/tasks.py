"""What the module does in the background: it hears of what happens in repositories."""

from __future__ import annotations

from apps.catalog.modules.scm_events.conf import handling
from apps.catalog.modules.scm_events.handler import apply_events
from apps.catalog.modules.scm_events.webhooks import TRANSLATORS, events_of
from portal.errors import PortalError
from portal.services import events, logger
from portal.services.events import Event
from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks

log = logger.for_plugin("catalog")


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Follow the events, if that is configured. Raises ``ConfigError``."""
    wanted = handling()
    if not any(wanted):
        return

    def hear(event: Event) -> None:
        try:
            found = events_of(event)
        except PortalError as error:
            log.warning("News of a source host can't be followed", topic=event.topic, reason=error.message)
        else:
            apply_events(found, wanted)

    events.for_plugin("catalog").subscribe("scm-events", TRANSLATORS, hear)
