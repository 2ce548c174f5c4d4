"""The plugin's facts."""

from __future__ import annotations

from portal.plugins import PluginConfig


class NewsPlugin(PluginConfig):
    """Spreads news and nothing else."""

    name = "tests.newsplugin"
    plugin_id = "newsplugin"
    title = "News"
