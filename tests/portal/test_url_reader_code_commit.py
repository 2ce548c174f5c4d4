"""What is particular about reading from AWS CodeCommit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.config import Config, override_config
from portal.errors import InputError, NotFoundError, ServiceUnavailableError
from portal.integrations import scm_integrations
from portal.services.url_reader import PredicateUrlReader
from tests.portal.source_hosts.aws_services import refusal
from tests.portal.source_hosts.code_commit import FakeAwsCodeCommit
from tests.portal.source_hosts.reading import reader_of, running
from tests.portal.source_hosts.server import Answer

CONSOLE = "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/shop"


@pytest.fixture
def host() -> Iterator[FakeAwsCodeCommit]:
    """The service."""
    with running(FakeAwsCodeCommit) as made:
        yield made


def test_a_branch_may_have_a_slash_in_its_name(host):
    assert reader_of(host).read_url(host.url("README.md", ref="feature/x")).content == b"# Shop\n"


def test_without_a_branch_it_is_the_default_one(host):
    reader = reader_of(host)
    assert reader.read_url(f"{CONSOLE}/browse/--/README.md?region=eu-west-1").content == b"# Shop\n"
    assert b"commitSpecifier" not in host.asked[-1].body
    with reader.read_tree(f"{CONSOLE}/browse?region=eu-west-1") as tree:
        assert (tree.etag, len(tree.files)) == (host.repository.commit, len(host.repository.files))


@pytest.mark.parametrize("path", ["README.md", "docs"])
def test_what_is_not_there_is_not_found(host, path):
    reader = reader_of(host)
    with pytest.raises(NotFoundError, match="CommitDoesNotExistException"):
        reader.read_url(host.url(path, ref="missing"))
    with pytest.raises(NotFoundError, match="FolderDoesNotExistException"):
        reader.read_tree(host.url(f"{path}/missing"))


def test_a_search_reads_no_more_than_it_finds(host):
    reader_of(host).search(host.url("services/*/catalog-info.yaml"))
    assert sum(asked.headers["x-amz-target"].endswith("GetBlob") for asked in host.asked) == 2


def test_keys_that_do_not_hold_are_named(host):
    with pytest.raises(InputError, match=r"credentials of integrations\.awsCodeCommit\[0\]: InvalidSignature"):
        reader_of(host, secretAccessKey="wrong").read_url(host.url("README.md"))


def test_a_refusal_says_what_to_configure(host, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "commit-secret")
    host.fault = refusal("AccessDeniedException", "No.")
    with pytest.raises(InputError, match=r"Set accessKeyId and secretAccessKey in integrations\.awsCodeCommit\[0\]"):
        reader_of(host, accessKeyId=None, secretAccessKey=None).read_url(host.url("README.md"))


@pytest.mark.parametrize("fault", [Answer(status=500), refusal("ThrottlingException", "Slower.")])
def test_a_host_in_trouble_may_be_asked_later(host, fault):
    host.fault = fault
    with pytest.raises(ServiceUnavailableError, match="can't be read now"):
        reader_of(host).read_url(host.url("README.md"))


@pytest.mark.parametrize(
    ("url", "region"),
    [
        (f"{CONSOLE}/browse/--/a.yaml", "eu-west-1"),
        (
            "https://console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse?region=eu-north-1",
            "eu-north-1",
        ),
        ("https://console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse", "us-east-1"),
    ],
)
def test_the_region_is_that_of_the_url(url: str, region: str) -> None:
    integration = scm_integrations(Config.of({})).aws_code_commit.by_url(url)
    assert integration is not None
    assert integration.region_of(url) == region


def test_urls_are_resolved_within_the_repository() -> None:
    integrations, file = scm_integrations(Config.of({})), f"{CONSOLE}/browse/refs/heads/main/--/docs/a.yaml?region=x"
    assert integrations.resolve_url("./b.yaml", file) == f"{CONSOLE}/browse/refs/heads/main/--/docs/b.yaml?region=x"
    assert integrations.resolve_url("/b.yaml", file) == f"{CONSOLE}/browse/refs/heads/main/--/b.yaml?region=x"
    edited = f"{CONSOLE}/files/edit/refs/heads/main/--/docs/a.yaml?region=x"
    assert integrations.resolve_edit_url(file) == edited


@pytest.mark.parametrize("path", ["", "/files/edit/refs/heads/main/--/a.yaml", "/commits", "/browse/--/"])
def test_other_pages_are_no_files(path: str) -> None:
    reader = PredicateUrlReader()
    with override_config({}), pytest.raises(InputError, match="console"):
        reader.read_url(f"{CONSOLE}{path}")
