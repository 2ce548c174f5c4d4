"""What is particular about reading from Azure DevOps, Bitbucket, Gerrit and Gitea."""

from __future__ import annotations

import pytest

from portal.errors import InputError, NotFoundError, ServiceUnavailableError
from tests.portal.source_hosts.git_hosts import (
    FakeAzure,
    FakeBitbucketCloud,
    FakeBitbucketServer,
    FakeGerrit,
    FakeGitea,
)
from tests.portal.source_hosts.reading import reader_of, running
from tests.portal.source_hosts.server import Answer

# Azure DevOps


def test_azures_page_for_signing_in_is_no_file():
    with running(FakeAzure) as azure:
        azure.authorization = azure.authorization_of_secrets
        with pytest.raises(InputError, match=r"asks for credentials.*Set credentials in integrations\.azure\[0\]"):
            reader_of(azure).read_url(azure.url("README.md"))


@pytest.mark.parametrize(
    ("version", "kind"), [("GBmain", "branch"), ("GTmain", "tag"), ("GCmain", "commit"), ("", None)]
)
def test_azure_is_told_what_kind_of_version_it_is(version, kind):
    with running(FakeAzure) as azure:
        url = azure.url("README.md", ref="") + (f"&version={version}" if version else "")
        assert reader_of(azure).read_url(url).content == b"# Shop\n"
        assert azure.asked[0].query.get("versionDescriptor.versionType") == kind


# Bitbucket


def test_bitbucket_cloud_is_read_at_its_main_branch_if_a_url_names_none():
    with running(FakeBitbucketCloud) as cloud:
        with reader_of(cloud).read_tree("https://bitbucket.org/acme/shop") as tree:
            assert tree.etag == cloud.repository.commit
        assert [asked.segments[-1] for asked in cloud.asked[:2]] == ["shop", "main"]


def test_bitbucket_server_is_read_at_its_default_branch_if_a_url_names_none():
    with running(FakeBitbucketServer) as server:
        reader = reader_of(server)
        assert reader.read_url(server.url("README.md", ref="")).content == b"# Shop\n"
        found = reader.search(server.url("docs/*.md", ref="")).files
        assert [file.url for file in found] == [server.url("docs/index.md", ref="")]


def test_a_folder_that_bitbucket_server_has_no_commit_for_is_not_there():
    with running(FakeBitbucketServer) as server, pytest.raises(NotFoundError, match="no commit has touched it"):
        reader_of(server).read_tree(server.url("missing"))


# Gitea


def test_gitea_may_lie_in_a_folder_of_its_host():
    with running(FakeGitea) as gitea:
        with reader_of(gitea).read_tree("https://git.acme.example/gitea/acme/shop") as tree:
            assert tree.etag == gitea.repository.commit
        with pytest.raises(InputError, match="is no URL of a file or folder"):
            reader_of(gitea).read_url("https://git.acme.example/acme/shop/src/branch/main/README.md")


# Gerrit


def test_gerrits_head_is_the_branch_that_it_points_at():
    with running(FakeGerrit) as gerrit:
        reader = reader_of(gerrit)
        assert reader.read_url(gerrit.url("README.md", ref="HEAD")).content == b"# Shop\n"
        with reader.read_tree(gerrit.url("docs", ref="HEAD")) as tree:
            assert tree.etag == gerrit.repository.commit


def test_gerrits_commits_and_tags_are_read_at_a_commit():
    with running(FakeGerrit) as gerrit:
        reader, commit = reader_of(gerrit), gerrit.repository.commit
        branch = gerrit.url("README.md")
        assert reader.read_url(branch.replace("refs/heads/main", commit)).content == b"# Shop\n"
        assert reader.read_url(branch.replace("heads/main", "tags/v1")).content == b"# Shop\n"
        with reader.read_tree(branch.replace("heads/main/README.md", "tags/v1/docs")) as tree:
            assert (tree.etag, len(tree.files)) == (commit, 2)


@pytest.mark.parametrize("body", [b"<html>", b"IyBTaG9w!", b"IyBTaG9"])
def test_gerrit_sends_files_packed(body):
    with running(FakeGerrit) as gerrit:
        gerrit.fault = Answer(body)
        with pytest.raises(ServiceUnavailableError, match="sent no base64"):
            reader_of(gerrit).read_url(gerrit.url("README.md"))
