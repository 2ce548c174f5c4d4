"""The module that takes the objects in a bucket for catalog files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.catalog.modules.aws_s3.provider import bucket_url
from portal.config import Config
from portal.errors import ConfigError, InputError, NotFoundError, ServiceUnavailableError
from portal.integrations import scm_integrations
from portal.plugins import ModuleFailed
from portal.services.scheduler import RunStopped, StopReason
from tests.catalog.modules.kit import installed, refresh, running, scheduled, targets, task_ids, unprocessed
from tests.portal.source_hosts.object_stores import FakeAwsS3
from tests.portal.source_hosts.server import Answer

MODULE = "apps.catalog.modules.aws_s3"
NAME = "awsS3-provider:default"
NAMED = {"aws": {"accounts": [{"accountId": "444455556666", **FakeAwsS3.secrets}]}}
FILES = ("a.yaml", "b.yaml", "teams/web/catalog info.yaml", "teams/web/", "teams/web/readme#1.yaml", "z.yaml")


@pytest.fixture
def store() -> Iterator[FakeAwsS3]:
    """A store that checks signatures, whose pages have three objects; one object stands for a folder."""
    store = FakeAwsS3()
    store.repository.files = dict.fromkeys(FILES, b"")
    yield store
    store.server.close()


def config(store: FakeAwsS3, entry: dict[str, Any] | None = None, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider; ``entry`` changes that of the integration."""
    own = {"endpoint": store.endpoint, "s3ForcePathStyle": True, **store.secrets, **(entry or {})}
    one = {"bucketName": "shop", **provider}
    return {"integrations": {"awsS3": [own]}, "catalog": {"providers": {"awsS3": one}}}


def found(store: FakeAwsS3, entry: dict[str, Any] | None = None, **provider: Any) -> set[str]:
    """Run a provider and return what it has found, without the bucket's address."""
    with installed(MODULE, config(store, entry, **provider)):
        refresh(NAME)
    return {target.removeprefix(f"{store.endpoint}/shop/") for target in targets()}


# A run


def test_each_object_of_each_page_becomes_a_location_of_the_provider(store: FakeAwsS3) -> None:
    wanted = {"a.yaml", "b.yaml", "teams/web/catalog%20info.yaml", "teams/web/readme%231.yaml", "z.yaml"}
    assert found(store) == wanted
    assert len(store.asked) == 2
    (location,) = [one for one in unprocessed().values() if one["spec"]["target"].endswith("a.yaml")]
    url = f"{store.endpoint}/shop/a.yaml"
    assert location["key"] == NAME
    assert location["spec"] == {"type": "url", "target": url, "presence": "required"}
    assert location["metadata"]["annotations"] == {
        "backstage.io/managed-by-location": f"url:{url}",
        "backstage.io/managed-by-origin-location": f"url:{url}",
    }


def test_a_prefix_chooses_objects(store: FakeAwsS3) -> None:
    assert found(store, prefix="teams/web/r") == {"teams/web/readme%231.yaml"}


def test_an_object_that_is_gone_is_removed_at_the_next_run(store: FakeAwsS3) -> None:
    found(store)
    del store.repository.files["a.yaml"]
    assert "a.yaml" not in found(store)
    assert len(targets()) == 4


def test_an_account_of_the_section_aws_lists_with_its_own_keys(store: FakeAwsS3) -> None:
    wrong = {"secretAccessKey": "another"}
    with installed(MODULE, config(store, wrong, accountId="444455556666") | NAMED):
        refresh(NAME)
    assert len(targets()) == 5


def test_keys_of_the_section_aws_that_do_not_hold_are_named(store: FakeAwsS3) -> None:
    accounts = {"aws": {"accounts": [{**NAMED["aws"]["accounts"][0], "secretAccessKey": "another"}]}}
    with (
        installed(MODULE, config(store, accountId="444455556666") | accounts),
        pytest.raises(InputError, match="section aws for the account 444455556666: SignatureDoesNotMatch"),
    ):
        refresh(NAME)


# What goes wrong


def test_a_bucket_that_is_not_there_leaves_everything_as_it_is(store: FakeAwsS3) -> None:
    found(store)
    with pytest.raises(NotFoundError, match="NoSuchBucket"):
        found(store, bucketName="shops")
    assert len(targets()) == 5


