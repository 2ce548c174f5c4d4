"""What the integrations of AWS's services have in common: credentials, and clients that sign requests with them."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar, Self

from portal import http_client
from portal.config import Config
from portal.integrations.aws_accounts import AwsAccounts
from portal.integrations.aws_sessions import (
    Asking,
    acting_session,
    client_settings,
    new_session,
    require_botocore,
    translated_errors,
)
from portal.integrations.base import ScmIntegration, secret

if TYPE_CHECKING:
    from botocore.session import Session


class AwsIntegration(ScmIntegration):
    """A service of AWS: ``accessKeyId, secretAccessKey, roleArn, externalId`` in its entry.

    Without keys those of the main account in the section ``aws`` count. Needs the extra ``s3``.
    """

    #: What botocore calls it.
    service: ClassVar[str]
    credential_keys = "accessKeyId and secretAccessKey"

    #: Where requests go; None: where AWS has the service.
    endpoint: str | None = None

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.access_key_id = secret(entry, "accessKeyId")
        self.secret_access_key = secret(entry, "secretAccessKey")
        self.role_arn = entry.get_str("roleArn", None)
        self.external_id = entry.get_str("externalId", None)
        if bool(self.access_key_id) != bool(self.secret_access_key):
            set_, missing = (
                ("accessKeyId", "secretAccessKey") if self.access_key_id else ("secretAccessKey", "accessKeyId")
            )
            raise entry.error(set_, f"needs {missing} beside it: they go together.")
        self.accounts = AwsAccounts()
        self._account: str | None = None
        self._session: Session | None = None
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    @classmethod
    def read_all(cls, config: Config, *, transport: http_client.BaseTransport | None = None) -> tuple[Self, ...]:
        """Return the configured entries, which know the section ``aws``."""
        found = super().read_all(config, transport=transport)
        accounts = AwsAccounts.from_config(config)
        for one in found:
            one.accounts = accounts
        return found

    def for_account(self, account_id: str) -> Self:
        """Return the same with the credentials that the section ``aws`` has for an account, in place of its own."""
        other = copy(self)
        other.access_key_id = other.secret_access_key = other.role_arn = None
        other._account = account_id
        other._session, other._clients, other._lock = None, {}, threading.Lock()
        return other

    def client(self, region: str) -> Any:
        """Return botocore's client of the service for a region; threads may share it.

        Raises ``ConfigError`` if botocore isn't installed, ``InputError`` for an account that isn't configured.
        """
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._new_client(region)
            return self._clients[region]

    def translated_errors(self, about: str) -> AbstractContextManager[None]:
        """Turn botocore's errors into the portal's; ``about`` is the URL that is read."""
        has_keys = self.access_key_id is not None or self._account is not None
        return translated_errors(Asking(about, self.host, self.credential_key, self.advice(), has_keys))

    @property
    def credential_key(self) -> str:
        """Where the credentials are configured that count, for messages."""
        return self.key if self._account is None else f"the section aws for the account {self._account}"

    def _settings(self) -> dict[str, Any]:
        """Return what clients of this service need to know."""
        return {}

    def _new_client(self, region: str) -> Any:
        if self._session is None:
            require_botocore(self.key)
            self._session = self._new_session(region)
        return self._session.create_client(
            self.service, region_name=region, endpoint_url=self.endpoint, config=client_settings(**self._settings())
        )

    def _new_session(self, region: str) -> Session:
        if self.access_key_id:
            own = new_session(access_key_id=self.access_key_id, secret_access_key=self.secret_access_key)
        else:
            own = self.accounts.session(self._account)
        if not self.role_arn:
            return own
        return acting_session(own, role_arn=self.role_arn, region=region, external_id=self.external_id)
