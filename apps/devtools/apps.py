"""The facts of the plugin ``devtools``."""

from portal.plugins import PluginConfig


class DevToolsPlugin(PluginConfig):
    """Shows operators what their portal runs on, and how that is (Backstage's plugin ``devtools``)."""

    name = "apps.devtools"
    label = "devtools"
    plugin_id = "devtools"
    title = "DevTools"
    icon = "hammer"
