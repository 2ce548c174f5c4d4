"""The facts of the plugin for APIs."""

from portal.plugins import PluginConfig


class ApiDocsPlugin(PluginConfig):
    """Lists APIs and shows their definitions (Backstage's plugin ``api-docs``)."""

    name = "apps.api_docs"
    label = "api_docs"
    plugin_id = "api-docs"
    title = "APIs"
    icon = "plug"
