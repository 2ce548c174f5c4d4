"""The plugin's facts."""

from __future__ import annotations

from portal.plugins import PluginConfig


class HelloPlugin(PluginConfig):
    """Notes about entities: a page, a card, an API, and a table."""

    name = "portal_hello"
    label = "hello"
    plugin_id = "hello"
    title = "Hello"
    icon = "sticky-note"
