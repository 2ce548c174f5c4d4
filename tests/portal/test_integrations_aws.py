"""The section ``aws``: whose credentials are for which account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.config import Config
from portal.errors import ConfigError, InputError
from portal.integrations.aws_accounts import AwsAccounts
from portal.integrations.aws_sessions import client_settings
from tests.portal.source_hosts.aws_services import MAIN_ACCOUNT, FakeAws

OTHER = "444455556666"
MAIN = {"accessKeyId": "AKIAMAIN", "secretAccessKey": " main-secret\n"}
OWN = {"accessKeyId": "AKIAOTHER", "secretAccessKey": "other-secret"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """A token service, and a machine without credentials."""
    aws = FakeAws()
    aws.used_by(monkeypatch)
    yield aws
    aws.server.close()


def accounts(**section: Any) -> AwsAccounts:
    """Return the accounts of a section."""
    return AwsAccounts.from_config(Config.of({"aws": section}))


def key_of(accounts: AwsAccounts, account_id: str | None = None) -> str:
    """Return the id of the key that a session signs with."""
    key: str = accounts.session(account_id).get_credentials().get_frozen_credentials().access_key
    return key


def test_the_main_account_counts_where_none_is_named(aws: FakeAws) -> None:
    assert key_of(accounts(mainAccount=MAIN)) == "AKIAMAIN"
    assert aws.server.asked == []


def test_an_account_may_have_keys_of_its_own(aws: FakeAws) -> None:
    assert key_of(accounts(mainAccount=MAIN, accounts=[{"accountId": OTHER, **OWN}]), OTHER) == "AKIAOTHER"


@pytest.mark.parametrize(("keys", "asks"), [({}, "AKIAMAIN"), (OWN, "AKIAOTHER")])
def test_a_role_is_asked_for_with_its_own_keys_or_the_main_accounts(
    aws: FakeAws, keys: dict[str, str], asks: str
) -> None:
    entry = {"accountId": OTHER, "roleName": "reader", "externalId": "ours", "partition": "aws-cn", **keys}
    assert key_of(accounts(mainAccount=MAIN, accounts=[entry]), OTHER) == "ASIALENT"
    assert aws.roles == [(f"arn:aws-cn:iam::{OTHER}:role/reader", "ours")]
    assert f"Credential={asks}/" in (aws.server.asked[0].authorization or "")


def test_a_role_may_be_for_all_accounts_that_are_not_named(aws: FakeAws) -> None:
    some = accounts(mainAccount=MAIN, accounts=[{"accountId": OTHER, **OWN}], accountDefaults={"roleName": "reader"})
    assert key_of(some, "777788889999") == "ASIALENT"
    assert key_of(some, OTHER) == "AKIAOTHER"
    assert aws.roles == [("arn:aws:iam::777788889999:role/reader", None)]


def test_a_token_in_a_file_may_ask_for_a_role(aws: FakeAws, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a.b.c")
    entry = {"accountId": OTHER, "roleName": "reader", "webIdentityTokenFile": str(tmp_path / "token")}
    assert key_of(accounts(accounts=[entry]), OTHER) == "ASIALENT"
    assert aws.roles == [(f"arn:aws:iam::{OTHER}:role/reader", "a.b.c")]


def test_a_profile_is_taken_from_the_files_of_awss_programs(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text("[acme]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert key_of(accounts(mainAccount={"profile": "acme"})) == "AKIAPROFILE"


def test_an_account_that_is_not_named_may_be_the_main_one(aws: FakeAws) -> None:
    assert key_of(accounts(mainAccount=MAIN), MAIN_ACCOUNT) == "AKIAMAIN"
    with pytest.raises(InputError, match=rf"{OTHER} isn't the main one, which is {MAIN_ACCOUNT}.*aws\.accounts"):
        accounts(mainAccount=MAIN).session(OTHER)


def test_keys_that_do_not_hold_are_named(aws: FakeAws) -> None:
    wrong = accounts(mainAccount={**MAIN, "secretAccessKey": "wrong"})
    with pytest.raises(InputError, match=r"credentials of aws\.mainAccount: SignatureDoesNotMatch"):
        wrong.session(OTHER)


def test_a_session_can_be_used(aws: FakeAws) -> None:
    client = (
        accounts(mainAccount=MAIN).session().create_client("sts", region_name="eu-west-1", config=client_settings())
    )
    assert client.get_caller_identity()["Account"] == MAIN_ACCOUNT


def test_what_is_secret_is_not_in_a_representation() -> None:
    some = accounts(mainAccount=MAIN, accounts=[{"accountId": OTHER, "roleName": "a", "externalId": "ours"}])
    assert "main-secret" not in repr(some)
    assert "ours" not in repr(some)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"accountId": 444455556666}, "accountId"),
        ({"accountId": "4444"}, "accountId: must be the account's number of 12 digits"),
        ({"accessKeyId": "a"}, r"aws\.accounts\[0\]\.accessKeyId: needs secretAccessKey"),
        ({"secretAccessKey": "a"}, r"aws\.accounts\[0\]\.secretAccessKey: needs accessKeyId"),
        ({"externalId": "a"}, "externalId: needs roleName"),
        ({"region": "a"}, "region: needs roleName"),
        ({"partition": "a"}, "partition: needs roleName"),
        ({"webIdentityTokenFile": "a"}, "webIdentityTokenFile: needs roleName"),
        ({"profile": "a", **OWN}, "profile: can't stand beside accessKeyId"),
        ({"profile": "a", "roleName": "b"}, "profile: can't stand beside roleName"),
        ({"webIdentityTokenFile": "a", "roleName": "b", "externalId": "c"}, "can't stand beside externalId"),
    ],
)
def test_a_mistake_is_named(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        accounts(accounts=[{"accountId": OTHER, **entry}])


def test_an_account_is_named_once() -> None:
    with pytest.raises(ConfigError, match=r"aws\.accounts\[1\].*the same as in aws\.accounts\[0\]"):
        accounts(accounts=[{"accountId": OTHER}, {"accountId": OTHER}])


def test_the_main_account_may_have_a_region_alone() -> None:
    assert accounts(mainAccount={"region": "eu-west-1"}).main.region == "eu-west-1"
