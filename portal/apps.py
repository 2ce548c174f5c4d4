"""The core's facts: it is a plugin like any other, with the id that Backstage gives its app."""

from __future__ import annotations

from portal.plugins import CORE_PLUGIN_ID, PluginConfig


class PortalPlugin(PluginConfig):
    """The portal itself: its shell, its navigation, and Django's own tables in the ``default`` database."""

    name = "portal"
    label = "portal"
    plugin_id = CORE_PLUGIN_ID
    title = "Portal"
    role = "core"
