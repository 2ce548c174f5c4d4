"""Contract of the discovery service (Backstage's ``core.discovery``)."""

from __future__ import annotations

from abc import abstractmethod

from portal.services.base import Service


class DiscoveryService(Service):
    """Knows the address of every plugin's API, whether the plugin is in this process or elsewhere."""

    service_name = "discovery"

    @abstractmethod
    def base_url(self, plugin_id: str) -> str:
        """Return the API's address as other plugins reach it, without a slash at its end: ``http://…/api/catalog``."""

    @abstractmethod
    def external_base_url(self, plugin_id: str) -> str:
        """Return the API's address as browsers and people's programs reach it."""
