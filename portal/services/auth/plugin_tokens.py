"""Tokens that plugins of a portal show each other.

They are JWTs of Backstage's type and claims (``sub`` asks, ``aud`` is asked), signed with a key that follows from
``SECRET_KEY``: so every process of a deployment has to have the same one.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import jwt
from django.utils.crypto import salted_hmac

from portal.credentials import AccessRestriction, ServicePrincipal
from portal.errors import AuthenticationError

TYPE = "vnd.backstage.plugin"
ALGORITHM = "HS256"
LIFETIME = timedelta(hours=1)
#: A token is used again until so little of its time is left.
RESERVE = timedelta(minutes=10)
#: How far the clocks of two machines may be apart.
LEEWAY = timedelta(seconds=30)
SALT = "portal.services.auth.plugin_tokens"


class PluginTokens:
    """Makes plugin tokens and reads them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._issued: dict[tuple[str, str], tuple[float, str]] = {}

    def issue(self, plugin_id: str, *, target: str) -> str:
        """Return a token with which one plugin asks another; for a while it is the same one."""
        now = time.time()
        with self._lock:
            expires, token = self._issued.get((plugin_id, target), (0.0, ""))
            if expires - now < RESERVE.total_seconds():
                expires = now + LIFETIME.total_seconds()
                claims = {"sub": plugin_id, "aud": target, "iat": int(now), "exp": int(expires)}
                token = jwt.encode(claims, _key(), algorithm=ALGORITHM, headers={"typ": TYPE})
                self._issued[plugin_id, target] = expires, token
        return token

    def read(self, token: str) -> ServicePrincipal | None:
        """Return the plugin that a token stands for, which may talk to one plugin with it; None for another kind.

        Raises ``AuthenticationError`` if it is a plugin's, but has expired or was signed by somebody else.
        """
        try:
            if jwt.get_unverified_header(token).get("typ") != TYPE:
                return None
        except jwt.InvalidTokenError:
            return None
        try:
            # The audience is the plugin that is asked: the door compares it with the address, as a restriction.
            options: jwt.types.Options = {"verify_aud": False, "require": ["sub", "aud", "exp"]}
            claims = jwt.decode(token, _key(), algorithms=[ALGORITHM], options=options, leeway=LEEWAY)
        except jwt.ExpiredSignatureError as error:
            raise AuthenticationError("The plugin's token has expired.", cause=error) from error
        except jwt.InvalidTokenError as error:
            raise AuthenticationError(
                "The plugin's token isn't signed by this portal; its processes must have the same SECRET_KEY.",
                cause=error,
            ) from error
        return ServicePrincipal(f"plugin:{claims['sub']}", (AccessRestriction(str(claims["aud"])),))


def _key() -> bytes:
    # Made anew each time, for it follows the setting; that takes microseconds.
    return salted_hmac(SALT, "key", algorithm="sha256").digest()
