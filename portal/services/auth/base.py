"""Contract of the auth service (Backstage's ``core.auth``)."""

from __future__ import annotations

from abc import abstractmethod

from portal.credentials import Credentials, UserPrincipal
from portal.services.base import Service


class AuthService(Service):
    """Tells whose a token is, and whether somebody may enter as a guest."""

    service_name = "auth"

    @abstractmethod
    def authenticate(self, token: str) -> Credentials:
        """Return whose token this is. Raises ``AuthenticationError`` if it is nobody's."""

    @abstractmethod
    def plugin_token(self, plugin_id: str, *, target: str, on_behalf_of: Credentials | None = None) -> str:
        """Return a token with which a plugin asks another one, good for some minutes at least.

        It asks for itself, or for the person of ``on_behalf_of``. Raises ``NotAllowedError`` for credentials that may
        not be passed on: those of a program that is restricted to certain plugins.
        """

    @abstractmethod
    def guest(self) -> UserPrincipal | None:
        """Return the guest, or None where guests aren't let in."""
