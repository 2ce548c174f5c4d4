"""The discovery service: where a plugin's API is."""

from portal.services.discovery.base import DiscoveryService
from portal.services.discovery.host import SingleHostDiscovery, own_base_url

__all__ = ["DiscoveryService", "SingleHostDiscovery", "own_base_url"]