def test_keys_that_do_not_hold_are_named(store: FakeAwsS3) -> None:
    with pytest.raises(InputError, match=r"integrations\.awsS3\[0\].*SignatureDoesNotMatch"):
        found(store, {"secretAccessKey": "another"})
    assert targets() == set()


def test_a_store_that_fails_changes_nothing(store: FakeAwsS3) -> None:
    found(store)
    store.repository.files.clear()
    store.fault = Answer(b"", 501)
    with pytest.raises(ServiceUnavailableError, match="501"):
        found(store)
    assert len(targets()) == 5


def test_a_run_that_is_stopped_changes_nothing(store: FakeAwsS3) -> None:
    with running() as run:
        run.stop(StopReason.SHUTDOWN)
        with pytest.raises(RunStopped):
            found(store)
    assert targets() == set()


# Addresses


@pytest.mark.parametrize(
    ("entry", "bucket", "region", "url"),
    [
        ({}, "shop", "eu-west-1", "https://shop.s3.eu-west-1.amazonaws.com/"),
        ({}, "shop.acme", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/shop.acme/"),
        ({}, "shop", None, "https://shop.s3.us-east-1.amazonaws.com/"),
        ({"endpoint": "http://store.acme.example:9000"}, "shop", None, "http://shop.store.acme.example:9000/"),
        (
            {"endpoint": "http://store.acme.example:9000", "s3ForcePathStyle": True},
            "shop",
            "eu-west-1",
            "http://store.acme.example:9000/shop/",
        ),
    ],
)
def test_a_bucket_is_where_it_is_read_from(
    entry: dict[str, Any],
    bucket: str,
    region: str | None,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    integration = next(iter(scm_integrations(Config.of({"integrations": {"awsS3": [entry]}})).aws_s3))
    assert bucket_url(integration, bucket, region) == url
    assert integration.serves(url)
    at = integration.locate(integration.file_url(url, "teams/a b.yaml"))
    assert (at.bucket, at.key) == (bucket, "teams/a b.yaml")


@pytest.mark.parametrize("given", ["AWS_REGION", "AWS_DEFAULT_REGION", "file"])
def test_a_region_that_is_not_configured_is_the_one_of_awss_programs(
    given: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-north-1\n" if given == "file" else "")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    if given != "file":
        monkeypatch.setenv(given, "eu-north-1")
    integration = next(iter(scm_integrations(Config.of({})).aws_s3))
    assert bucket_url(integration, "shop", None) == "https://shop.s3.eu-north-1.amazonaws.com/"


# Configuration


def test_a_provider_is_a_task_of_the_catalog_that_runs_every_half_an_hour_by_itself(store: FakeAwsS3) -> None:
    with installed(MODULE, config(store)):
        assert scheduled(f"{NAME}:refresh").frequency == {"minutes": 30}


def test_there_may_be_several_providers(store: FakeAwsS3) -> None:
    providers = {"one": {"bucketName": "shop"}, "two": {"bucketName": "pay"}}
    with installed(MODULE, {"catalog": {"providers": {"awsS3": providers}}}):
        assert {f"awsS3-provider:{name}:refresh" for name in providers} <= set(task_ids())


def test_an_account_is_the_one_of_the_role(store: FakeAwsS3) -> None:
    role = {"roleArn": "arn:aws:iam::111122223333:role/reader"}
    with installed(MODULE, config(store, role, accountId="111122223333")):
        assert f"{NAME}:refresh" in task_ids()
    with installed(MODULE, config(store, role, accountId="444455556666") | NAMED):
        assert f"{NAME}:refresh" in task_ids()
    with (
        pytest.raises(ModuleFailed, match=r"444455556666.*integrations\.awsS3\[0\]\.roleArn.*111122223333"),
        installed(MODULE, config(store, role, accountId="444455556666")),
    ):
        pass


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"bucketName": 7}, "bucketName"),
        ({"accountId": "acme"}, "accountId.*12 digits"),
        ({"accountId": 111122223333}, "accountId"),
        ({"schedule": {"frequency": "often", "timeout": "PT1M"}}, "schedule"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(store: FakeAwsS3, provider: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(store, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
