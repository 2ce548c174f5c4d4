"""Contract of the plugin metadata service (Backstage's ``core.pluginMetadata``)."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

from portal.services.base import Service


class PluginMetadata(NamedTuple):
    """What a plugin says about itself."""

    #: As in URLs and configuration: ``tech-radar``.
    id: str
    #: As people read it: ``Tech radar``.
    title: str


class PluginMetadataService(Service):
    """Tells code that serves several plugins which one it works for."""

    service_name = "plugin_metadata"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginMetadata:
        """Return the plugin's metadata. Raises ``NotFoundError`` if it isn't installed in this process."""
