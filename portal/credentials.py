"""Who is asking: the principals of Backstage's auth model, as plain values.

A request bears ``Credentials``; so does work that runs on its own behalf. What they may do is for the permissions
service.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class AccessRestriction:
    """One plugin that an external token may talk to, and what it may do there."""

    plugin_id: str
    permissions: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class UserPrincipal:
    """A signed-in person; ``ownership_refs`` are the refs whose possessions are theirs: their own and their groups'."""

    user_entity_ref: str
    ownership_refs: tuple[str, ...] = ()
    #: The program that acts for them, such as ``plugin:search``; empty if they act themselves.
    actor: str = ""

    @property
    def subject(self) -> str:
        """The actor's name in logs and audits."""
        return self.user_entity_ref


@dataclass(frozen=True)
class ServicePrincipal:
    """A plugin or an external program. No restrictions: it may do everything."""

    subject: str
    restrictions: tuple[AccessRestriction, ...] = ()


@dataclass(frozen=True)
class NonePrincipal:
    """Nobody: no token and no session came along."""

    subject: str = "anonymous"


Principal = UserPrincipal | ServicePrincipal | NonePrincipal


@dataclass(frozen=True)
class Credentials:
    """A principal, and the token that proved it (empty if none did). ``repr`` never shows the token.

    ``audience`` is the one plugin that the token was made for; empty if it is good for any.
    """

    principal: Principal
    token: str = field(default="", repr=False)
    audience: str = ""

    @property
    def is_user(self) -> bool:
        """Whether a person is asking."""
        return isinstance(self.principal, UserPrincipal)

    @property
    def is_service(self) -> bool:
        """Whether a program is asking."""
        return isinstance(self.principal, ServicePrincipal)

    @property
    def is_none(self) -> bool:
        """Whether nobody in particular is asking."""
        return isinstance(self.principal, NonePrincipal)


NOBODY = Credentials(NonePrincipal())


def credentials_of(request: object) -> Credentials:
    """Return who sent a request; nobody, before the middleware has found that out."""
    credentials: Credentials = getattr(request, "credentials", NOBODY)
    return credentials


def service_credentials(plugin_id: str) -> Credentials:
    """Return the credentials of a plugin's own work, such as its background tasks."""
    return Credentials(ServicePrincipal(f"plugin:{plugin_id}"))
