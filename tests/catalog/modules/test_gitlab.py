"""The module that finds catalog files in GitLab's projects."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import RefreshKey, RefreshState
from portal.errors import ConfigError, InputError, NotFoundError, ServiceUnavailableError
from portal.plugins import ModuleFailed
from portal.services.scheduler import Run
from portal.services.scheduler.runs import set_current_run
from tests.catalog.modules.gitlab_host import FakeGitLab
from tests.catalog.modules.kit import installed, refresh, scheduled, targets, unprocessed
from tests.portal.source_hosts.server import Answer

MODULE = "apps.catalog.modules.gitlab"
NAME = "GitlabDiscoveryEntityProvider:prod"


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    """A GitLab with five projects, one of them without a catalog file."""
    host = FakeGitLab()
    for path in ("acme", "acme/web", "umbrella"):
        host.add_group(path)
    for path in ("acme/shop", "acme/web/site", "acme/web/docs", "umbrella/rain"):
        host.add(path)
    host.add("acme/bare", files=set())
    yield host
    host.server.close()


def config(gitlab: FakeGitLab, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"host": gitlab.name, "group": "acme", **provider}
    return {"integrations": {"gitlab": [gitlab.integration()]}, "catalog": {"providers": {"gitlab": {"prod": one}}}}


def found(gitlab: FakeGitLab, **provider: Any) -> set[str]:
    """Run a provider and return what it has found, without the host."""
    with installed(MODULE, config(gitlab, **provider)):
        refresh(NAME)
    return {target.removeprefix(f"{gitlab.url}/") for target in targets()}


def files(*projects: str) -> set[str]:
    return {f"{project}/-/blob/main/catalog-info.yaml" for project in projects}


ACME = ("acme/shop", "acme/web/site", "acme/web/docs")


# A run


def test_each_project_with_a_catalog_file_becomes_a_location_of_the_provider(gitlab: FakeGitLab) -> None:
    assert found(gitlab) == files(*ACME)
    (location,) = [one for one in unprocessed().values() if "/shop/" in one["spec"]["target"]]
    assert location["key"] == NAME
    assert location["spec"]["presence"] == "optional"


def test_a_project_that_is_gone_is_removed_at_the_next_run(gitlab: FakeGitLab) -> None:
    assert len(found(gitlab)) == 3
    gitlab.projects[0]["path_with_namespace"] = "elsewhere/shop"
    assert found(gitlab) == files("acme/web/site", "acme/web/docs")


def test_without_a_group_it_is_everything_that_may_be_seen(gitlab: FakeGitLab) -> None:
    assert found(gitlab, group=None) == files(*ACME, "umbrella/rain")


@pytest.mark.parametrize(
    ("provider", "projects"),
    [
        ({"group": "acme/web"}, {"acme/web/site", "acme/web/docs"}),
        ({"projectPattern": "^acme/.*s$"}, {"acme/web/docs"}),
        ({"projectPattern": "web"}, {"acme/web/site", "acme/web/docs"}),
        ({"group": None, "groupPattern": ["^umbrella$", "/web$"]}, {"acme/web/site", "acme/web/docs", "umbrella/rain"}),
        ({"groupPattern": "web|umbrella"}, {"acme/web/site", "acme/web/docs"}),
        ({"excludeRepos": ["acme/shop"]}, {"acme/web/site", "acme/web/docs"}),
        ({"excludeGroups": ["acme/web"]}, {"acme/shop"}),
        ({"entityFilename": "deep/info.yml"}, set()),
        ({"branch": "live"}, set()),
    ],
)
def test_the_configuration_chooses_projects(gitlab: FakeGitLab, provider: dict[str, Any], projects: set[str]) -> None:
    assert found(gitlab, **provider) == files(*projects)


def test_forks_archived_projects_and_topics_are_chosen_as_well(gitlab: FakeGitLab) -> None:
    gitlab.projects[0]["forked_from_project"] = {"id": 99}
    gitlab.projects[1]["archived"] = True
    gitlab.projects[2]["topics"] = ["api", "web"]
    assert found(gitlab) == files("acme/shop", "acme/web/docs")
    assert found(gitlab, includeArchivedRepos=True) == files(*ACME)
    assert found(gitlab, skipForkedRepos=True) == files("acme/web/docs")
    assert found(gitlab, topics="api,web") == files("acme/web/docs")
    found(gitlab, membership=True)
    assert any(asked.query.get("membership") == "true" for asked in gitlab.server.asked)


def test_a_branch_is_the_configured_one_or_the_projects_own_or_the_fallback(gitlab: FakeGitLab) -> None:
    gitlab.projects[0].update(default_branch="live", files={"info.yml"})
    assert found(gitlab, branch="live", entityFilename="info.yml") == {"acme/shop/-/blob/live/info.yml"}
    assert found(gitlab, entityFilename="info.yml") == {"acme/shop/-/blob/live/info.yml"}
    asked = len(gitlab.server.asked)
    gitlab.projects[0]["default_branch"] = None
    found(gitlab, fallbackBranch="trunk")
    assert "trunk" in {one.query.get("ref") for one in gitlab.server.asked[asked:]}


# What goes wrong


def test_a_group_that_is_not_there_leaves_everything_as_it_is(gitlab: FakeGitLab) -> None:
    found(gitlab)
    gitlab.groups.clear()
    with pytest.raises(NotFoundError):
        found(gitlab)
    assert len(targets()) == 3


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Answer(b"{}", 401), InputError, r"integrations\.gitlab\[0\]\.token"),
        (Answer(b"{}", 502), ServiceUnavailableError, "502"),
        (Answer(b"<html>", 200), ServiceUnavailableError, "JSON"),
        (Answer(b"{}", 200), ServiceUnavailableError, "list"),
    ],
)
def test_a_failure_is_told_and_changes_nothing(
    gitlab: FakeGitLab, fault: Answer, error: type[Exception], message: str
) -> None:
    found(gitlab)
    gitlab.projects.clear()
    gitlab.faults = [fault]
    with pytest.raises(error, match=message):
        found(gitlab)
    assert len(targets()) == 3


def test_a_file_that_cannot_be_asked_for_now_is_not_taken_for_missing(gitlab: FakeGitLab) -> None:
    found(gitlab)
    gitlab.page_size = 100
    respond = gitlab.answer
    gitlab.answer = lambda asked: Answer(status=503) if asked.method == "HEAD" else respond(asked)  # type: ignore[method-assign]
    with pytest.raises(ServiceUnavailableError):
        found(gitlab)
    assert len(targets()) == 3


@pytest.mark.parametrize("header", ["Retry-After", "RateLimit-Reset"])
def test_gitlab_is_left_alone_for_as_long_as_it_asks(
    gitlab: FakeGitLab, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    waited: list[float] = []
    run = Run(started_at=timezone.now(), timeout=timedelta(minutes=1), planned=timezone.now(), started=time.monotonic())
    monkeypatch.setattr(run, "wait", waited.append)
    value = "7" if header == "Retry-After" else str(int(time.time()) + 7)
    gitlab.faults = [Answer(b"Retry later", 429, {header: value})]
    set_current_run(run)
    try:
        assert len(found(gitlab)) == 3
    finally:
        set_current_run(None)
    assert waited == [pytest.approx(7.5, abs=1.5)]


def test_nobody_waits_outside_of_a_run(gitlab: FakeGitLab) -> None:
    gitlab.faults = [Answer(b"Retry later", 429, {"Retry-After": "7"})]
    with pytest.raises(ServiceUnavailableError, match="no more requests for 7 seconds"):
        found(gitlab)


# Webhooks


def push(gitlab: FakeGitLab, project: dict[str, Any], branch: str = "main", **files: list[str]) -> dict[str, Any]:
    """Return a push as GitLab's webhook tells of it."""
    return {
        "object_kind": "push",
        "ref": f"refs/heads/{branch}",
        "project_id": project["id"],
        "project": {"web_url": project["web_url"], "path_with_namespace": project["path_with_namespace"]},
        "commits": [{"added": [], "modified": [], "removed": [], **files}],
    }


