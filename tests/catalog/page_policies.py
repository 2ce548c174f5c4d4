"""Policies under which pages are looked at."""

from __future__ import annotations

from portal.permissions import ALLOW, DENY, Decision, Permission, PermissionPolicy, PolicyUser


class ReadEntities(PermissionPolicy):
    """Lets people read entities, and nothing else."""

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        """Allow the one permission."""
        return ALLOW if permission.name == "catalog.entity.read" else DENY
