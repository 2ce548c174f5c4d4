"""Metadata of the plugins that are installed in this process."""

from __future__ import annotations

from django.apps import apps

from portal.errors import NotFoundError
from portal.services.plugin_metadata.base import PluginMetadata, PluginMetadataService


class InstalledPluginMetadata(PluginMetadataService):
    """Reads the app configs that declare a plugin. Modules bear their plugin's id and are passed over."""

    def for_plugin(self, plugin_id: str) -> PluginMetadata:
        """Return id and title of an installed plugin."""
        for app in apps.get_app_configs():
            if getattr(app, "plugin_id", None) == plugin_id and not hasattr(app, "module_id"):
                return PluginMetadata(id=plugin_id, title=str(app.verbose_name))
        raise NotFoundError(f"Plugin '{plugin_id}' isn't installed in this process.")