def test_a_push_adds_and_removes_the_file(gitlab: FakeGitLab) -> None:
    bare = gitlab.projects[-1]
    with installed(MODULE, config(gitlab)) as events:
        bare["files"] = {"catalog-info.yaml"}
        events.for_plugin("events").publish("gitlab.push", push(gitlab, bare, added=["catalog-info.yaml"]))
        assert targets() == {f"{gitlab.url}/acme/bare/-/blob/main/catalog-info.yaml"}
        bare["files"] = set()
        events.for_plugin("events").publish("gitlab.push", push(gitlab, bare, removed=["catalog-info.yaml"]))
    assert targets() == set()


def test_a_push_makes_what_came_from_changed_files_due(gitlab: FakeGitLab) -> None:
    with installed(MODULE, config(gitlab)) as events:
        refresh(NAME)
        RefreshState.objects.update(next_update_at=timezone.now().replace(year=2100))
        row = RefreshState.objects.get(unprocessed_entity__contains="/shop/")
        RefreshKey.objects.create(entity=row, key=f"url:{gitlab.url}/acme/shop/-/tree/main/openapi.yaml")
        payload = push(gitlab, gitlab.projects[0], modified=["openapi.yaml"])
        events.for_plugin("events").publish("gitlab.push", payload)
    due = RefreshState.objects.filter(next_update_at__lte=timezone.now())
    assert list(due.values_list("entity_ref", flat=True)) == [row.entity_ref]


