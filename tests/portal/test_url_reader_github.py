"""What is particular about reading from GitHub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.errors import InputError, NotFoundError, NotModifiedError, ServiceUnavailableError
from tests.portal.source_hosts.git_hosts import FakeGitHub
from tests.portal.source_hosts.reading import reader_of, running
from tests.portal.source_hosts.server import Answer

INFO = "catalog-info.yaml"


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub."""
    with running(FakeGitHub) as host:
        yield host


def asked_for(github: FakeGitHub) -> list[str]:
    return [f"{asked.host}{asked.path}" for asked in github.asked]


def test_without_credentials_files_come_from_where_they_cost_nothing(github):
    assert reader_of(github).read_url(github.url(INFO)).content == b"kind: System\n"
    assert asked_for(github) == ["raw.githubusercontent.com/acme/shop/main/catalog-info.yaml"]


def test_with_credentials_they_come_from_the_api(github):
    reader_of(github, token="t").read_url(github.url(INFO))
    assert asked_for(github) == ["api.github.com/repos/acme/shop/contents/catalog-info.yaml"]


def test_a_tree_url_is_as_good_as_a_blob_url(github):
    url = github.url(INFO).replace("/blob/", "/tree/")
    assert reader_of(github).read_url(url).content == b"kind: System\n"


def test_a_repository_is_no_file(github):
    with pytest.raises(InputError, match="is no file, but the whole of acme/shop"):
        reader_of(github).read_url("https://github.com/acme/shop")


def test_a_repository_without_a_branch_is_read_at_its_default_branch(github):
    with reader_of(github, token="t").read_tree("https://github.com/acme/shop") as tree:
        assert tree.etag == github.repository.commit
    assert asked_for(github)[0] == "api.github.com/repos/acme/shop/commits/HEAD"


def test_the_archive_comes_from_another_host_that_sees_no_credentials(github):
    github.authorization = "Bearer t"
    with reader_of(github, token="t").read_tree(github.url("docs")) as tree:
        assert len(tree.files) == 2
    archive = github.asked[-1]
    assert (archive.host, archive.authorization) == ("codeload.github.com", None)


def test_a_search_reads_the_few_files_that_match(github):
    found = reader_of(github, token="t").search(github.url("services/*/catalog-info.yaml"))
    assert [file.url for file in found.files] == [
        github.url("services/cart/catalog-info.yaml"),
        github.url("services/pay/catalog-info.yaml"),
    ]
    assert [path.split("/")[4:6] for path in asked_for(github)] == [
        ["commits", "main"],
        ["git", "trees"],
        ["git", "blobs"],
        ["git", "blobs"],
    ]


@pytest.mark.parametrize("many", [True, False])
def test_a_search_that_matches_many_or_sees_half_of_the_files_reads_them_all_at_once(github, many):
    if many:
        github.repository.files |= {f"services/{number}/{INFO}": b"kind: API\n" for number in range(30)}
    else:
        github.truncated = True
    found = reader_of(github, token="t").search(github.url("services/*/catalog-info.yaml"))
    assert len(found.files) == (32 if many else 2)
    assert len(github.asked) == 4


def test_a_link_is_not_a_file_that_matches(github):
    assert reader_of(github, token="t").search(github.url("link/*.yaml")).files == ()


def test_an_unchanged_repository_costs_one_request(github):
    reader = reader_of(github, token="t")
    with pytest.raises(NotModifiedError):
        reader.search(github.url("**/*.yaml"), etag=github.repository.commit)
    assert len(github.asked) == 1


@pytest.mark.parametrize("headers", [{"X-RateLimit-Remaining": "0"}, {"Retry-After": "60"}])
def test_a_limit_may_look_like_a_refusal(github, headers):
    github.fault = Answer(status=403, headers=headers)
    with pytest.raises(ServiceUnavailableError, match=r"takes no more requests .*: there were too many"):
        reader_of(github, token="t").read_url(github.url(INFO))


def test_a_limit_without_credentials_says_how_to_get_a_higher_one(github):
    github.fault = Answer(status=403, headers={"X-RateLimit-Remaining": "0"})
    with pytest.raises(ServiceUnavailableError, match=r"Set a token or apps in integrations\.github\[0\]"):
        reader_of(github).read_url(github.url(INFO))


def test_what_may_be_hidden_says_so(github):
    github.authorization = "Bearer right"
    with pytest.raises(NotFoundError, match=r"or the credentials of integrations\.github\[0\]\.token may not see it"):
        reader_of(github, token="wrong").read_url(github.url(INFO))
    with pytest.raises(NotFoundError, match=r"or it takes credentials\. Set a token or apps"):
        reader_of(github).read_url(github.url(INFO))


def test_an_enterprise_server_is_asked_at_its_own_api(github):
    reader = reader_of(github, host="ghe.acme.example", token="t")
    with pytest.raises(NotFoundError):
        reader.read_url("https://ghe.acme.example/acme/shop/blob/main/catalog-info.yaml")
    assert asked_for(github) == ["ghe.acme.example/api/v3/repos/acme/shop/contents/catalog-info.yaml"]
