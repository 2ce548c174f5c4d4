"""Credentials of Django requests: a bearer token for programs, a signed session for people's browsers."""

from __future__ import annotations

from django.http import HttpRequest

from portal.config import current
from portal.credentials import NOBODY, Credentials, ServicePrincipal, UserPrincipal
from portal.errors import AuthenticationError, NotAllowedError
from portal.services import auth
from portal.services.http_auth.base import AuthPolicy, HttpAuthService

SESSION_KEY = "portal.user"
SIGNED_OUT_KEY = "portal.signed_out"
API_PREFIX = "/api/"


def plugin_of_path(path: str) -> str | None:
    """Return the id of the plugin whose API a path lies in, or None for any other path."""
    return path.removeprefix(API_PREFIX).partition("/")[0] if path.startswith(API_PREFIX) else None


class RequestAuth(HttpAuthService):
    """``Authorization: Bearer`` first, then the session."""

    def credentials(self, request: HttpRequest) -> Credentials:
        """Read the token, else the session, else answer nobody."""
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer":
            return auth.authenticate(token.strip())
        session = getattr(request, "session", None)
        user = session.get(SESSION_KEY) if session is not None else None
        if not user:
            return NOBODY
        return Credentials(UserPrincipal(user["ref"], tuple(user["owns"])))

    def admit(self, credentials: Credentials, policy: AuthPolicy, *, plugin_id: str | None = None) -> None:
        """Apply the policy, and a token's restriction to certain plugins."""
        if policy == "unauthenticated":
            return
        principal = credentials.principal
        if credentials.audience and credentials.audience != plugin_id:
            raise NotAllowedError(f"The token is meant for plugin '{credentials.audience}' and no other.")
        if isinstance(principal, ServicePrincipal):
            if policy == "user":
                raise NotAllowedError("This is for people; a service token doesn't do.")
            allowed = {restriction.plugin_id for restriction in principal.restrictions}
            if allowed and plugin_id not in allowed:
                raise NotAllowedError(f"The token of '{principal.subject}' isn't meant for plugin '{plugin_id}'.")
        elif credentials.is_user and policy == "service":
            raise NotAllowedError("This is for plugins and other programs; people may not call it.")
        elif credentials.is_none and (
            policy == "service"
            or not current().get_bool("backend.auth.dangerouslyDisableDefaultAuthPolicy", default=False)
        ):
            raise AuthenticationError("Sign in, or send a token: Authorization: Bearer <token>.")

    def sign_in(self, request: HttpRequest, user: UserPrincipal) -> None:
        """Keep the ref and what it owns in the session, under a fresh CSRF token."""
        from django.middleware.csrf import rotate_token

        request.session.pop(SIGNED_OUT_KEY, None)
        request.session[SESSION_KEY] = {"ref": user.user_entity_ref, "owns": list(user.ownership_refs)}
        rotate_token(request)

    def sign_out(self, request: HttpRequest) -> None:
        """Empty the session but for the mark that this person left."""
        request.session.flush()
        request.session[SIGNED_OUT_KEY] = True