@pytest.mark.parametrize(
    ("provider", "project", "payload"),
    [
        ({}, {}, {"ref": "refs/heads/feature"}),
        ({}, {}, {"ref": "refs/tags/v1"}),
        ({}, {}, {"project_id": 99}),
        ({}, {}, {"project": {"web_url": "https://gitlab.example/acme/shop"}}),
        ({}, {"archived": True}, {}),
        ({"group": "umbrella"}, {}, {}),
        ({"group": None, "groupPattern": "umbrella"}, {}, {}),
        ({"topics": "api"}, {}, {}),
        ({"skipForkedRepos": True}, {"forked_from_project": {"id": 9}}, {}),
    ],
)
def test_other_pushes_change_nothing(
    gitlab: FakeGitLab, provider: dict[str, Any], project: dict[str, Any], payload: dict[str, Any]
) -> None:
    shop = gitlab.projects[0]
    shop.update(project)
    with installed(MODULE, config(gitlab, **provider)) as events:
        events.for_plugin("events").publish("gitlab.push", {**push(gitlab, shop), **payload})
    assert targets() == set()


def test_a_project_that_is_destroyed_or_moved_starts_a_run(gitlab: FakeGitLab) -> None:
    with installed(MODULE, config(gitlab)) as events:
        payload = {"event_name": "project_destroy", "path_with_namespace": "umbrella/rain"}
        events.for_plugin("events").publish("gitlab.project_destroy", payload)
        assert targets() == set()
        payload = {
            "event_name": "project_transfer",
            "path_with_namespace": "umbrella/shop",
            "old_path_with_namespace": "acme/shop",
        }
        events.for_plugin("events").publish("gitlab.project_transfer", payload)
    assert len(targets()) == 3


# Configuration


def test_a_provider_is_a_task_of_the_catalog_that_runs_every_half_an_hour_by_itself(gitlab: FakeGitLab) -> None:
    with installed(MODULE, config(gitlab)):
        assert scheduled(f"{NAME}:refresh").frequency == {"minutes": 30}


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"host": None}, "host"),
        ({"host": "git.unknown.example"}, "git.unknown.example"),
        ({"projectPattern": "("}, "projectPattern.*regular expression"),
        ({"groupPattern": ["a", "("]}, "groupPattern.*regular expression"),
        ({"groupPattern": {"a": 1}}, "groupPattern"),
        ({"relations": ["FRIENDS"]}, "FRIENDS"),
        ({"schedule": {"frequency": "often", "timeout": "PT1M"}}, "schedule"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(gitlab: FakeGitLab, provider: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(gitlab, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
