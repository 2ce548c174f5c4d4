"""Permissions that a test gives and takes."""

from __future__ import annotations

from portal.credentials import Credentials
from portal.permissions import ALLOW, DENY, Conditional, Decision, Permission
from portal.services.permissions.base import PermissionsService


class FakePermissions(PermissionsService):
    """Allows everything but what the test denies, for everybody. ``asked`` are the names that were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._decisions: dict[str, Decision] = {}

    def deny(self, *names: str) -> None:
        """Deny permissions by name."""
        self._decisions.update(dict.fromkeys(names, DENY))

    def answer(self, name: str, decision: Decision) -> None:
        """Answer one permission with a decision of any kind, such as one with conditions."""
        self._decisions[name] = decision

    def authorize_conditional(self, permission: Permission, credentials: Credentials) -> Decision:
        """Answer as the test said."""
        self.asked.append(permission.name)
        return self._decisions.get(permission.name, ALLOW)

    def authorize(self, permission: Permission, credentials: Credentials, *, resource: object = None) -> Decision:
        """Answer as the test said. Conditions aren't applied: where the answer has some, it is a no."""
        decision = self.authorize_conditional(permission, credentials)
        return DENY if isinstance(decision, Conditional) else decision
