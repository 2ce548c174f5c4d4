"""The permissions service: may they?"""

from portal.services.permissions.base import PermissionsService
from portal.services.permissions.policy import PolicyPermissions

__all__ = ["PermissionsService", "PolicyPermissions"]
