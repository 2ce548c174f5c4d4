"""Contract of the http auth service (Backstage's ``core.httpAuth``)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

from django.http import HttpRequest

from portal.credentials import Credentials, UserPrincipal
from portal.services.base import Service

#: What a view asks of its callers. ``user-or-service`` is the default; ``user-cookie`` also takes a limited cookie.
#: ``service`` holds even where the default policy is disabled.
AuthPolicy = Literal["user-or-service", "user", "service", "unauthenticated", "user-cookie"]


class HttpAuthService(Service):
    """Reads credentials from requests, holds the door, and signs people in and out of their browser session."""

    service_name = "http_auth"

    @abstractmethod
    def credentials(self, request: HttpRequest) -> Credentials:
        """Return who sent the request, or nobody. Raises ``AuthenticationError`` for a token that doesn't hold."""

    @abstractmethod
    def admit(self, credentials: Credentials, policy: AuthPolicy, *, plugin_id: str | None = None) -> None:
        """Return if the policy lets these credentials pass.

        Raises ``AuthenticationError`` (who are you?) or ``NotAllowedError`` (not you).
        """

    @abstractmethod
    def sign_in(self, request: HttpRequest, user: UserPrincipal) -> None:
        """Remember the person in the browser's session."""

    @abstractmethod
    def sign_out(self, request: HttpRequest) -> None:
        """Forget the person, and don't let them in as a guest by themselves again."""
