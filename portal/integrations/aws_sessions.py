"""botocore's sessions, which give AWS's clients their credentials, and what botocore's errors mean.

botocore is the extra ``s3``; it is imported only here, and when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from portal import http_client
from portal.errors import ConfigError, InputError, NotFoundError, NotModifiedError, PortalError, ServiceUnavailableError
from portal.extras import install_command

if TYPE_CHECKING:
    from botocore.config import Config as ClientConfig
    from botocore.session import Session

DEFAULT_REGION = "us-east-1"
#: What AWS's logs call the portal when it acts in a role.
SESSION_NAME = "greenroom"
#: What services call too many requests, besides the status 429.
THROTTLED = {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"}
#: What services that answer all errors with the status 400 call a lack of permission.
DENIED = {"AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException"}


def require_botocore(key: str) -> None:
    """Raise ``ConfigError`` if botocore isn't installed; ``key`` is what needs it."""
    try:
        import botocore.session  # noqa: F401 (asks whether it is there)
    except ImportError as error:
        raise ConfigError(f"{key} needs the package botocore: {install_command('s3')}.", cause=error) from error


@cache
def _descriptions() -> Any:
    """Return what botocore knows of AWS's services, so that several sessions read it from disk once."""
    from botocore.loaders import create_loader

    return create_loader()


def new_session(
    *, access_key_id: str | None = None, secret_access_key: str | None = None, profile: str | None = None
) -> Session:
    """Return a session with these keys, or with those of a profile in ``~/.aws``.

    Without either: those that every AWS program uses, from the environment, ``~/.aws``, the machine's role.
    """
    from botocore.session import Session

    session = Session(profile=profile)
    session.register_component("data_loader", _descriptions())
    if access_key_id and secret_access_key:
        session.set_credentials(access_key_id, secret_access_key)
    return session


def acting_session(own: Session, *, role_arn: str, region: str, external_id: str | None = None) -> Session:
    """Return a session with the credentials of a role, for which ``own`` asks at ``region``'s token service."""
    from botocore.credentials import AssumeRoleCredentialFetcher

    extra = {"RoleSessionName": SESSION_NAME} | ({"ExternalId": external_id} if external_id else {})
    new_client = partial(own.create_client, region_name=region)
    return _borrowing(AssumeRoleCredentialFetcher(new_client, own.get_credentials(), role_arn, extra_args=extra))


def trusted_session(*, token_file: str, role_arn: str, region: str) -> Session:
    """Return a session with the credentials of a role, for which a token in a file (OpenID Connect) asks."""
    from botocore.credentials import AssumeRoleWithWebIdentityCredentialFetcher
    from botocore.utils import FileWebIdentityTokenLoader

    new_client = partial(new_session().create_client, region_name=region)
    return _borrowing(
        AssumeRoleWithWebIdentityCredentialFetcher(
            new_client,
            FileWebIdentityTokenLoader(token_file),
            role_arn,
            extra_args={"RoleSessionName": SESSION_NAME},
        )
    )


def _borrowing(fetcher: Any) -> Session:
    """Return a session whose credentials a fetcher gets, when they are first needed and before they end."""
    from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials

    class RoleProvider(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> Any:
            return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)

    session = new_session()
    session.register_component("credential_provider", CredentialResolver([RoleProvider()]))
    return session


def client_settings(**specific: Any) -> ClientConfig:
    """Return how clients behave: patience, retries, what they call themselves; ``specific`` is for one service."""
    from botocore.config import Config as ClientConfig

    return ClientConfig(
        connect_timeout=http_client.CONNECT_TIMEOUT,
        read_timeout=http_client.READ_TIMEOUT,
        max_pool_connections=50,
        user_agent_extra=http_client.USER_AGENT,
        retries={"mode": "standard", "max_attempts": 2},
        **specific,
    )


@dataclass(frozen=True)
class Asking:
    """Who is asked for what, for messages."""

    #: What is read: a URL, or a few words.
    about: str
    host: str
    #: Where its credentials are configured.
    key: str
    #: The sentence that says how to configure them.
    advice: str
    #: Whether some are configured there, as opposed to those of the machine.
    has_keys: bool


@contextmanager
def translated_errors(asking: Asking) -> Iterator[None]:
    """Turn botocore's errors into the portal's."""
    require_botocore(f"{asking.about} can't be read: {asking.key}")
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(asking, error.response) from error
    except exceptions.NoCredentialsError as error:
        raise InputError(
            f"{asking.about} can't be read: there are no credentials for it. {asking.advice} Those that AWS's "
            f"programs use will do as well."
        ) from error
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise ServiceUnavailableError(f"{asking.about} can't be reached: {error}", cause=error) from error
    except exceptions.BotoCoreError as error:
        raise InputError(f"{asking.about} can't be read: {error}", cause=error) from error


def _refusal(asking: Asking, response: Any) -> PortalError:
    status, code = response["ResponseMetadata"]["HTTPStatusCode"], response["Error"].get("Code", "")
    said = f"{code or status}: {response['Error'].get('Message', '')}".rstrip(": ")
    if status == 304:
        return NotModifiedError(f"{asking.about} is unchanged.")
    if status == 404 or code.endswith("DoesNotExistException"):
        return NotFoundError(f"There is nothing at {asking.about} ({said}).")
    if status >= 500 or status == 429 or code in THROTTLED:
        return ServiceUnavailableError(f"{asking.about} can't be read now: {asking.host} answered {said}.")
    if (status in {401, 403} or code in DENIED) and not asking.has_keys:
        return InputError(f"{asking.about} can't be read: {asking.host} answered {said}. {asking.advice}")
    return InputError(f"{asking.about} can't be read with the credentials of {asking.key}: {said}.")
