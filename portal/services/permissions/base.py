"""Contract of the permissions service (Backstage's ``core.permissions``)."""

from __future__ import annotations

from abc import abstractmethod

from portal.credentials import Credentials
from portal.errors import NotAllowedError
from portal.permissions import Decision, Permission
from portal.services.base import Service


class PermissionsService(Service):
    """Asks the policy, and binds programs to what their tokens are restricted to."""

    service_name = "permissions"

    @abstractmethod
    def authorize_conditional(self, permission: Permission, credentials: Credentials) -> Decision:
        """Decide, possibly with conditions that the asking plugin turns into a query."""

    @abstractmethod
    def authorize(self, permission: Permission, credentials: Credentials, *, resource: object = None) -> Decision:
        """Decide definitively; conditions are applied to ``resource``, and a resource that isn't there is denied."""

    def require(self, permission: Permission, credentials: Credentials, *, resource: object = None) -> None:
        """Return if it is allowed. Raises ``NotAllowedError`` naming the permission."""
        if not self.authorize(permission, credentials, resource=resource).allowed:
            raise NotAllowedError(f"This takes the permission '{permission.name}', which you don't have.")
