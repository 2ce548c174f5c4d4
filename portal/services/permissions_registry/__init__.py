"""The permissions registry: which permissions and rules the installed plugins own."""

from portal.services.permissions_registry.base import PermissionsRegistryService
from portal.services.permissions_registry.installed import InstalledPermissions

__all__ = ["InstalledPermissions", "PermissionsRegistryService"]
