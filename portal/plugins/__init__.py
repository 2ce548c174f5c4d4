"""Plugins and modules: how they declare themselves, how they are found, and how a module reaches into its plugin.

This is the public door; plugins import from here.
"""

from portal.plugins.config import ModuleConfig, PluginConfig
from portal.plugins.extension_points import ExtensionPoint, IllegalExtensionPoint, extension_point
from portal.plugins.registry import (
    CORE_PLUGIN_ID,
    UnknownPlugin,
    alias_of,
    get_plugin,
    installed_modules,
    installed_plugins,
    modules_of,
    plugin_of,
    room,
)

__all__ = [
    "CORE_PLUGIN_ID",
    "ExtensionPoint",
    "IllegalExtensionPoint",
    "ModuleConfig",
    "PluginConfig",
    "UnknownPlugin",
    "alias_of",
    "extension_point",
    "get_plugin",
    "installed_modules",
    "installed_plugins",
    "modules_of",
    "plugin_of",
    "room",
]
