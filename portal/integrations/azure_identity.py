"""Tokens for Azure's services from the identity of the machine or container that the portal runs on."""

from __future__ import annotations

from collections.abc import Mapping

from portal.errors import ConfigError, InputError
from portal.integrations.credentials import Token

#: Azure DevOps, as Microsoft's token service knows it.
SCOPE = "499b84ac-1321-427f-aa17-267ca6975798/.default"
#: Under which a managed identity asks for a token in place of an application.
EXCHANGE_SCOPE = "api://AzureADTokenExchange/.default"


def managed_identity_token(fields: Mapping[str, str], key: str) -> Token:
    """Return a token of a managed identity, or of the application that it stands for if ``fields`` name one.

    Needs the extra ``azure``: raises ``ConfigError`` without it, ``InputError`` if the machine has no such identity.
    """
    try:
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import ClientAssertionCredential, ManagedIdentityCredential
    except ImportError as error:
        raise ConfigError(f"{key} needs the package azure-identity. Install greenroom[azure].", cause=error) from error

    def identity(client_id: str) -> ManagedIdentityCredential:
        return ManagedIdentityCredential(client_id=None if client_id == "system-assigned" else client_id)

    credential: ClientAssertionCredential | ManagedIdentityCredential
    if "managedIdentityClientId" in fields:
        own = identity(fields["managedIdentityClientId"])
        credential = ClientAssertionCredential(
            fields["tenantId"], fields["clientId"], lambda: own.get_token(EXCHANGE_SCOPE).token
        )
    else:
        credential = identity(fields["clientId"])
    try:
        token = credential.get_token(SCOPE)
    except ClientAuthenticationError as error:
        raise InputError(f"There is no token for {key}: {error.message}", cause=error) from error
    return Token(token.token, float(token.expires_on))


def default_token(scope: str, key: str) -> Token:
    """Return a token of whatever Azure's programs find: the environment's identity, the machine's, ``az login``'s.

    Needs the extra ``azure``: raises ``ConfigError`` without it, ``InputError`` if there is no identity.
    """
    try:
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import DefaultAzureCredential
    except ImportError as error:
        raise ConfigError(f"{key} needs the package azure-identity. Install greenroom[azure].", cause=error) from error
    try:
        token = DefaultAzureCredential().get_token(scope)
    except ClientAuthenticationError as error:
        raise InputError(f"There is no token for {key}: {error.message}", cause=error) from error
    return Token(token.token, float(token.expires_on))
