"""What holds for every host that files are read from, whatever its API looks like."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.errors import InputError, NotFoundError, NotModifiedError, ServiceUnavailableError
from portal.services.url_reader import github, scm
from tests.portal.source_hosts.code_commit import FakeAwsCodeCommit
from tests.portal.source_hosts.fake_host import FakeHost
from tests.portal.source_hosts.git_hosts import (
    FakeAzure,
    FakeBitbucketCloud,
    FakeBitbucketServer,
    FakeGerrit,
    FakeGitea,
    FakeGitHub,
    FakeGitLab,
    FakeHarness,
)
from tests.portal.source_hosts.object_stores import FakeAwsS3, FakeAzureBlobStorage, FakeGoogleGcs
from tests.portal.source_hosts.reading import reader_of, running
from tests.portal.source_hosts.repository import FILES
from tests.portal.source_hosts.server import Answer

GIT_HOSTS: list[type[FakeHost]] = [
    FakeAzure,
    FakeBitbucketCloud,
    FakeBitbucketServer,
    FakeGerrit,
    FakeGitHub,
    FakeGitLab,
    FakeGitea,
    FakeHarness,
]
ALL_HOSTS = [*GIT_HOSTS, FakeGoogleGcs, FakeAwsS3, FakeAzureBlobStorage, FakeAwsCodeCommit]
#: Hosts whose credentials aren't in a header that is always the same.
SIGNED = FakeAwsS3 | FakeAzureBlobStorage | FakeAwsCodeCommit
LAST_MODIFIED = datetime(2026, 3, 2, 12, tzinfo=UTC)
on_all_hosts = pytest.mark.parametrize("host", ALL_HOSTS, indirect=True, ids=lambda kind: kind.__name__)
on_git_hosts = pytest.mark.parametrize("host", GIT_HOSTS, indirect=True, ids=lambda kind: kind.__name__)


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Iterator[FakeHost]:
    """A host of one kind."""
    with running(request.param) as made:
        yield made


@pytest.fixture
def reader(host: FakeHost) -> Iterator[Any]:
    """Its reader, with credentials."""
    made = reader_of(host, **host.secrets)
    yield made
    made.close()


# Files


@on_all_hosts
def test_a_file_is_read(host, reader):
    assert reader.read_url(host.url("services/pay/catalog-info.yaml")).content == b"kind: Component # pay\n"


@on_all_hosts
def test_a_file_comes_with_what_tells_its_version(host, reader):
    found = reader.read_url(host.url("README.md"))
    if isinstance(host, FakeGerrit):
        assert (found.etag, found.last_modified) == (None, None)
    else:
        assert found.etag == host.repository.etag("README.md")
        assert found.last_modified == (None if isinstance(host, FakeAwsCodeCommit) else LAST_MODIFIED)


@pytest.mark.parametrize(
    "host", [kind for kind in ALL_HOSTS if kind is not FakeGerrit], indirect=True, ids=lambda kind: kind.__name__
)
def test_an_unchanged_file_is_not_read_again(host, reader):
    etag = reader.read_url(host.url("README.md")).etag
    with pytest.raises(NotModifiedError):
        reader.read_url(host.url("README.md"), etag=etag)

    host.repository.files["README.md"] = b"# Other shop\n"
    assert reader.read_url(host.url("README.md"), etag=etag).content == b"# Other shop\n"


@pytest.mark.parametrize(
    "host",
    [kind for kind in ALL_HOSTS if kind not in {FakeGerrit, FakeAzure, FakeAwsCodeCommit}],
    indirect=True,
    ids=lambda kind: kind.__name__,
)
def test_a_file_that_is_no_newer_is_not_read_again(host, reader):
    with pytest.raises(NotModifiedError):
        reader.read_url(host.url("README.md"), last_modified_after=datetime(2026, 3, 2, 12, tzinfo=UTC))


@on_all_hosts
def test_names_may_hold_what_urls_write_otherwise(host, reader):
    assert reader.read_url(host.url("a b/100%/ü#1.md")).content == b"odd\n"


@on_git_hosts
def test_a_branch_may_have_a_slash_in_its_name(host, reader):
    assert reader.read_url(host.url("README.md", ref="feature/x")).content == FILES["README.md"]


@on_all_hosts
def test_a_file_that_is_not_there_is_not_found(host, reader):
    with pytest.raises(NotFoundError) as caught:
        reader.read_url(host.url("missing.yaml"))
    assert host.url("missing.yaml") in caught.value.message


@on_git_hosts
def test_neither_is_one_of_a_branch_that_is_not_there(host, reader):
    with pytest.raises(NotFoundError):
        reader.read_url(host.url("README.md", ref="missing"))


@on_all_hosts
def test_a_large_file_is_not_read(host, reader):
    with pytest.raises(InputError, match="larger than the 3 bytes"):
        reader.read_url(host.url("README.md"), max_bytes=3)


@on_all_hosts
def test_a_path_does_not_lead_out(host, reader):
    url = host.url("PLACE").replace("PLACE", "%2e%2e/%2e%2e/secret")
    with pytest.raises(InputError, match=r"'\.' or '\.\.' in its path"):
        reader.read_url(url)
    assert host.asked == []


@on_git_hosts
def test_a_url_of_something_else_says_what_urls_look_like(host, reader):
    origin = "/".join(host.url().split("/")[:3])
    with pytest.raises(InputError, match="is no URL of a file or folder on"):
        reader.read_url(f"{origin}/search")


# Credentials


@on_all_hosts
def test_configured_credentials_let_in(host, reader):
    if not isinstance(host, SIGNED):
        host.authorization = host.authorization_of_secrets
    assert reader.read_url(host.url("README.md")).content == FILES["README.md"]
    assert len(reader.search(host.url("**/catalog-info.yaml")).files) == 3


@on_git_hosts
def test_a_callers_token_takes_their_place(host, reader):
    reader.read_url(host.url("README.md"), token="callers")
    assert {asked.authorization for asked in host.asked} == {"Bearer callers"}


@on_git_hosts
def test_without_credentials_a_closed_host_says_what_to_set(host):
    host.authorization = host.authorization_of_secrets
    with pytest.raises((InputError, NotFoundError)) as caught:
        reader_of(host).read_url(host.url("README.md"))
    assert f"in integrations.{host.type}[0] in app-config.yaml" in caught.value.message


@on_git_hosts
def test_credentials_that_do_not_hold_are_named(host, reader):
    host.fault = Answer(status=401)
    with pytest.raises(InputError, match=rf"does not accept the credentials of integrations\.{host.type}\[0\]\."):
        reader.read_url(host.url("README.md"))


@on_git_hosts
def test_credentials_that_may_not_read_are_named(host, reader):
    host.fault = Answer(status=403)
    with pytest.raises(InputError, match=rf"refuses it to the credentials of integrations\.{host.type}\[0\]\."):
        reader.read_url(host.url("README.md"))


@on_git_hosts
def test_a_host_that_takes_no_more_requests_says_until_when(host, reader):
    host.fault = Answer(status=429, headers={"X-RateLimit-Reset": "1772455800"})
    with pytest.raises(ServiceUnavailableError, match="takes no more requests until 12:50 UTC"):
        reader.read_url(host.url("README.md"))


@on_all_hosts
def test_a_host_in_trouble_may_be_asked_later(host, reader):
    reader.read_url(host.url("README.md"))
    host.fault = Answer(status=503)
    with pytest.raises(ServiceUnavailableError, match="can't be read now"):
        reader.read_url(host.url("README.md"))


@on_git_hosts
def test_a_host_that_is_away_may_be_asked_later(host):
    reader = reader_of(host, **host.secrets)
    host.server.close()
    with pytest.raises(ServiceUnavailableError, match="can't be reached"):
        reader.read_url(host.url("README.md"))
    reader.close()


# Trees


@on_all_hosts
def test_a_whole_repository_is_read(host, reader):
    with reader.read_tree(host.url()) as tree:
        assert {file.path: file.read() for file in tree.files} == host.repository.files


@on_git_hosts
def test_a_tree_stands_at_a_commit(host, reader):
    with reader.read_tree(host.url()) as tree:
        assert tree.etag == host.repository.commit


@on_all_hosts
def test_a_folder_is_read_without_what_is_around_it(host, reader):
    with reader.read_tree(host.url("docs")) as tree:
        assert sorted(file.path for file in tree.files) == ["deep/page.md", "index.md"]
        modified = {None if isinstance(host, FakeAwsCodeCommit) else LAST_MODIFIED}
        assert {file.last_modified for file in tree.files} == modified


@on_all_hosts
def test_a_filter_says_what_is_wanted(host, reader):
    with reader.read_tree(host.url("docs"), filter=lambda path, size: path.startswith("deep/") and size == 7) as tree:
        assert [(file.path, file.read()) for file in tree.files] == [("deep/page.md", b"# Page\n")]


@on_all_hosts
def test_an_unchanged_tree_is_not_read_again(host, reader):
    with reader.read_tree(host.url("docs")) as tree:
        etag = tree.etag
    with pytest.raises(NotModifiedError):
        reader.read_tree(host.url("docs"), etag=etag)

    host.repository.files["docs/index.md"] = b"# Other docs\n"
    with reader.read_tree(host.url("docs"), etag=etag) as tree:
        assert b"# Other docs\n" in {file.read() for file in tree.files}


@on_all_hosts
def test_a_tree_can_be_written_to_a_folder(host, reader, tmp_path: Path):
    with reader.read_tree(host.url()) as tree:
        tree.extract(tmp_path)
    written = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == host.repository.files
    if not isinstance(host, FakeGoogleGcs | FakeAwsS3 | FakeAzureBlobStorage):
        assert (tmp_path / "run.sh").stat().st_mode & 0o111
    assert not (tmp_path / "README.md").stat().st_mode & 0o111


# Patterns


@on_all_hosts
def test_a_pattern_finds_files_in_the_order_of_their_paths(host, reader):
    found = reader.search(host.url("**/catalog-info.yaml"))
    assert [file.content for file in found.files] == [
        b"kind: System\n",
        b"kind: Component # cart\n",
        b"kind: Component # pay\n",
    ]


@on_all_hosts
def test_each_file_that_was_found_can_be_read_by_its_own_url(host, reader):
    for pattern in ("services/*/catalog-info.yaml", "a b/**/*.md"):
        found = reader.search(host.url(pattern)).files
        assert found
        for file in found:
            assert reader.read_url(file.url).content == file.content


@on_all_hosts
def test_a_pattern_may_hold_alternatives(host, reader):
    found = reader.search(host.url("{docs,services}/*/{page.md,catalog-info.yaml}"))
    assert len(found.files) == 3


@on_all_hosts
def test_a_pattern_that_nothing_matches_finds_nothing(host, reader):
    assert reader.search(host.url("docs/*.yaml")).files == ()


@on_all_hosts
def test_a_search_in_an_unchanged_repository_finds_nothing_new(host, reader):
    etag = reader.search(host.url("services/*/catalog-info.yaml")).etag
    with pytest.raises(NotModifiedError):
        reader.search(host.url("services/*/catalog-info.yaml"), etag=etag)

    host.repository.files["services/new/catalog-info.yaml"] = b"kind: API\n"
    assert len(reader.search(host.url("services/*/catalog-info.yaml"), etag=etag).files) == 3


@on_all_hosts
def test_a_search_without_a_pattern_finds_the_one_file(host, reader):
    found = reader.search(host.url("README.md"))
    assert [(file.url, file.content) for file in found.files] == [(host.url("README.md"), FILES["README.md"])]
    assert reader.search(host.url("missing.yaml")).files == ()


@on_all_hosts
def test_a_search_does_not_read_files_that_are_too_large(host, reader, monkeypatch):
    monkeypatch.setattr(scm, "MAX_BYTES", 12)
    monkeypatch.setattr(github, "MAX_BYTES", 12)
    with pytest.raises(InputError, match="larger than the 12 bytes"):
        reader.search(host.url("**/catalog-info.yaml"))


@on_all_hosts
def test_a_search_does_not_keep_more_than_memory_is_for(host, reader, monkeypatch):
    monkeypatch.setattr(scm, "MAX_FOUND_BYTES", 40)
    with pytest.raises(InputError, match="Write a pattern that matches less"):
        reader.search(host.url("**/catalog-info.yaml"))
