from portal.plugins import PluginConfig


class AddonPlugin(PluginConfig):
    """Adds a part to every slot of the catalog's pages."""

    name = "tests.catalog.addon"
    label = "addon"
    plugin_id = "addon"
    title = "Addon"
    icon = "puzzle"
