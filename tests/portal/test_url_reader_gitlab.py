"""What is particular about reading from GitLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.errors import NotFoundError
from tests.portal.source_hosts.git_hosts import FakeGitLab
from tests.portal.source_hosts.reading import reader_of, running


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    """A GitLab."""
    with running(FakeGitLab) as host:
        yield host


def test_an_artifact_of_a_job_is_read(gitlab):
    url = "https://gitlab.com/acme/team/shop/-/jobs/artifacts/main/raw/docs/a%20b.html?job=build"
    found = reader_of(gitlab).read_url(url, etag='"1"')
    assert found.content == b"artifact docs/a b.html"
    assert "if-none-match" not in gitlab.asked[0].headers


def test_a_search_asks_for_the_folder_alone_that_matches_lie_in(gitlab):
    reader_of(gitlab).search(gitlab.url("services/*/catalog-info.yaml"))
    commits, archive = gitlab.asked
    assert commits.query == {"per_page": "1", "ref_name": "main", "path": "services"}
    assert archive.query == {"sha": gitlab.repository.commit, "path": "services"}


def test_a_folder_that_no_commit_touched_is_not_there(gitlab):
    with pytest.raises(NotFoundError, match="no commit has touched it"):
        reader_of(gitlab).read_tree(gitlab.url("missing"))


def test_an_old_url_is_as_good_as_a_new_one(gitlab):
    url = gitlab.url("README.md").replace("/-/", "/")
    assert reader_of(gitlab).read_url(url).content == b"# Shop\n"


def test_a_project_without_a_branch_is_read_at_its_default_branch(gitlab):
    with reader_of(gitlab).read_tree("https://gitlab.com/acme/team/shop") as tree:
        assert len(tree.files) == len(gitlab.repository.files)
    assert gitlab.asked[0].query == {"per_page": "1"}
