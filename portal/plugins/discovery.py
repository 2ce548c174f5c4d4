"""Find plugins while settings load, before Django's app registry exists."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import TypeGuard, cast

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

from portal.plugins.config import PluginConfig, require_words


def plugins_in(installed_apps: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of plugin id and app label for the plugins among ``INSTALLED_APPS``.

    Imports each entry and its ``apps`` module, as Django itself does a moment later; Django's own apps are passed over.
    Raises ``ImproperlyConfigured`` for an entry that isn't there, for a plugin that lacks its name or id, and for two
    plugins of one id.
    """
    found: dict[str, tuple[str, str]] = {}
    for entry in installed_apps:
        config = None if entry.startswith("django.") else _config_class(entry)
        if config is None:
            continue
        plugin_id, label = config.plugin_id, _label_of(config)
        if plugin_id in found:
            other = found[plugin_id][1]
            raise ImproperlyConfigured(
                f"Two installed plugins have the id '{plugin_id}': {other} and {entry}. Remove one."
            )
        found[plugin_id] = label, entry
    return [(plugin_id, label) for plugin_id, (label, _) in found.items()]


def _config_class(entry: str) -> type[PluginConfig] | None:
    """Return the plugin's class for an entry, which is an app or the path of its config class; None for an app of
    another kind. The choice is Django's.
    """
    module_name, _, class_name = entry.rpartition(".")
    if module_name and class_name[:1].isupper():
        candidate = getattr(_import(module_name, entry), class_name, None)
        return candidate if _is_plugin(candidate) else None
    if not module_has_submodule(_import(entry, entry), "apps"):
        return None
    candidates = vars(import_module(f"{entry}.apps")).values()
    return next((candidate for candidate in candidates if _is_plugin(candidate) and candidate.default), None)


def _label_of(config: type[PluginConfig]) -> str:
    """Return the label that the app will have. Raises ``ImproperlyConfigured`` if it states no name or no id."""
    require_words(config, "plugin_id", config.plugin_id, "tech-radar")
    name = getattr(config, "name", "")
    if not isinstance(name, str) or not name:
        raise ImproperlyConfigured(
            f"{config.__module__}.{config.__qualname__}: name is missing; it is the dotted path of the app's package."
        )
    label = getattr(config, "label", None)
    return label if isinstance(label, str) else name.rpartition(".")[2]


def _import(module_name: str, entry: str) -> ModuleType:
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        # Another module's absence is an error inside the app, which passes through.
        if error.name and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise ImproperlyConfigured(
                f"The app '{entry}' in INSTALLED_APPS, PORTAL_PLUGINS or backend.plugins isn't installed: no module "
                f"named '{error.name}'. Install its package (pip install …) or remove the line."
            ) from error
        raise


def _is_plugin(value: object) -> TypeGuard[type[PluginConfig]]:
    # Not isinstance: a module may hold Django's settings, which would then load a second time, half made.
    return issubclass(type(value), type) and issubclass(cast(type, value), PluginConfig) and value is not PluginConfig
