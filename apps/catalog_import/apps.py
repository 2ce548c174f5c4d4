"""The facts of the plugin ``catalog-import``."""

from portal.plugins import PluginConfig


class CatalogImportPlugin(PluginConfig):
    """Registers components that exist already (Backstage's plugin ``catalog-import``)."""

    name = "apps.catalog_import"
    label = "catalog_import"
    plugin_id = "catalog-import"
    title = "Register a component"
    icon = "package-plus"
    role = "frontend-plugin"
