"""The room ``tasks``: where plugins and their modules say what they do in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from weakref import WeakKeyDictionary

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule

from portal.errors import ConfigError, NotFoundError
from portal.services import logger, services

ROOM = "tasks"

_lock = threading.Lock()
#: What is registered with a scheduler: the names of the apps. A new scheduler (in tests) starts empty.
_registered: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()


def plugins_with_tasks(only: Iterable[str] | None = None) -> list[str]:
    """Return the ids of the installed plugins that have a room ``tasks``, their own or a module's.

    ``only`` limits them; raises ``NotFoundError`` for an id that isn't installed.
    """
    wanted = None if only is None else list(only)
    installed = {app.plugin_id for app in _apps()}
    unknown = [plugin_id for plugin_id in wanted or [] if plugin_id not in installed]
    if unknown:
        known = ", ".join(sorted(installed))
        raise NotFoundError(f"No plugin '{unknown[0]}' is installed; there are: {known}.")
    found = dict.fromkeys(app.plugin_id for app in _apps() if _has_room(app))
    return [plugin_id for plugin_id in found if wanted is None or plugin_id in wanted]


def register_rooms(only: Iterable[str] | None = None) -> dict[str, str]:
    """Call ``register(scheduler, tasks)`` of each room, once in a process; return the plugins whose room failed.

    A room that fails is logged and leaves the others alone. The result maps the plugin's id to the error in
    words.
    """
    wanted = set(plugins_with_tasks(only))
    failures: dict[str, str] = {}
    with _lock:
        done = _registered.setdefault(services["scheduler"], set())
        for app in _apps():
            if app.plugin_id not in wanted or app.name in done or not _has_room(app):
                continue
            try:
                _register(app)
            except Exception as error:  # noqa: BLE001 - a plugin's fault is not the portal's
                logger.for_plugin(app.plugin_id).exception(
                    "The background work of an app can't be set up", app=app.name
                )
                failures[app.plugin_id] = f"{type(error).__name__}: {error}"
            else:
                done.add(app.name)
    return failures


def _register(app: _PortalApp) -> None:
    module = import_module(f"{app.name}.{ROOM}")
    register: Callable[..., object] | None = getattr(module, "register", None)
    if register is None:
        raise ConfigError(f"{module.__name__} has no function register(scheduler, tasks).")
    register(
        services["scheduler"].for_plugin(app.plugin_id),
        services["tasks"].for_plugin(app.plugin_id),
    )


class _PortalApp(AppConfig):
    """What an app config of a plugin or module has; for type checkers."""

    plugin_id: str


def _apps() -> Iterator[_PortalApp]:
    # Asked of Django, not of portal.plugins: services are below plugins and know only the shape of their apps.
    for app in apps.get_app_configs():
        if getattr(app, "plugin_id", ""):
            yield app  # type: ignore[misc]


def _has_room(app: _PortalApp) -> bool:
    return app.module is not None and module_has_submodule(app.module, ROOM)
