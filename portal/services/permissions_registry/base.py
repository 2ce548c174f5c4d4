"""Contract of the permissions registry (Backstage's ``core.permissionsRegistry``)."""

from __future__ import annotations

from abc import abstractmethod

from portal.permissions import Permission, Rule
from portal.services.base import Service


class PermissionsRegistryService(Service):
    """Knows every permission and rule, and whose it is."""

    service_name = "permissions_registry"

    @abstractmethod
    def register(self, plugin_id: str, *, permissions: list[Permission], rules: list[Rule]) -> None:
        """Add what a plugin owns. Raises ``ConfigError`` for a name that is taken."""

    @abstractmethod
    def permissions_of(self, plugin_id: str) -> list[Permission]:
        """Return the plugin's permissions."""

    @abstractmethod
    def rules_of(self, plugin_id: str) -> list[Rule]:
        """Return the plugin's rules."""

    @abstractmethod
    def rule(self, resource_type: str, name: str) -> Rule:
        """Return a rule. Raises ``InputError`` if there is none of that name for that resource type."""

    @abstractmethod
    def owner_of(self, permission: Permission) -> str | None:
        """Return the id of the plugin that owns a permission, or None."""
