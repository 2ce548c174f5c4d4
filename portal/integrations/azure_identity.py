"""Tokens for Azure's services from the identity of the machine or container that the portal runs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from portal.errors import ConfigError, InputError
from portal.extras import install_command
from portal.integrations.credentials import Token

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

#: Azure DevOps, as Microsoft's token service knows it.
SCOPE = "499b84ac-1321-427f-aa17-267ca6975798/.default"
#: Under which a managed identity asks for a token in place of an application.
EXCHANGE_SCOPE = "api://AzureADTokenExchange/.default"


def managed_identity_token(fields: Mapping[str, str], key: str) -> Token:
    """Return a token of a managed identity, or of the application that it stands for if ``fields`` name one.

    Needs the extra ``azure``: raises ``ConfigError`` without it, ``InputError`` if the machine has no such identity.
    """
    _require_package(key)
    from azure.identity import ClientAssertionCredential, ManagedIdentityCredential

    def identity(client_id: str) -> ManagedIdentityCredential:
        return ManagedIdentityCredential(client_id=None if client_id == "system-assigned" else client_id)

    if "managedIdentityClientId" not in fields:
        return _token(identity(fields["clientId"]), SCOPE, key)
    own = identity(fields["managedIdentityClientId"])
    application = ClientAssertionCredential(
        fields["tenantId"], fields["clientId"], lambda: own.get_token(EXCHANGE_SCOPE).token
    )
    return _token(application, SCOPE, key)


def default_token(scope: str, key: str) -> Token:
    """Return a token of whatever Azure's programs find: the environment's identity, the machine's, ``az login``'s.

    Needs the extra ``azure``: raises ``ConfigError`` without it, ``InputError`` if there is no identity.
    """
    _require_package(key)
    from azure.identity import DefaultAzureCredential

    return _token(DefaultAzureCredential(), scope, key)


def _require_package(key: str) -> None:
    try:
        import azure.identity  # noqa: F401 (asks whether it is there)
    except ImportError as error:
        raise ConfigError(
            f"{key} needs the package azure-identity: {install_command('azure')}.", cause=error
        ) from error


def _token(credential: TokenCredential, scope: str, key: str) -> Token:
    from azure.core.exceptions import ClientAuthenticationError

    try:
        token = credential.get_token(scope)
    except ClientAuthenticationError as error:
        raise InputError(f"There is no token for {key}: {error.message}", cause=error) from error
    return Token(token.token, float(token.expires_on))
