"""Policies that tests install."""

from __future__ import annotations

from portal.permissions import ALLOW, DENY, Condition, Conditional, Decision, Permission, PermissionPolicy, PolicyUser


class OwnedByTeamB(PermissionPolicy):
    """Lets people see what team B owns, and do everything else."""

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        """Answer entity permissions with a condition."""
        if permission.resource_type != "catalog-entity":
            return ALLOW
        owned = Condition("IS_ENTITY_OWNER", "catalog-entity", {"claims": ["group:default/team-b"]})
        return Conditional("catalog", "catalog-entity", owned)


class OnlyEntitiesOfTeamB(OwnedByTeamB):
    """Lets people see what team B owns, and do nothing else."""

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        """Deny what isn't about entities."""
        return super().handle(permission, user) if permission.resource_type == "catalog-entity" else DENY


class Nothing(PermissionPolicy):
    """Lets people do nothing."""

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        """Deny."""
        return DENY
