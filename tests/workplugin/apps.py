"""The plugin's facts."""

from __future__ import annotations

from portal.plugins import PluginConfig


class WorkPlugin(PluginConfig):
    """Does background work and nothing else."""

    name = "tests.workplugin"
    plugin_id = "workplugin"
    title = "Work"
