"""The pipeline over a source host that speaks its real API: patterns, placeholders, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from portal.entities import ANNOTATION_EDIT_URL, ANNOTATION_SOURCE_LOCATION, ANNOTATION_VIEW_URL
from tests.catalog.processing_kit import entity, location, messages, names, pipeline
from tests.portal.source_hosts.git_hosts import FakeGitHub
from tests.portal.source_hosts.reading import reader_of, running

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {0}}}
spec: {{type: service, lifecycle: production, owner: team-a}}
"""


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub with three components."""
    with running(FakeGitHub) as host:
        host.repository.files |= {
            f"services/{name}/catalog-info.yaml": COMPONENT.format(name).encode() for name in ("cart", "pay", "ship")
        }
        yield host


def run_of(github: FakeGitHub) -> Any:
    return pipeline(reader=reader_of(github, token="t"))


def test_a_location_with_a_pattern_emits_what_it_matches(github):
    all_of_them = github.url("all.yaml")
    result = run_of(github).process(location("./services/*/catalog-info.yaml", at=f"url:{all_of_them}"))
    assert messages(result) == []
    assert names(result) == ["cart", "pay", "ship"]
    tree = github.url("services/pay/catalog-info.yaml").replace("/blob/", "/tree/")
    assert result.deferred[1].location_key == f"url:{tree}"
    assert result.refresh_keys == [f"url:{tree.replace('/pay/', '/*/')}"]


def test_an_unchanged_repository_is_asked_for_its_commit_alone(github):
    run, at = run_of(github), location(github.url("services/*/catalog-info.yaml"), at=f"url:{github.url('all.yaml')}")
    first = run.process(at)
    github.asked.clear()
    second = run.process(at, orjson.loads(orjson.dumps(first.state)))
    assert [asked.segments[3] for asked in github.asked] == ["commits"]
    assert second.deferred == first.deferred

    github.repository.files["services/new/catalog-info.yaml"] = COMPONENT.format("new").encode()
    assert names(run.process(at, second.state)) == ["cart", "new", "pay", "ship"]


def test_an_unchanged_file_is_not_sent_again(github):
    run, at = run_of(github), location(github.url("services/pay/catalog-info.yaml"), at=f"url:{github.url('all.yaml')}")
    first = run.process(at)
    second = run.process(at, first.state)
    assert github.asked[-1].headers["if-none-match"] == github.repository.etag("services/pay/catalog-info.yaml")
    assert second.deferred == first.deferred


def test_an_entity_says_where_it_can_be_seen_edited_and_found(github):
    target = github.url("services/pay/catalog-info.yaml")
    found = run_of(github).process(entity(location=f"url:{target}", origin="url:https://x.example/all.yaml"))
    annotations = found.completed_entity["metadata"]["annotations"]
    assert annotations[ANNOTATION_VIEW_URL] == target
    assert annotations[ANNOTATION_EDIT_URL] == target.replace("/blob/", "/edit/")
    assert (
        annotations[ANNOTATION_SOURCE_LOCATION]
        == f"url:{target.replace('/blob/', '/tree/')[: -len('catalog-info.yaml')]}"
    )


def test_a_placeholder_is_read_from_the_root_of_the_repository(github):
    at = f"url:{github.url('services/pay/catalog-info.yaml')}"
    result = run_of(github).process(
        entity(location=at, spec={"type": "x", "owner": "y", "lifecycle": {"$text": "/README.md"}})
    )
    assert result.completed_entity["spec"]["lifecycle"] == "# Shop\n"


@pytest.mark.parametrize("target", ["a.yaml", "services/*/catalog-info.yaml"])
def test_what_credentials_may_not_see_is_told_as_such(github, target):
    github.authorization = "Bearer other"
    [error] = run_of(github).process(location(github.url(target), at=f"url:{github.url('all.yaml')}")).errors
    assert error.name == "NotFoundError"
    assert "or the credentials of integrations.github[0].token may not see it" in error.message


@pytest.mark.parametrize("target", ["services/*/missing.yaml", "missing.yaml"])
def test_what_matches_nothing_is_missing(github, target):
    at = f"url:{github.url('all.yaml')}"
    [error] = run_of(github).process(location(github.url(target), at=at)).errors
    assert error.name == "NotFoundError"
    assert run_of(github).process(location(github.url(target), at=at, presence="optional")).ok


def test_what_is_optional_may_be_on_a_branch_that_is_not_there(github):
    gone = github.url("services/*/catalog-info.yaml", ref="gone")
    assert run_of(github).process(location(gone, at=f"url:{github.url('all.yaml')}", presence="optional")).ok
