"""Plugins and modules: how they declare themselves, how they are found, and how a module reaches into its plugin.

This is the public door; plugins import from here.
"""

from portal.plugins.config import ModuleConfig, PluginConfig
from portal.plugins.extension_points import ExtensionPoint, IllegalExtensionPoint
from portal.plugins.filling import ModuleFailed, extension_point, fill_extension_points, open_points
from portal.plugins.registry import (
    CORE_PLUGIN_ID,
    UnknownPlugin,
    alias_of,
    get_plugin,
    installed_modules,
    installed_plugins,
    modules_of,
    plugin_of,
)
from portal.plugins.rooms import room

__all__ = [
    "CORE_PLUGIN_ID",
    "ExtensionPoint",
    "IllegalExtensionPoint",
    "ModuleConfig",
    "ModuleFailed",
    "PluginConfig",
    "UnknownPlugin",
    "alias_of",
    "extension_point",
    "fill_extension_points",
    "get_plugin",
    "installed_modules",
    "installed_plugins",
    "modules_of",
    "open_points",
    "plugin_of",
    "room",
]
