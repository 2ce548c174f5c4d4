"""The plugin metadata service: what the calling plugin is called."""

from portal.services.plugin_metadata.base import PluginMetadata, PluginMetadataService
from portal.services.plugin_metadata.installed import InstalledPluginMetadata

__all__ = ["InstalledPluginMetadata", "PluginMetadata", "PluginMetadataService"]
