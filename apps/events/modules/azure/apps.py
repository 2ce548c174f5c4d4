"""The facts of the module."""

from __future__ import annotations

from portal.plugins import ModuleConfig


class AzureDevOpsEventsModule(ModuleConfig):
    """Sorts the service hooks of Azure DevOps, which aren't signed: ``events.http.topics`` has to open the topic."""

    name = "apps.events.modules.azure"
    label = "events_azure"
    plugin_id = "events"
    module_id = "azure"
