"""The facts of the module."""

from __future__ import annotations

from portal.plugins import ModuleConfig


class GerritEventsModule(ModuleConfig):
    """Sorts the webhooks of Gerrit, which aren't signed: ``events.http.topics`` has to open the topic."""

    name = "apps.events.modules.gerrit"
    label = "events_gerrit"
    plugin_id = "events"
    module_id = "gerrit"
