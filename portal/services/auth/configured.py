"""Tokens and guests as ``backend.auth`` and ``auth.providers`` in ``app-config.yaml`` have them."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

from portal.config import Config, current
from portal.credentials import AccessRestriction, Credentials, ServicePrincipal, UserPrincipal
from portal.errors import AuthenticationError, ConfigError
from portal.services.auth.base import AuthService
from portal.services.auth.plugin_tokens import PluginTokens

MIN_TOKEN_LENGTH = 8
DEFAULT_GUEST = "user:development/guest"
WHERE = "backend.auth.externalAccess"


@dataclass(frozen=True)
class StaticToken:
    """A token that an external program bears, and who that makes it."""

    token: bytes
    principal: ServicePrincipal


class ConfiguredAuth(AuthService):
    """Tokens of plugins, static tokens of external programs, and the guest."""

    def __init__(self) -> None:
        self._tokens: tuple[StaticToken, ...] = ()
        self._tokens_of: Config | None = None
        self._plugin_tokens = PluginTokens()

    def plugin_token(self, plugin_id: str, *, target: str, on_behalf_of: Credentials | None = None) -> str:
        """Return a token that this portal's processes accept from each other."""
        return self._plugin_tokens.issue(plugin_id, target=target, on_behalf_of=on_behalf_of)

    def authenticate(self, token: str) -> Credentials:
        """Read a plugin's token; compare any other with every static token, in the same time whichever it is."""
        of_plugin = self._plugin_tokens.read(token)
        if of_plugin is not None:
            return of_plugin
        given = token.encode()
        matches = [known for known in self._static_tokens() if hmac.compare_digest(known.token, given)]
        if not matches:
            raise AuthenticationError("The token in the Authorization header isn't one that this portal knows.")
        return Credentials(matches[0].principal, token)

    def _static_tokens(self) -> tuple[StaticToken, ...]:
        """Return the tokens of the configuration of now, which are read once."""
        config = current()
        if self._tokens_of is not config:
            self._tokens, self._tokens_of = tuple(_static_tokens(config.get(WHERE, []))), config
        return self._tokens

    def guest(self) -> UserPrincipal | None:
        """Let guests in during development, and elsewhere only if the configuration insists."""
        config = current()
        dangerously = config.get_bool("auth.providers.guest.dangerouslyAllowOutsideDevelopment", default=False)
        if settings.PORTAL_ENV != "development" and not dangerously:
            return None
        ref = config.get_str("auth.providers.guest.userEntityRef", default=DEFAULT_GUEST).lower()
        owns = config.get_strings("auth.providers.guest.ownershipEntityRefs", default=[ref])
        return UserPrincipal(ref, tuple(owned.lower() for owned in owns))

    def check(self) -> list[CheckMessage]:
        """Find malformed entries, and kinds of access that this portal doesn't serve."""
        problems: list[CheckMessage] = []
        entries = current().get(WHERE, [])
        try:
            list(_static_tokens(entries))
        except ConfigError as error:
            problems.append(Error(str(error), id="portal.E301"))
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            kind = entry.get("type") if isinstance(entry, Mapping) else None
            if kind in {"legacy", "jwks"}:
                problems.append(
                    checks.Warning(
                        f"{WHERE}[{index}] has the type '{kind}', which isn't served yet: its tokens are refused.",
                        hint="Use type 'static' with a token and a subject.",
                        id="portal.W301",
                    )
                )
        return problems


def _static_tokens(entries: Any) -> Iterator[StaticToken]:
    if not isinstance(entries, list):
        raise ConfigError(f"{WHERE} must be a list of {{type, options}}.")
    for index, entry in enumerate(entries):
        where = f"{WHERE}[{index}]"
        if not isinstance(entry, Mapping) or entry.get("type") not in {"static", "legacy", "jwks"}:
            raise ConfigError(f"{where}.type must be one of static, legacy, jwks.")
        if entry["type"] != "static":
            continue
        options = entry.get("options") or {}
        token, subject = options.get("token"), options.get("subject")
        if not isinstance(token, str) or len(token) < MIN_TOKEN_LENGTH or any(c.isspace() for c in token):
            raise ConfigError(f"{where}.options.token must be at least {MIN_TOKEN_LENGTH} characters without spaces.")
        if not isinstance(subject, str) or not subject or any(c.isspace() for c in subject):
            raise ConfigError(f"{where}.options.subject must be a name without spaces.")
        restrictions = tuple(_restrictions(entry.get("accessRestrictions"), where))
        yield StaticToken(token.encode(), ServicePrincipal(subject, restrictions))


def _restrictions(entries: Any, where: str) -> Iterator[AccessRestriction]:
    if entries is None:
        return
    where = f"{where}.accessRestrictions"
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{where} must be a list of at least one {{plugin, permission?, permissionAttribute?}}.")
    seen = set()
    for index, entry in enumerate(entries):
        plugin_id = entry.get("plugin") if isinstance(entry, Mapping) else None
        if not isinstance(plugin_id, str) or not plugin_id:
            raise ConfigError(f"{where}[{index}].plugin must name a plugin.")
        if plugin_id in seen:
            raise ConfigError(f"{where} names plugin '{plugin_id}' twice; put everything about it into one entry.")
        seen.add(plugin_id)
        attributes = entry.get("permissionAttribute") or {}
        yield AccessRestriction(plugin_id, _names(entry.get("permission")), _names(attributes.get("action")))


def _names(value: Any) -> frozenset[str]:
    """Read a list of names, or one text with names between commas or spaces."""
    if value is None:
        return frozenset()
    if isinstance(value, str):
        return frozenset(value.replace(",", " ").split())
    return frozenset(str(item) for item in value)
