"""What modules add to the API of their plugin must not be in anybody's way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver

from portal.checks.plugins import broken_rooms
from portal.http.plugin_api import core_routes, routes_in
from portal.plugins import ModuleConfig, PluginConfig, installed_plugins, modules_of

ROOM = "api.urls"


@register("plugins")
def check_module_routes(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find routes of modules that begin like one of the plugin's, or of another module's."""
    return [message for plugin in installed_plugins() for message in _clashes(plugin)]


def _clashes(plugin: PluginConfig) -> Iterator[CheckMessage]:
    modules = [module for module in modules_of(plugin.plugin_id) if not broken_rooms([ROOM], [module])]
    if not any(map(routes_in, modules)) or broken_rooms([ROOM], [plugin]):
        # A room that can't be imported is reported as such.
        return
    taken: dict[str, PluginConfig | ModuleConfig] = {
        _first_segment(route): plugin for route in (*core_routes(plugin), *routes_in(plugin))
    }
    for module in modules:
        for segment in dict.fromkeys(map(_first_segment, routes_in(module))):
            owner = taken.setdefault(segment, module)
            if not segment or "<" in segment:
                yield _clash(module, f"begins with '{segment}', which is no word of its own")
            elif owner is not module:
                yield _clash(module, f"begins with '{segment}', as one of the {owner} does")


def _first_segment(route: URLPattern | URLResolver) -> str:
    return str(route.pattern).partition("/")[0]


def _clash(module: ModuleConfig, what: str) -> CheckMessage:
    return Error(
        f"A route in api/urls.py of the {module} {what}.",
        hint="Put all routes of the module below a word that nobody else's begin with, such as its id.",
        id="portal.E110",
    )
