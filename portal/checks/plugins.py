"""Plugins and modules: ids, labels, rooms, and what modules reach for."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning
from django.db import DEFAULT_DB_ALIAS

from portal.plugins import (
    CORE_PLUGIN_ID,
    IllegalExtensionPoint,
    ModuleConfig,
    ModuleFailed,
    PluginConfig,
    fill_extension_points,
    installed_modules,
    installed_plugins,
    room,
)

#: Plugins whose label isn't their id: the core's, and one whose label would be that of ``django.contrib.auth``.
OTHER_LABELS = {CORE_PLUGIN_ID: "portal", "auth": "identity"}
#: Rooms that are imported when they are first needed; the others are imported as the process starts.
LATE_ROOMS = ("routes", "extensions", "tasks", "api.urls")

PortalApp = PluginConfig | ModuleConfig


@register("plugins")
def check_plugins(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find plugins and modules of one id, and plugins whose label doesn't follow from their id."""
    plugins = [app for app in apps.get_app_configs() if isinstance(app, PluginConfig)]
    modules = installed_modules()
    return [
        *_duplicates([(f"plugins have the id '{app.plugin_id}'", app) for app in plugins]),
        *_duplicates([(f"modules of plugin '{app.plugin_id}' have the id '{app.module_id}'", app) for app in modules]),
        *(message for plugin in plugins for message in _label_faults(plugin)),
    ]


@register("plugins")
def check_modules(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find modules without their plugin, and modules that can't extend it."""
    plugin_ids = [plugin.plugin_id for plugin in installed_plugins()]
    strays: list[CheckMessage] = [
        CheckWarning(
            f"The {module} is ignored: its plugin isn't installed.",
            hint="Install the plugin, or remove the module from INSTALLED_APPS, PORTAL_PLUGINS or backend.plugins.",
            id="portal.W102",
        )
        for module in installed_modules()
        if module.plugin_id not in plugin_ids
    ]
    return [*strays, *(message for plugin_id in plugin_ids for message in _extension_faults(plugin_id))]


@register("plugins")
def check_rooms(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Find rooms that can't be imported, before somebody opens a page that needs them."""
    found = broken_rooms(LATE_ROOMS, app_configs)
    return [
        Error(
            f"The room '{name}' of {app} can't be imported: {type(error).__name__}: {error}",
            hint=f"Correct {_place_of(error, app)}, or leave the app out.",
            id="portal.E108",
        )
        for app, name, error in found
    ]


def broken_rooms(
    names: Iterable[str], app_configs: Sequence[AppConfig] | None = None
) -> list[tuple[PortalApp, str, Exception]]:
    """Return the rooms that can't be imported: whose, which, and the error."""
    names = tuple(names)
    broken: list[tuple[PortalApp, str, Exception]] = []
    for app in apps.get_app_configs() if app_configs is None else app_configs:
        if not isinstance(app, PortalApp):
            continue
        for name in names:
            # A plugin's code may raise anything; it is reported, not hidden.
            try:
                room(app, name)
            except Exception as error:  # noqa: BLE001
                broken.append((app, name, error))
    return broken


def _duplicates(claims: Sequence[tuple[str, PortalApp]]) -> Iterator[CheckMessage]:
    """Yield a message for each claim, such as "plugins have the id 'x'", that several apps make."""
    for claim in dict.fromkeys(claim for claim, _ in claims):
        names = [app.name for other, app in claims if other == claim]
        if len(names) > 1:
            yield Error(
                f"{len(names)} {claim}: {', '.join(names)}.",
                hint="Leave all but one of them out, or give them ids of their own.",
                id="portal.E106",
            )


def _label_faults(plugin: PluginConfig) -> Iterator[CheckMessage]:
    expected = OTHER_LABELS.get(plugin.plugin_id, plugin.plugin_id.replace("-", "_"))
    if plugin.label != expected:
        yield Error(
            f"The {plugin} has the app label '{plugin.label}'; it must be '{expected}': label, database alias and "
            f"template folder follow from the id.",
            hint=f"State label = '{expected}' in its apps.py.",
            id="portal.E109",
        )
    elif plugin.label == DEFAULT_DB_ALIAS:
        yield Error(
            f"The {plugin} has the app label '{DEFAULT_DB_ALIAS}', which is the name of the core's database.",
            hint="Give it another id.",
            id="portal.E109",
        )


def _extension_faults(plugin_id: str) -> Iterator[CheckMessage]:
    try:
        fill_extension_points(plugin_id)
    except ModuleFailed as error:
        if isinstance(error.__cause__, IllegalExtensionPoint):
            hint = "A module extends one plugin. What is meant for another plugin belongs into a module of that one."
        else:
            hint = f"Correct {_place_of(error.__cause__ or error, error.module)}, or leave the module out."
        yield Error(str(error), hint=hint, id="portal.E103")


def _place_of(error: BaseException, app: PortalApp) -> str:
    """Return the last line of the app's own code that was reached before an error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(app.path))]
    frame = (own or frames)[-1]
    return f"{frame.filename}, line {frame.lineno}"
