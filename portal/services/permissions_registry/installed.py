"""The permissions and rules of the installed plugins, read from their rooms ``permissions`` on first use."""

from __future__ import annotations

import threading
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from portal.errors import ConfigError, InputError
from portal.permissions import Permission, Rule
from portal.services.permissions_registry.base import PermissionsRegistryService


class InstalledPermissions(PermissionsRegistryService):
    """Every ``Permission`` at the top of a room ``permissions`` is a permission, every ``Rule`` class in it a rule."""

    def __init__(self) -> None:
        self._permissions: dict[str, tuple[str, Permission]] = {}
        self._rules: dict[tuple[str, str], tuple[str, Rule]] = {}
        self._lock = threading.RLock()
        self._loaded = False

    def register(self, plugin_id: str, *, permissions: list[Permission], rules: list[Rule]) -> None:
        """Add what a plugin owns."""
        with self._lock:
            for permission in permissions:
                owner, known = self._permissions.setdefault(permission.name, (plugin_id, permission))
                if owner != plugin_id or known != permission:
                    raise ConfigError(
                        f"Permission '{permission.name}' of plugin '{plugin_id}' is already one of '{owner}'."
                    )
            for rule in rules:
                owner, _ = self._rules.setdefault((rule.resource_type, rule.name), (plugin_id, rule))
                if owner != plugin_id:
                    raise ConfigError(
                        f"Rule '{rule.name}' for '{rule.resource_type}' of plugin '{plugin_id}' is one of '{owner}'."
                    )

    def permissions_of(self, plugin_id: str) -> list[Permission]:
        """Return the plugin's permissions in the order of their definition."""
        self._load()
        return [permission for owner, permission in self._permissions.values() if owner == plugin_id]

    def rules_of(self, plugin_id: str) -> list[Rule]:
        """Return the plugin's rules in the order of their definition."""
        self._load()
        return [rule for owner, rule in self._rules.values() if owner == plugin_id]

    def rule(self, resource_type: str, name: str) -> Rule:
        """Return a rule by resource type and name."""
        self._load()
        try:
            return self._rules[resource_type, name][1]
        except KeyError:
            raise InputError(f"There is no permission rule '{name}' for resources of type '{resource_type}'.") from None

    def owner_of(self, permission: Permission) -> str | None:
        """Return the plugin whose permission it is."""
        self._load()
        found = self._permissions.get(permission.name)
        return found[0] if found else None

    def _load(self) -> None:
        with self._lock:
            if self._loaded:
                return
            for app in apps.get_app_configs():
                plugin_id = getattr(app, "plugin_id", None)
                if not plugin_id or app.module is None or not module_has_submodule(app.module, "permissions"):
                    continue
                found = vars(import_module(f"{app.name}.permissions"))
                rules = [
                    value()
                    for value in found.values()
                    if isinstance(value, type)
                    and issubclass(value, Rule)
                    and value.__module__ == f"{app.name}.permissions"
                    if hasattr(value, "name")  # a base class of rules has none
                ]
                permissions = [value for value in found.values() if isinstance(value, Permission)]
                self.register(plugin_id, permissions=permissions, rules=rules)
            self._loaded = True
