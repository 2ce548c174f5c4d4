"""The policy: the one place that decides what people may do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from portal.permissions.decisions import ALLOW, Decision
from portal.permissions.permission import Permission


@dataclass(frozen=True)
class PolicyUser:
    """The person that a policy decides about."""

    user_entity_ref: str
    ownership_refs: tuple[str, ...] = ()


class PermissionPolicy(ABC):
    """Decides each permission. Programs never get here: a service is bound by its token's restrictions alone."""

    @abstractmethod
    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        """Decide for a person, or for nobody (None). A ``Conditional`` is allowed for resource permissions only."""


class AllowAllPolicy(PermissionPolicy):
    """Everybody may do everything."""

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        """Allow."""
        return ALLOW
