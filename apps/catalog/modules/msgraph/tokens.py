"""Tokens for Microsoft Graph."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from apps.catalog.modules.msgraph.conf import MicrosoftGraphConfig
from portal.errors import ConfigError, InputError
from portal.extras import install_command
from portal.integrations.credentials import Token, TokenCache, issue_by_secret


class Tokens:
    """Tokens for one run: by an application's secret, or whatever identity Azure's programs find."""

    def __init__(self, config: MicrosoftGraphConfig) -> None:
        """Get ready. Nobody is asked yet."""
        host = urlsplit(config.target)
        self._config = config
        self._scope = f"{host.scheme}://{host.hostname}/.default"
        self._cache = TokenCache()

    def get(self) -> str:
        """Return a token that lasts for a while.

        Raises ``InputError`` if there is none to be had, ``ConfigError`` without the package that finds an identity.
        """
        issue = self._issue_by_secret if self._config.client_secret else self._issue_by_identity
        return self._cache.get(self._config.key, issue)

    def _issue_by_secret(self) -> Token:
        config = self._config
        return issue_by_secret(
            f"{config.authority}/{quote(config.tenant, safe='')}/oauth2/v2.0/token",
            client_id=config.client_id or "",
            client_secret=config.client_secret or "",
            scope=self._scope,
            key=f"{config.key}.clientSecret",
        )

    def _issue_by_identity(self) -> Token:
        """Get a token as Azure's programs do: by the environment, a managed identity, or somebody's own login."""
        key = self._config.key
        try:
            from azure.core.exceptions import ClientAuthenticationError
            from azure.identity import DefaultAzureCredential
        except ImportError as error:
            raise ConfigError(
                f"{key} has no clientId and clientSecret. Set them, or install what finds the identity of the "
                f"machine: {install_command('azure')}.",
                cause=error,
            ) from error
        with DefaultAzureCredential(authority=self._config.authority) as credential:
            try:
                token = credential.get_token(self._scope, tenant_id=self._config.tenant)
            except ClientAuthenticationError as error:
                raise InputError(
                    f"{key} has no clientId and clientSecret, and no identity is found here that Azure knows. Set "
                    f"both, or give the machine an identity. Azure's programs say: {error.message}",
                    cause=error,
                ) from error
        return Token(token.token, float(token.expires_on))
