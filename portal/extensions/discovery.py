"""Find the extensions that plugins and modules bring in their rooms ``extensions``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

from django.core.checks import CheckMessage

from portal.extensions import problems
from portal.extensions.base import Extension
from portal.extensions.blueprints import Page
from portal.extensions.flags import FeatureFlag
from portal.extensions.tree import ExtensionSpec
from portal.plugins import CORE_PLUGIN_ID, ModuleConfig, PluginConfig, installed_plugins, modules_of, room
from portal.services import logger

#: The core's own extensions are its shell; ``portal.extensions`` is the framework.
CORE_ROOM = "shell.extensions"


def installed_extensions() -> list[ExtensionSpec]:
    """Return every installed extension: the core's, then the plugins' in order of installation, then the modules'.

    The page that people begin at comes before the others, and the core's pages after them: they are tools, and
    nobody's reason to open the portal.
    """
    plugins = sorted(installed_plugins(), key=lambda plugin: plugin.plugin_id != CORE_PLUGIN_ID)
    specs = [spec for plugin in plugins for spec in _specs(plugin, plugin)]
    specs.sort(key=_place)
    modules = [(plugin, module) for plugin in plugins for module in modules_of(plugin.plugin_id)]
    return specs + [spec for plugin, module in modules for spec in _specs(plugin, module)]


def _place(spec: ExtensionSpec) -> int:
    """Return what goes before what: the core, the page that people begin at, the plugins, the core's pages."""
    if spec.plugin_id == CORE_PLUGIN_ID:
        return 3 if issubclass(spec.extension, Page) else 0
    return 1 if issubclass(spec.extension, Page) and spec.extension.is_start else 2


def extensions_in(module: ModuleType) -> Iterator[type[Extension]]:
    """Yield the extensions that a room defines, in order of definition; what it imports from elsewhere isn't
    its own.
    """
    seen = set()
    for value in vars(module).values():
        if not isinstance(value, type) or not issubclass(value, Extension) or value in seen:
            continue
        own = value.__module__ == module.__name__ or value.__module__.startswith(f"{module.__name__}.")
        if own and not value.abstract:
            seen.add(value)
            yield value


def sound_room(app: PluginConfig | ModuleConfig, name: str) -> ModuleType | None:
    """Return a room, None if there is none or if it can't be imported: pages go on without, ``faulty_rooms`` names it.

    What is raised is logged.
    """
    try:
        return room(app, name)
    except Exception as error:  # noqa: BLE001 - a plugin's code may raise anything, and the others are to be shown
        logger.for_plugin(app.plugin_id).error("A room can't be imported", app=app.name, room=name, exc_info=error)
        return None


def faulty_rooms() -> list[CheckMessage]:
    """Return what is wrong with rooms that the interface is made of and that can't be imported."""
    found: list[CheckMessage] = []
    for plugin in installed_plugins():
        for app in (plugin, *modules_of(plugin.plugin_id)):
            for name in ("routes", "extensions"):
                try:
                    room(app, name)
                except Exception as error:  # noqa: BLE001 (as above)
                    found.append(problems.broken_room(str(app), name, error))
    return found


def declared_flags() -> tuple[list[FeatureFlag], list[CheckMessage]]:
    """Return the feature flags in the rooms of plugins and modules, and what is wrong with others."""
    flags: dict[str, FeatureFlag] = {}
    faulty: list[CheckMessage] = []
    stated: list[FeatureFlag] = []
    for plugin in installed_plugins():
        apps: list[PluginConfig | ModuleConfig] = [plugin, *modules_of(plugin.plugin_id)]
        for app in apps:
            for flag in _flags_in(_room_of(plugin, app)):
                # A room may have imported what another one declares.
                if any(flag is known for known in stated):
                    continue
                stated.append(flag)
                faults = list(flag.faults())
                if flag.name in flags:
                    faults.append(f"plugin '{flags[flag.name].plugin_id}' declares it already")
                if faults:
                    faulty.append(problems.invalid_flag(flag.name, app.name, faults[0]))
                else:
                    flags[flag.name] = replace(flag, plugin_id=plugin.plugin_id)
    return list(flags.values()), faulty


def _flags_in(module: ModuleType | None) -> list[FeatureFlag]:
    return [value for value in vars(module).values() if isinstance(value, FeatureFlag)] if module is not None else []


def _room_of(plugin: PluginConfig, app: PluginConfig | ModuleConfig) -> ModuleType | None:
    return sound_room(app, CORE_ROOM if app.plugin_id == CORE_PLUGIN_ID and app is plugin else "extensions")


def _specs(plugin: PluginConfig, app: PluginConfig | ModuleConfig) -> Iterator[ExtensionSpec]:
    module = _room_of(plugin, app)
    if module is None:
        return
    for extension in extensions_in(module):
        yield ExtensionSpec(
            extension,
            plugin_id=plugin.plugin_id,
            origin=app.name,
            is_module=app is not plugin,
            title=str(plugin.verbose_name),
            icon=plugin.icon,
            app_condition=app.enabled_if,
        )
