"""Repositories that have catalog files already, on each kind of host."""

from __future__ import annotations

import pytest

from apps.catalog.operations.repository_search import RepositorySearch
from portal.errors import InputError
from portal.integrations import ScmIntegrations
from tests.catalog.processing_kit import source_hosts
from tests.portal.source_hosts.fake_host import FakeHost
from tests.portal.source_hosts.git_hosts import (
    FakeAzure,
    FakeBitbucketCloud,
    FakeBitbucketServer,
    FakeGitea,
    FakeGitHub,
    FakeGitLab,
)
from tests.portal.source_hosts.reading import reader_of, running

FILES = ["catalog-info.yaml", "services/cart/catalog-info.yaml", "services/pay/catalog-info.yaml"]
#: Each host, the address of its repository, and the ref that is named in its files' addresses.
REPOSITORIES = [
    (FakeGitHub, "https://github.com/acme/shop", "main"),
    (FakeGitHub, "https://github.com/acme/shop.git", "main"),
    (FakeGitLab, "https://gitlab.com/acme/team/shop", "main"),
    (FakeGitLab, "https://gitlab.com/acme/team/shop/-/tree/feature%2Fx", "feature/x"),
    (FakeBitbucketCloud, "https://bitbucket.org/acme/shop", "main"),
    (FakeBitbucketServer, "https://bitbucket.acme.example/projects/SHOP/repos/shop", ""),
    (FakeBitbucketServer, "https://bitbucket.acme.example/projects/SHOP/repos/shop/browse?at=main", "main"),
    (FakeGitea, "https://git.acme.example/gitea/acme/shop", "main"),
    (FakeAzure, "https://dev.azure.com/acme/platform/_git/shop", ""),
    (FakeAzure, "https://dev.azure.com/acme/platform/_git/shop?version=GBmain", "main"),
]


def search_on(host: FakeHost, integrations: ScmIntegrations | None = None) -> RepositorySearch:
    """Return the search as it looks through the repository of a host."""
    found = integrations or host.integrations()
    return RepositorySearch(integrations=lambda: found, reader=reader_of(host), transport=host.server.transport)


@pytest.mark.parametrize(("kind", "url", "ref"), REPOSITORIES, ids=lambda value: getattr(value, "__name__", value))
def test_the_files_of_a_repository_are_found_at_its_default_branch(kind: type[FakeHost], url: str, ref: str):
    with running(kind) as host:
        search = search_on(host)
        assert search.supports(url)
        found = sorted(search.find_files(url, filename="catalog-info.yaml"))
        integration = host.integrations().by_url(url)
        assert integration is not None
        parsed = [integration.parse(one) for one in found]
        assert [(one.path, one.ref) for one in parsed] == [(path, ref) for path in FILES]
        assert [reader_of(host).read_url(one).content for one in found] == [
            host.repository.files[path] for path in FILES
        ]


def test_a_folder_is_searched_by_itself():
    with running(FakeGitHub) as github:
        url = "https://github.com/acme/shop/tree/main/services"
        assert search_on(github).find_files(url, filename="catalog-info.yaml") == [
            "https://github.com/acme/shop/blob/main/services/cart/catalog-info.yaml",
            "https://github.com/acme/shop/blob/main/services/pay/catalog-info.yaml",
        ]


def test_a_repository_without_such_files_has_none():
    with running(FakeGitHub) as github:
        assert search_on(github).find_files("https://github.com/acme/shop", filename="nothing.yaml") == []


def test_what_credentials_may_not_see_is_said():
    with running(FakeGitLab) as gitlab:
        gitlab.authorization = gitlab.authorization_of_secrets
        with pytest.raises(InputError, match="asks for credentials"):
            search_on(gitlab).find_files("https://gitlab.com/acme/team/shop", filename="catalog-info.yaml")


def test_only_hosts_that_the_configuration_names_are_asked():
    hosts = source_hosts(gitlab=[{"host": "git.example"}], awsS3=[{"host": "s3.example"}])
    search = RepositorySearch(integrations=lambda: hosts)
    assert search.supports("https://git.example/acme/shop")
    assert not search.supports("https://github.com/acme/shop")
    assert not search.supports("https://s3.example/bucket/key")
    assert not search.supports("https://nobody.example/acme/shop")
