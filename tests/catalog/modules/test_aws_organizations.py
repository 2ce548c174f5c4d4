"""The module that reads the accounts of AWS organisations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from apps.catalog.models import FinalEntity, RefreshState
from apps.catalog.operations import connect_providers, delete_orphans, process_due, stitch_pending
from apps.catalog.processing import build_orchestrator
from portal.errors import ConfigError
from portal.plugins import ModuleFailed
from tests.catalog.modules.kit import installed
from tests.portal.source_hosts.aws_services import MAIN_ACCOUNT, ORGANIZATION, FakeAws, account, refusal

MODULE = "apps.catalog.modules.aws_organizations"
MAIN = {"accessKeyId": "AKIAMAIN", "secretAccessKey": "main-secret"}
LOCATION = f"aws-cloud-accounts:{ORGANIZATION}"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """An organisation of three accounts, listed two at a time."""
    aws = FakeAws()
    aws.used_by(monkeypatch, "ORGANIZATIONS")
    yield aws
    aws.server.close()


def config(target: str = ORGANIZATION, provider: dict[str, Any] | None = None, **aws: Any) -> dict[str, Any]:
    """Return a configuration with one location."""
    location = {"type": "aws-cloud-accounts", "target": target, "rules": [{"allow": ["Resource"]}]}
    processors = {"awsOrganization": {"provider": provider or {}}}
    return {"aws": {"mainAccount": MAIN, **aws}, "catalog": {"locations": [location], "processors": processors}}


def ingest(configuration: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Process everything, and return the Resources by name."""
    with installed(MODULE, configuration):
        connect_providers()
        RefreshState.objects.update(next_update_at="2000-01-01T00:00:00Z")
        orchestrator = build_orchestrator()
        while process_due(orchestrator):
            pass
        stitch_pending()
    found = [orjson.loads(text) for text in FinalEntity.objects.values_list("final_entity", flat=True) if text]
    return {entity["metadata"]["name"]: entity for entity in found if entity["kind"] == "Resource"}


def errors() -> list[str]:
    """Return what is wrong with the location."""
    text = RefreshState.objects.get(entity_ref__startswith="location:").errors
    return [error["message"] for error in orjson.loads(text or "[]")]


def test_each_account_of_each_page_becomes_a_resource(aws: FakeAws) -> None:
    found = ingest(config())
    assert set(found) == {"shop", "data-lake"}
    shop = found["shop"]
    arn = f"arn:aws:organizations::{MAIN_ACCOUNT}:account/{ORGANIZATION}/000000000001"
    assert shop["metadata"]["title"] == "Shop"
    assert shop["metadata"]["labels"] == {"amazonaws.com/account-status": "active"}
    assert shop["metadata"]["annotations"] == {
        "amazonaws.com/account-id": "000000000001",
        "amazonaws.com/arn": arn,
        "amazonaws.com/organization-id": ORGANIZATION,
        "amazonaws.com/account-email": "aws-1@acme.example",
        "backstage.io/managed-by-location": LOCATION,
        "backstage.io/managed-by-origin-location": LOCATION,
    }
    assert shop["spec"] == {"type": "cloud-account", "owner": "unknown"}
    assert {asked.headers["x-amz-target"] for asked in aws.server.asked} == {"AWSOrganizationsV20161128.ListAccounts"}


def test_a_name_that_an_entity_cant_have_is_an_error_of_that_account_alone(aws: FakeAws) -> None:
    ingest(config())
    state = RefreshState.objects.get(entity_ref="resource:default/sandbox--old-")
    assert '"metadata.name" is not valid' in orjson.loads(state.errors)[0]["message"]


def test_accounts_of_another_organisation_are_left_out(aws: FakeAws) -> None:
    assert ingest(config(target="o-other")) == {}
    assert errors() == []


def test_the_account_that_is_asked_may_be_another_one(aws: FakeAws) -> None:
    default: dict[str, Any] = {"accountDefaults": {"roleName": "reader"}}
    assert "shop" in ingest(config(provider={"accountId": "444455556666"}, **default))
    assert "shop" in ingest(config(provider={"roleArn": "arn:aws:iam::777788889999:role/any"}, **default))
    assert [role for role, _ in aws.roles] == [
        "arn:aws:iam::444455556666:role/reader",
        "arn:aws:iam::777788889999:role/reader",
    ]


def test_an_account_that_is_closed_goes(aws: FakeAws) -> None:
    aws.accounts = [account("Shop", 1), account("Pay", 2)]
    assert set(ingest(config())) == {"shop", "pay"}
    aws.accounts.pop()
    ingest(config())
    delete_orphans()
    assert set(FinalEntity.objects.filter(entity_ref__startswith="resource:").values_list("entity_ref", flat=True)) == {
        "resource:default/shop"
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", r"The organisation o-acme can't be read: .*AccessDenied.*Set aws\.mainAccount"),
        ("TooManyRequestsException", "can't be read now"),
        ("AWSOrganizationsNotInUseException", "AWSOrganizationsNotInUseException"),
    ],
)
def test_a_refusal_is_an_error_of_the_location_and_the_accounts_stay(aws: FakeAws, code: str, message: str) -> None:
    assert "shop" in ingest(config())
    aws.fault = refusal(code, "No.")
    assert "shop" in ingest(config())
    assert len(errors()) == 1
    assert re.search(message, errors()[0])


@pytest.mark.parametrize(
    ("provider", "message"),
    [({"accountId": "acme"}, "accountId.*12 digits"), ({"roleArn": "reader"}, "roleArn.*arn:aws:iam::")],
)
def test_a_mistake_in_the_configuration_is_named(provider: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(provider=provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
