"""What is particular about reading from object stores."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from portal.config import override_config
from portal.errors import ConfigError, InputError, NotAllowedError, NotFoundError, ServiceUnavailableError
from portal.integrations.credentials import Token
from portal.services.url_reader import PredicateUrlReader
from tests.portal.source_hosts.fake_host import FakeHost
from tests.portal.source_hosts.object_stores import FakeAwsS3, FakeAzureBlobStorage, FakeGoogleGcs
from tests.portal.source_hosts.reading import reader_of, running
from tests.portal.source_hosts.server import Answer, Asked


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[FakeAwsS3]:
    """A store that checks signatures. This machine has no credentials of its own."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    with running(FakeAwsS3) as host:
        yield host


def test_requests_are_signed_with_the_configured_keys(s3):
    assert reader_of(s3).read_url(s3.url("a b/100%/ü#1.md")).content == b"odd\n"
    [asked] = s3.asked
    assert asked.authorization is not None
    assert asked.authorization.startswith("AWS4-HMAC-SHA256 Credential=AKIATEST/")


def test_keys_that_do_not_hold_are_named(s3):
    with pytest.raises(InputError, match=r"with the credentials of integrations\.awsS3\[0\]: SignatureDoesNotMatch"):
        reader_of(s3, secretAccessKey="wrong").read_url(s3.url("README.md"))


def test_without_keys_those_of_the_machine_are_taken(s3, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3-secret")
    reader = reader_of(s3, accessKeyId=None, secretAccessKey=None)
    assert reader.read_url(s3.url("README.md")).content == b"# Shop\n"


def test_without_keys_those_of_the_main_account_are_taken(s3):
    entry = {"endpoint": s3.endpoint, "s3ForcePathStyle": True}
    with override_config({"integrations": {"awsS3": [entry]}, "aws": {"mainAccount": s3.secrets}}):
        assert PredicateUrlReader().read_url(s3.url("README.md")).content == b"# Shop\n"


def test_without_any_keys_the_ones_to_set_are_named(s3):
    with pytest.raises(InputError, match=r"no credentials for it. Set accessKeyId and secretAccessKey in integrations"):
        reader_of(s3, accessKeyId=None, secretAccessKey=None).read_url(s3.url("README.md"))


def test_a_bucket_that_is_not_there_is_not_found(s3):
    with pytest.raises(NotFoundError, match="NoSuchBucket"):
        reader_of(s3).read_url(f"{s3.endpoint}/other/README.md")
    with pytest.raises(NotFoundError, match="NoSuchBucket"):
        reader_of(s3).read_tree(f"{s3.endpoint}/other/docs")


def test_a_store_that_is_away_may_be_asked_later():
    with running(FakeAwsS3) as s3:
        reader, url = reader_of(s3), s3.url("README.md")
    with pytest.raises(ServiceUnavailableError, match="can't be reached"):
        reader.read_url(url)


def test_a_role_is_assumed_with_the_configured_keys(s3, monkeypatch):
    """The service that lends roles is at its own address; here it is the same server."""
    answer = s3.answer

    def lend(asked: Asked) -> Answer:
        if asked.method != "POST":
            assert asked.headers["x-amz-security-token"] == "lent"
            return answer(asked)
        assert b"RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Freader" in asked.body
        assert b"ExternalId=ours" in asked.body
        return Answer(
            b'<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
            b"<AccessKeyId>ASIALENT</AccessKeyId><SecretAccessKey>s3-secret</SecretAccessKey>"
            b"<SessionToken>lent</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>"
            b"</Credentials></AssumeRoleResult></AssumeRoleResponse>",
            headers={"Content-Type": "text/xml"},
        )

    monkeypatch.setattr(s3, "answer", lend)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3.endpoint)
    reader = reader_of(s3, roleArn="arn:aws:iam::1:role/reader", externalId="ours")
    for _ in range(2):
        assert reader.read_url(s3.url("README.md")).content == b"# Shop\n"
    assert [asked.method for asked in s3.asked] == ["POST", "GET", "GET"]
    assert "Credential=ASIALENT/" in (s3.asked[-1].authorization or "")


def test_the_package_that_is_missing_is_named(s3, monkeypatch):
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(ConfigError, match=r"botocore: .*\[s3\]"):
        reader_of(s3).read_url(s3.url("README.md"))


@pytest.mark.parametrize("kind", [FakeAwsS3, FakeAzureBlobStorage, FakeGoogleGcs])
def test_many_threads_share_a_reader(kind: type[FakeHost]):
    with running(kind) as host:
        reader, found = reader_of(host), []

        def read() -> None:
            for _ in range(5):
                found.append(reader.read_url(host.url("README.md")).content)
                found.append(reader.search(host.url("docs/*.md")).files[0].content)

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        reader.close()
    assert sorted(set(found)) == [b"# Docs\n", b"# Shop\n"]
    assert len(found) == 80


def test_google_is_read_from_only_if_it_is_configured():
    with running(FakeGoogleGcs) as gcs:
        with pytest.raises(NotAllowedError):
            PredicateUrlReader().read_url(gcs.url("README.md"))
        with override_config({"integrations": {"googleGcs": {}}}):
            assert [type(one).__name__ for one in PredicateUrlReader().readers if one.reads(gcs.url("README.md"))] == [
                "GoogleGcsReader"
            ]


