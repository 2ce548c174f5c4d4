"""The facts of the catalog graph."""

from portal.plugins import PluginConfig


class CatalogGraphPlugin(PluginConfig):
    """Draws how entities hang together (Backstage's plugin ``catalog-graph``)."""

    name = "apps.catalog_graph"
    label = "catalog_graph"
    plugin_id = "catalog-graph"
    title = "Catalog Graph"
    icon = "waypoints"
