"""Whose scheduled tasks can be looked at."""

from __future__ import annotations

from apps.devtools.conf import conf
from portal.plugins import installed_plugins, room


def scheduled_plugins() -> list[str]:
    """Return the ids of the plugins whose tasks are shown: the configured ones, else all, those with tasks first."""
    plugins = sorted(installed_plugins(), key=lambda plugin: room(plugin, "tasks") is None)
    return conf.scheduled_plugins or [plugin.plugin_id for plugin in plugins]
