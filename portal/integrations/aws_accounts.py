"""The section ``aws``: which credentials are for which AWS account (Backstage's ``integration-aws-node``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from portal.config import Config, current
from portal.errors import InputError
from portal.integrations.aws_sessions import (
    DEFAULT_REGION,
    Asking,
    acting_session,
    client_settings,
    new_session,
    require_botocore,
    translated_errors,
    trusted_session,
)
from portal.integrations.base import secret

if TYPE_CHECKING:
    from botocore.session import Session

#: What makes sense only beside something else.
_NEEDS = {
    "accessKeyId": "secretAccessKey",
    "secretAccessKey": "accessKeyId",
    "externalId": "roleName",
    "region": "roleName",
    "partition": "roleName",
    "webIdentityTokenFile": "roleName",
}
#: What says two different things of where the credentials come from.
_EXCLUDES = (
    ("profile", "accessKeyId"),
    ("profile", "roleName"),
    ("webIdentityTokenFile", "accessKeyId"),
    ("webIdentityTokenFile", "profile"),
    ("webIdentityTokenFile", "externalId"),
)


@dataclass(frozen=True)
class AwsAccount:
    """How to get at one account: keys, a profile of ``~/.aws``, or a role to act in; none of them: the machine's own.

    A role is asked for with the keys beside it, with the token in a file, or with what the main account has.
    """

    #: Where it is configured.
    key: str
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    profile: str | None = None
    role_name: str | None = None
    #: Where tokens for the role are asked for.
    region: str = DEFAULT_REGION
    partition: str = "aws"
    external_id: str | None = field(default=None, repr=False)
    token_file: str | None = None

    @classmethod
    def read(cls, entry: Config, key: str, *, is_main: bool = False) -> AwsAccount:
        """Read an entry. Raises ``ConfigError`` for the first combination that makes no sense."""
        for name, other in _NEEDS.items():
            # The main account's region is that of its own token service.
            if entry.has(name) and not entry.has(other) and not (is_main and name == "region"):
                raise entry.error(name, f"needs {other} beside it.")
        for name, other in _EXCLUDES:
            if entry.has(name) and entry.has(other):
                raise entry.error(name, f"can't stand beside {other}: use one of them.")
        return cls(
            key,
            access_key_id=secret(entry, "accessKeyId"),
            secret_access_key=secret(entry, "secretAccessKey"),
            profile=entry.get_str("profile", None),
            role_name=entry.get_str("roleName", None),
            region=entry.get_str("region", DEFAULT_REGION),
            partition=entry.get_str("partition", "aws"),
            external_id=entry.get_str("externalId", None),
            token_file=entry.get_str("webIdentityTokenFile", None),
        )

    def own_session(self) -> Session:
        """Return a session with the keys or the profile, or with what the machine has."""
        return new_session(
            access_key_id=self.access_key_id, secret_access_key=self.secret_access_key, profile=self.profile
        )


@dataclass(frozen=True)
class AwsAccounts:
    """All accounts that are configured, the main one, and what holds for those that aren't named."""

    main: AwsAccount = AwsAccount("aws.mainAccount")
    by_id: dict[str, AwsAccount] = field(default_factory=dict)
    #: Has a role, or says nothing.
    defaults: AwsAccount = AwsAccount("aws.accountDefaults")

    @classmethod
    def from_config(cls, config: Config) -> AwsAccounts:
        """Read the section. Raises ``ConfigError`` for the first mistake in it."""
        by_id: dict[str, AwsAccount] = {}
        for position, entry in enumerate(config.children("aws.accounts")):
            account_id = read_account_id(entry, "accountId")
            if account_id in by_id:
                raise entry.error(
                    "accountId", f"is the same as in {by_id[account_id].key}; each account is named once."
                )
            by_id[account_id] = AwsAccount.read(entry, f"aws.accounts[{position}]")
        return cls(
            main=AwsAccount.read(config.child("aws.mainAccount"), "aws.mainAccount", is_main=True),
            by_id=by_id,
            defaults=AwsAccount.read(config.child("aws.accountDefaults"), "aws.accountDefaults"),
        )

    def knows(self, account_id: str) -> bool:
        """Say whether the section says how to get at an account, be it by what holds for all."""
        return account_id in self.by_id or self.defaults.role_name is not None

    def session(self, account_id: str | None = None) -> Session:
        """Return a new session with the credentials for an account, by default the main one.

        Raises ``InputError`` for an account that the section doesn't know and that isn't the main one: that one is
        asked which it is. Raises ``ConfigError`` if botocore isn't installed.
        """
        require_botocore("The section aws")
        if account_id is None:
            return self.main.own_session()
        if self.knows(account_id):
            return self._session_of(account_id, self.by_id.get(account_id, self.defaults))
        session = self.main.own_session()
        self._require_account(session, account_id)
        return session

    def _session_of(self, account_id: str, account: AwsAccount) -> Session:
        if account.role_name is None:
            return account.own_session()
        role_arn = f"arn:{account.partition}:iam::{account_id}:role/{account.role_name}"
        if account.token_file is not None:
            return trusted_session(token_file=account.token_file, role_arn=role_arn, region=account.region)
        own = account if account.access_key_id else self.main
        return acting_session(
            own.own_session(), role_arn=role_arn, region=account.region, external_id=account.external_id
        )

    def _require_account(self, session: Session, account_id: str) -> None:
        advice = f"Add '- accountId: \"{account_id}\"' to aws.accounts, or set aws.accountDefaults.roleName."
        about = f"The AWS account {account_id}"
        asking = Asking(about, "AWS", self.main.key, advice, has_keys=self.main.access_key_id is not None)
        with translated_errors(asking):
            client = session.create_client("sts", region_name=self.main.region, config=client_settings())
            main = client.get_caller_identity()["Account"]
        if main != account_id:
            raise InputError(f"{about} isn't the main one, which is {main}, and isn't configured. {advice}")


def read_account_id(entry: Config, name: str) -> str:
    """Return the number of an account. Raises ``ConfigError`` if it is none."""
    account_id = entry.get_str(name)
    if not (account_id.isdecimal() and len(account_id) == 12):
        raise entry.error(name, "must be the account's number of 12 digits, in quotation marks.")
    return account_id


def aws_accounts(config: Config | None = None) -> AwsAccounts:
    """Return the accounts of a configuration, by default the process's."""
    return _of(current() if config is None else config)


@lru_cache(maxsize=4)
def _of(config: Config) -> AwsAccounts:
    return AwsAccounts.from_config(config)