def test_a_prefix_is_not_a_folder():
    with running(FakeGoogleGcs) as gcs:
        gcs.repository.files["docs-old/a.md"] = b"old"
        with reader_of(gcs).read_tree(gcs.url("docs")) as tree:
            assert [file.path for file in tree.files] == ["deep/page.md", "index.md"]


# Azure


@pytest.fixture
def azure() -> Iterator[FakeAzureBlobStorage]:
    """An account's blobs, for whoever signs with its key."""
    with running(FakeAzureBlobStorage) as host:
        host.signed = True
        yield host


CONNECTION = "DefaultEndpointsProtocol=https;AccountName=shop1;AccountKey={key};EndpointSuffix=core.windows.net"


@pytest.mark.parametrize(
    "entry",
    [
        {"accountKey": FakeAzureBlobStorage.key},
        {"connectionString": CONNECTION.format(key=FakeAzureBlobStorage.key), "accountName": None},
    ],
)
def test_requests_are_signed_with_the_accounts_key(azure, entry):
    reader = reader_of(azure, sasToken=None, **entry)
    assert reader.read_url(azure.url("a b/100%/ü#1.md")).content == b"odd\n"
    assert len(reader.search(azure.url("**/catalog-info.yaml")).files) == 3
    assert FakeAzureBlobStorage.key not in str([asked.query for asked in azure.asked])


def test_a_key_that_does_not_hold_is_named(azure):
    with pytest.raises(InputError, match=r"refuses it to the credentials of integrations\.azureBlobStorage\[0\]"):
        reader_of(azure, sasToken=None, accountKey="b3RoZXI=").read_url(azure.url("README.md"))


def test_a_given_signature_is_sent_along(azure):
    azure.signed = False
    reader_of(azure).read_url(azure.url("README.md"))
    reader_of(azure).read_tree(azure.url("docs")).close()
    assert {asked.query["sig"] for asked in azure.asked} == {"given"}


def test_an_application_asks_for_a_token(azure):
    azure.signed, azure.authorization = False, "Bearer azure-token"
    application = {"tenantId": "acme", "clientId": "portal", "clientSecret": "secret"}
    reader = reader_of(azure, sasToken=None, aadCredential=application)
    for _ in range(2):
        assert reader.read_url(azure.url("README.md")).content == b"# Shop\n"
    assert [asked.method for asked in azure.asked] == ["POST", "GET", "GET"]
    assert {asked.headers["x-ms-version"] for asked in azure.asked[1:]} == {"2019-12-12"}


def test_without_credentials_it_is_the_machines_identity(azure, monkeypatch):
    tokens: list[tuple[str, str]] = []

    def issue(scope: str, key: str) -> Token:
        tokens.append((scope, key))
        return Token("machine", 4e9)

    monkeypatch.setattr("portal.integrations.azure_blob_storage.default_token", issue)
    azure.signed, azure.authorization = False, "Bearer machine"
    assert reader_of(azure, sasToken=None).read_url(azure.url("README.md")).content == b"# Shop\n"
    assert tokens == [("https://storage.azure.com/.default", "integrations.azureBlobStorage[0]")]


def test_credentials_are_never_sent_unencrypted(azure):
    account = next(iter(azure.integrations(sasToken=None, accountKey=FakeAzureBlobStorage.key).azure_blob_storage))
    assert account.api_url("http://shop1.blob.core.windows.net/shop/a.md", "shop", "a.md").startswith(
        "https://shop1.blob.core.windows.net/shop/a.md?sp=rl&"
    )


def test_an_answer_that_is_no_list_is_a_fault_of_the_host(azure):
    azure.fault = Answer(b"<html>sign in")
    with pytest.raises(ServiceUnavailableError, match="did not answer with a list of blobs"):
        reader_of(azure).read_tree(azure.url("docs"))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"accountName": None}, "accountName"),
        ({"accountKey": "a2V5"}, r"sasToken: can't stand beside accountKey"),
        ({"sasToken": None, "accountKey": "no key!"}, "accountKey: has a key that isn't base64"),
        ({"sasToken": None, "connectionString": "shop1"}, "connectionString: must look like"),
        ({"endpoint": "https://blob.example.com/path"}, "endpoint: must not have a path"),
        ({"sasToken": None, "aadCredential": {"tenantId": "acme"}}, "clientId"),
    ],
)
def test_a_mistake_in_an_account_is_named(azure, entry, message):
    with pytest.raises(ConfigError, match=message):
        azure.integrations(**entry)


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ({}, "shop1.blob.core.windows.net"),
        ({"endpointSuffix": "core.usgovcloudapi.net"}, "shop1.blob.core.usgovcloudapi.net"),
        ({"endpoint": "https://blob.acme.example"}, "shop1.blob.acme.example"),
        ({"endpoint": "https://shop1.blob.acme.example"}, "shop1.blob.acme.example"),
    ],
)
def test_an_account_has_a_host_of_its_own(azure, entry, host):
    accounts = azure.integrations(**entry).azure_blob_storage
    assert accounts.by_url(f"https://{host}/shop/a.yaml") is not None
    assert accounts.by_url(f"https://other.{host}/shop/a.yaml") is None
