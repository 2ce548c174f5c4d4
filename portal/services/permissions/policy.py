"""Decisions by one policy for the whole portal."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from portal.config import current
from portal.credentials import Credentials, ServicePrincipal, UserPrincipal
from portal.permissions import (
    ALLOW,
    DENY,
    AllOf,
    AnyOf,
    Condition,
    Conditional,
    Conditions,
    Decision,
    Not,
    Permission,
    PermissionPolicy,
    PolicyUser,
)
from portal.services import permissions_registry
from portal.services.permissions.base import PermissionsService


class PolicyPermissions(PermissionsService):
    """``permission.enabled: true`` asks the policy; else everything is allowed but for restricted tokens.

    The option ``policy`` is the dotted path of a ``PermissionPolicy``.
    """

    def __init__(self, policy: str = "portal.permissions.AllowAllPolicy") -> None:
        self.policy: PermissionPolicy = import_string(policy)()

    def authorize_conditional(self, permission: Permission, credentials: Credentials) -> Decision:
        """Ask the policy for people and nobody; hold programs to their restrictions."""
        principal = credentials.principal
        if isinstance(principal, ServicePrincipal):
            return ALLOW if _within_restrictions(principal, permission) else DENY
        if not current().get_bool("permission.enabled", default=False):
            return ALLOW
        user = None
        if isinstance(principal, UserPrincipal):
            user = PolicyUser(principal.user_entity_ref, principal.ownership_refs)
        decision = self.policy.handle(permission, user)
        if isinstance(decision, Conditional) and decision.resource_type != permission.resource_type:
            raise ImproperlyConfigured(
                f"The policy answered '{permission.name}' with conditions on '{decision.resource_type}', but "
                "that permission is "
                f"{'on ' + permission.resource_type if permission.resource_type else 'basic and takes none'}."
            )
        return decision

    def authorize(self, permission: Permission, credentials: Credentials, *, resource: object = None) -> Decision:
        """Apply conditions to the resource at hand."""
        decision = self.authorize_conditional(permission, credentials)
        if not isinstance(decision, Conditional):
            return decision
        return ALLOW if resource is not None and _holds(decision.conditions, resource) else DENY


def _within_restrictions(principal: ServicePrincipal, permission: Permission) -> bool:
    if not principal.restrictions:
        return True
    plugin_id = permissions_registry.owner_of(permission)
    for restriction in principal.restrictions:
        if restriction.plugin_id == plugin_id:
            named = not restriction.permissions or permission.name in restriction.permissions
            acts = not restriction.actions or permission.action in restriction.actions
            return named and acts
    return False


def _holds(conditions: Conditions, resource: object) -> bool:
    match conditions:
        case AllOf(parts):
            return all(_holds(part, resource) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, resource) for part in parts)
        case Not(part):
            return not _holds(part, resource)
        case Condition(rule, resource_type, params):
            return permissions_registry.rule(resource_type, rule).apply(resource, params)
