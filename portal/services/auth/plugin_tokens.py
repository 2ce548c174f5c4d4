"""Tokens that plugins of a portal show each other.

They are JWTs of Backstage's type and claims (``sub`` asks, ``aud`` is asked, ``obo`` is for whom), signed with a key
that follows from ``SECRET_KEY``: so every process of a deployment has to have the same one.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import jwt
from django.utils.crypto import salted_hmac

from portal.credentials import Credentials, ServicePrincipal, UserPrincipal
from portal.errors import AuthenticationError, NotAllowedError

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

    def issue(self, plugin_id: str, *, target: str, on_behalf_of: Credentials | None = None) -> str:
        """Return a token with which one plugin asks another; on its own behalf it is the same one for a while.

        Raises ``NotAllowedError`` for the credentials of a program that is restricted to certain plugins.
        """
        principal = on_behalf_of.principal if on_behalf_of else None
        if isinstance(principal, UserPrincipal):
            person = {"sub": principal.user_entity_ref, "ent": list(principal.ownership_refs)}
            return _sign(plugin_id, target, time.time(), obo=person)
        if isinstance(principal, ServicePrincipal) and principal.restrictions:
            raise NotAllowedError(
                f"The token of '{principal.subject}' is restricted to certain plugins and can't be passed on "
                f"to '{target}'."
            )
        now = time.time()
        with self._lock:
            expires, token = self._issued.get((plugin_id, target), (0.0, ""))
            if expires - now < RESERVE.total_seconds():
                expires = now + LIFETIME.total_seconds()
                token = _sign(plugin_id, target, now)
                self._issued[plugin_id, target] = expires, token
        return token

    def read(self, token: str) -> Credentials | None:
        """Return whom a plugin's token stands for: the plugin, or the person on whose behalf; None for another kind.

        The credentials are good for the plugin that the token was made for. Raises ``AuthenticationError`` if it is a
        plugin's, but has expired or was signed by somebody else.
        """
        try:
            if jwt.get_unverified_header(token).get("typ") != TYPE:
                return None
        except jwt.InvalidTokenError:
            return None
        try:
            # The audience is the plugin that is asked: the door compares it with the address.
            options: jwt.types.Options = {"verify_aud": False, "require": ["sub", "aud", "exp"]}
            claims = jwt.decode(token, _key(), algorithms=[ALGORITHM], options=options, leeway=LEEWAY)
        except jwt.ExpiredSignatureError as error:
            raise AuthenticationError("The plugin's token has expired.", cause=error) from error
        except jwt.InvalidTokenError as error:
            raise AuthenticationError(
                "The plugin's token isn't signed by this portal; its processes must have the same SECRET_KEY.",
                cause=error,
            ) from error
        asks, audience = f"plugin:{claims['sub']}", str(claims["aud"])
        if person := claims.get("obo"):
            return Credentials(UserPrincipal(person["sub"], tuple(person["ent"]), actor=asks), token, audience)
        return Credentials(ServicePrincipal(asks), token, audience)


def _sign(plugin_id: str, target: str, now: float, **claims: Any) -> str:
    claims |= {"sub": plugin_id, "aud": target, "iat": int(now), "exp": int(now + LIFETIME.total_seconds())}
    return jwt.encode(claims, _key(), algorithm=ALGORITHM, headers={"typ": TYPE})


def _key() -> bytes:
    # Made anew each time, for it follows the setting; that takes microseconds.
    return salted_hmac(SALT, "key", algorithm="sha256").digest()
