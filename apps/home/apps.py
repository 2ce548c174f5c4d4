"""The facts of the home plugin."""

from portal.plugins import PluginConfig


class HomePlugin(PluginConfig):
    """A home page of widgets, and what people have visited (Backstage's plugin ``home``)."""

    name = "apps.home"
    label = "home"
    plugin_id = "home"
    title = "Home"
    icon = "house"
