"""Which plugins and modules this process has. Django's app registry is the truth; this asks it."""

from __future__ import annotations

from functools import cache

from django.apps import apps
from django.core.signals import setting_changed

from portal.errors import NotFoundError
from portal.plugins.config import ModuleConfig, PluginConfig

#: The core counts as a plugin, as in Backstage: its pages, its navigation and Django's own tables belong to it.
CORE_PLUGIN_ID = "app"


class UnknownPlugin(NotFoundError):
    """No plugin of that id is installed."""


@cache
def _plugins() -> dict[str, PluginConfig]:
    return {app.plugin_id: app for app in apps.get_app_configs() if isinstance(app, PluginConfig)}


def installed_plugins() -> list[PluginConfig]:
    """Return the plugins in the order of ``INSTALLED_APPS``, the core (``app``) among them."""
    return list(_plugins().values())


def get_plugin(plugin_id: str) -> PluginConfig:
    """Return the plugin of that id. Raises ``UnknownPlugin``."""
    try:
        return _plugins()[plugin_id]
    except KeyError:
        known = ", ".join(sorted(_plugins()))
        raise UnknownPlugin(f"No plugin '{plugin_id}' is installed; there are: {known}.") from None


def installed_modules() -> list[ModuleConfig]:
    """Return all modules in the order of ``INSTALLED_APPS``, those without their plugin included."""
    return [app for app in apps.get_app_configs() if isinstance(app, ModuleConfig)]


def modules_of(plugin_id: str) -> list[ModuleConfig]:
    """Return the modules that extend a plugin."""
    return [module for module in installed_modules() if module.plugin_id == plugin_id]


def plugin_of(dotted: str) -> PluginConfig | None:
    """Return the plugin whose code a dotted module path lies in, or None for code of no plugin."""
    app = apps.get_containing_app_config(dotted)
    if isinstance(app, ModuleConfig):
        return _plugins().get(app.plugin_id)
    return app if isinstance(app, PluginConfig) else None


def alias_of(plugin_id: str) -> str:
    """Return the database alias of a plugin: ``default`` for the core, else its app label."""
    return "default" if plugin_id == CORE_PLUGIN_ID else get_plugin(plugin_id).label


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "INSTALLED_APPS":
        _plugins.cache_clear()


setting_changed.connect(_forget)
