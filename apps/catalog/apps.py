"""The catalog's facts."""

from portal.plugins import PluginConfig


class CatalogPlugin(PluginConfig):
    """The software catalog (Backstage's plugin ``catalog``)."""

    name = "apps.catalog"
    label = "catalog"
    plugin_id = "catalog"
    title = "Catalog"
    icon = "library"
