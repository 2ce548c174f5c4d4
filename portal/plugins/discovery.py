"""Find plugins while settings load, before Django's app registry exists."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from portal.plugins.config import PluginConfig


def plugins_in(installed_apps: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of plugin id and app label for the plugins among ``INSTALLED_APPS``.

    Imports the ``apps`` module of each entry, as Django itself does a moment later; Django's own apps are passed over.
    Raises ``ImproperlyConfigured`` for an entry that isn't there, and for two plugins of one id.
    """
    found: dict[str, tuple[str, str]] = {}
    for entry in installed_apps:
        if entry.startswith("django."):
            continue
        config = _config_class(entry)
        if config is None:
            continue
        if config.plugin_id in found:
            raise ImproperlyConfigured(
                f"Two installed plugins have the id '{config.plugin_id}': {found[config.plugin_id][1]} and "
                f"{entry}. Remove one."
            )
        label = getattr(config, "label", config.name.rpartition(".")[2])
        found[config.plugin_id] = (label if isinstance(label, str) else config.name.rpartition(".")[2], entry)
    return [(plugin_id, label) for plugin_id, (label, _) in found.items()]


def _config_class(entry: str) -> type[PluginConfig] | None:
    """Return the plugin's class for an entry (an app, or the path of its config class), None for an app of another
    kind.
    """
    package, _, class_name = entry.rpartition(".")
    if class_name[:1].isupper() and package:
        candidate = getattr(import_module(package), class_name, None)
        return candidate if _is_plugin(candidate) else None
    try:
        spec = find_spec(f"{entry}.apps")
    except ModuleNotFoundError as error:
        if error.name and (entry == error.name or entry.startswith(error.name + ".")):
            raise ImproperlyConfigured(
                f"The app '{entry}' in INSTALLED_APPS, PORTAL_PLUGINS or backend.plugins isn't installed: no "
                "module named "
                f"'{error.name}'. Install its package (pip install …) or remove the line."
            ) from error
        raise
    if spec is None:
        return None
    module = import_module(f"{entry}.apps")
    candidates = [value for value in vars(module).values() if _is_plugin(value) and value.__module__ == module.__name__]
    if len(candidates) > 1:
        chosen = [candidate for candidate in candidates if vars(candidate).get("default")]
        candidates = chosen or candidates
    return candidates[0] if candidates else None


def _is_plugin(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, PluginConfig) and value is not PluginConfig
