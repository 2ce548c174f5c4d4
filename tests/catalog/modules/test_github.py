"""The module that finds catalog files in GitHub's repositories."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import RefreshKey, RefreshState
from portal.errors import ConfigError, InputError, NotFoundError, ServiceUnavailableError
from portal.integrations.github_apps import GitHubApp, Installation
from portal.plugins import ModuleFailed
from portal.services.scheduler import Run, RunStopped, StopReason
from portal.services.scheduler.runs import set_current_run
from tests.catalog.conftest import CatalogFolder
from tests.catalog.modules.github_host import FakeGitHub
from tests.catalog.modules.kit import installed, refresh, scheduled, targets, task_ids, unprocessed
from tests.portal.source_hosts.keys import PRIVATE_KEY
from tests.portal.source_hosts.server import Answer, answer_json

MODULE = "apps.catalog.modules.github"
DEFAULT = "github-provider:default"


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub with an account of three repositories."""
    host = FakeGitHub()
    for name in ("shop", "pay", "docs"):
        host.add("acme", name)
    yield host
    host.server.close()


@pytest.fixture
def running() -> Iterator[Run]:
    """A run of a task, with a minute to go."""
    run = Run(started_at=timezone.now(), timeout=timedelta(minutes=1), planned=timezone.now(), started=time.monotonic())
    set_current_run(run)
    yield run
    set_current_run(None)


def config(github: FakeGitHub, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"host": github.name, "organization": "acme", **provider}
    return {"integrations": {"github": [github.integration()]}, "catalog": {"providers": {"github": one}}}


def found(github: FakeGitHub, **provider: Any) -> set[str]:
    """Run a provider and return what it has found, without the host."""
    with installed(MODULE, config(github, **provider)):
        refresh(DEFAULT)
    return {target.removeprefix(f"{github.url}/") for target in targets()}


# A run


def test_each_repository_becomes_a_location_of_the_provider(github: FakeGitHub) -> None:
    assert found(github) == {f"acme/{name}/blob/main/catalog-info.yaml" for name in ("shop", "pay", "docs")}
    (location,) = [one for one in unprocessed().values() if "/shop/" in one["spec"]["target"]]
    url = f"{github.url}/acme/shop/blob/main/catalog-info.yaml"
    assert location["key"] == DEFAULT
    assert location["spec"] == {"type": "url", "target": url, "presence": "optional"}
    assert location["metadata"]["name"].startswith("generated-")
    assert location["metadata"]["annotations"] == {
        "backstage.io/managed-by-location": f"url:{url}",
        "backstage.io/managed-by-origin-location": f"url:{url}",
    }


def test_repositories_are_read_page_after_page(github: FakeGitHub) -> None:
    for number in range(30):
        github.add("acme", f"r{number}")
    assert len(found(github, pageSizes={"repositories": 10})) == 33
    assert len(github.server.asked) == 4


def test_a_repository_that_is_gone_is_removed_at_the_next_run(github: FakeGitHub) -> None:
    assert len(found(github)) == 3
    del github.repositories["acme"][0]
    assert found(github) == {f"acme/{name}/blob/main/catalog-info.yaml" for name in ("pay", "docs")}


def test_a_removal_that_is_too_large_to_be_believed_is_held_back(github: FakeGitHub) -> None:
    for number in range(30):
        github.add("acme", f"r{number}")
    found(github)
    github.repositories["acme"].clear()
    assert len(found(github)) == 33


def test_a_branch_and_a_path_with_wildcards_become_part_of_the_url(github: FakeGitHub) -> None:
    wanted = found(github, catalogPath="/services/**/catalog-*.yaml", filters={"branch": "live", "repository": "pay"})
    assert wanted == {"acme/pay/blob/live/services/**/catalog-*.yaml"}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, {"plain", "fork"}),
        ({"allowForks": False}, {"plain"}),
        ({"allowArchived": True}, {"plain", "fork", "old"}),
        ({"repository": "pl.*"}, {"plain"}),
        ({"repository": "lai"}, set()),
        ({"visibility": ["public", "internal"]}, {"fork"}),
        ({"topic": {"include": ["web", "api"]}}, {"plain", "fork"}),
        ({"topic": {"include": ["web", "api"], "exclude": ["secret"]}}, {"plain"}),
        ({"topic": {"exclude": ["web"]}}, {"fork"}),
    ],
)
def test_filters_choose_repositories(github: FakeGitHub, filters: dict[str, Any], names: set[str]) -> None:
    github.repositories.clear()
    github.add("acme", "plain", topics=["web"])
    github.add("acme", "fork", isFork=True, visibility="PUBLIC", topics=["api", "secret"])
    github.add("acme", "old", isArchived=True)
    github.add("acme", "empty", defaultBranchRef=None)
    assert {target.split("/")[1] for target in found(github, filters=filters)} == names


def test_only_files_that_are_there_count_if_that_is_asked_for(github: FakeGitHub) -> None:
    github.add("acme", "bare", files=set())
    assert len(found(github)) == 4
    assert len(found(github, validateLocationsExist=True)) == 3


def test_an_app_is_for_all_accounts_that_it_is_installed_for(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.add("umbrella", "rain")
    installations = [Installation(1, "acme", False), Installation(2, "umbrella", False), Installation(3, "late", True)]
    monkeypatch.setattr(GitHubApp, "installations", lambda self, fresh=False: installations)
    monkeypatch.setattr(GitHubApp, "token_for", lambda self, owner, repo="": github.token)
    settings = config(github, organization=None, app=7)
    settings["integrations"]["github"] = [github.integration(apps=[{"appId": 7, "privateKey": PRIVATE_KEY}])]
    with installed(MODULE, settings):
        refresh(DEFAULT)
    assert len(targets()) == 4


def test_what_is_found_is_read_and_goes_with_its_repository(github: FakeGitHub, folder: CatalogFolder) -> None:
    github.add("acme", "bare", files=set())
    with installed(MODULE, config(github)):
        refresh(DEFAULT)
        folder.settle()
        assert folder.refs() == {"component:default/shop", "component:default/pay", "component:default/docs"}
        origin = folder.entity("component:default/shop")["metadata"]["annotations"]
        assert origin["backstage.io/managed-by-origin-location"] == (
            f"url:{github.url}/acme/shop/blob/main/catalog-info.yaml"
        )
        del github.repositories["acme"][0]
        refresh(DEFAULT)
        folder.settle()
        assert folder.refs() == {"component:default/pay", "component:default/docs"}


# What goes wrong


def test_an_account_that_is_not_there_leaves_everything_as_it_is(github: FakeGitHub) -> None:
    found(github)
    del github.repositories["acme"]
    with pytest.raises(NotFoundError, match="no account 'acme'"):
        found(github)
    assert len(targets()) == 3


def test_credentials_that_do_not_hold_are_named_and_nothing_is_lost(github: FakeGitHub) -> None:
    settings = config(github)
    with installed(MODULE, settings):
        refresh(DEFAULT)
        github.token = "another"
        with pytest.raises(InputError, match=r"401.*integrations\.github\[0\]"):
            refresh(DEFAULT)
    assert len(targets()) == 3


def test_without_credentials_github_is_not_asked(github: FakeGitHub) -> None:
    settings = config(github)
    del settings["integrations"]["github"][0]["token"]
    with installed(MODULE, settings), pytest.raises(InputError, match="Set a token or apps"):
        refresh(DEFAULT)
    assert github.server.asked == []


def test_a_failure_on_a_later_page_changes_nothing(github: FakeGitHub) -> None:
    found(github)
    github.repositories["acme"].append({"broken": True})
    github.faults = [Answer(status=502)] * 3
    with pytest.raises(ServiceUnavailableError, match="502"):
        found(github, pageSizes={"repositories": 1})
    assert len(targets()) == 3


def test_a_query_that_fails_once_is_sent_again(github: FakeGitHub) -> None:
    github.faults = [Answer(status=502), Answer(status=504)]
    assert len(found(github)) == 3


LIMITS = [
    Answer(b"{}", 403, {"Retry-After": "7"}),
    Answer(b"{}", 429, {"Retry-After": "7"}),
    answer_json({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}, Retry_After="7"),
]


@pytest.mark.parametrize("limit", LIMITS, ids=["403", "429", "graphql"])
def test_github_is_left_alone_for_as_long_as_it_asks(
    github: FakeGitHub, running: Run, monkeypatch: pytest.MonkeyPatch, limit: Answer
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(running, "wait", waited.append)
    github.faults = [limit]
    assert len(found(github)) == 3
    assert waited == [7.0]


def test_a_wait_that_is_longer_than_the_run_is_not_begun(github: FakeGitHub, running: Run) -> None:
    reset = str(int(time.time()) + 3000)
    github.faults = [Answer(b"{}", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})]
    with pytest.raises(ServiceUnavailableError, match="no more requests"):
        found(github)


def test_a_run_that_is_stopped_ends_between_pages(github: FakeGitHub, running: Run) -> None:
    running.stop(StopReason.SHUTDOWN)
    with pytest.raises(RunStopped):
        found(github)
    assert github.server.asked == []


# Webhooks


def push(github: FakeGitHub, name: str = "shop", branch: str = "main", **files: list[str]) -> dict[str, Any]:
    """Return a push as GitHub's webhook tells of it."""
    return {
        "ref": f"refs/heads/{branch}",
        "deleted": False,
        "repository": repository(github, name),
        "commits": [{"added": [], "modified": [], "removed": [], **files}],
    }


def repository(github: FakeGitHub, name: str = "shop", owner: str = "acme", **changes: Any) -> dict[str, Any]:
    """Return a repository as webhooks show it."""
    return {
        "name": name,
        "owner": {"login": owner, "name": owner},
        "html_url": f"{github.url}/{owner}/{name}",
        "default_branch": "main",
        "topics": [],
        "archived": False,
        "fork": False,
        "private": True,
        "visibility": "private",
        **changes,
    }


def test_a_push_makes_what_came_from_the_file_due(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        refresh(DEFAULT)
        RefreshState.objects.update(next_update_at=timezone.now().replace(year=2100))
        row = RefreshState.objects.get(unprocessed_entity__contains="/shop/")
        RefreshKey.objects.create(entity=row, key=f"url:{github.url}/acme/shop/tree/main/openapi.yaml")
        events.for_plugin("events").publish("github.push", push(github, modified=["openapi.yaml"]))
    due = RefreshState.objects.filter(next_update_at__lte=timezone.now())
    assert list(due.values_list("entity_ref", flat=True)) == [row.entity_ref]


def test_a_push_to_a_new_repository_adds_it(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        events.for_plugin("events").publish("github.push", push(github, name="new", added=["catalog-info.yaml"]))
    assert targets() == {f"{github.url}/acme/new/blob/main/catalog-info.yaml"}


def test_a_push_that_adds_or_removes_the_file_counts_if_files_must_be_there(github: FakeGitHub) -> None:
    with installed(MODULE, config(github, validateLocationsExist=True)) as events:
        send = events.for_plugin("events").publish
        send("github.push", push(github, added=["README.md"]))
        assert targets() == set()
        send("github.push", push(github, added=["catalog-info.yaml"]))
        assert targets() == {f"{github.url}/acme/shop/blob/main/catalog-info.yaml"}
        send("github.push", push(github, removed=["catalog-info.yaml"]))
        assert targets() == set()


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": "refs/heads/feature"},
        {"ref": "refs/tags/v1"},
        {"deleted": True},
        {"owner": "umbrella"},
        {"archived": True},
        {"html_url": "https://github.example/acme/shop"},
        {"html_url": "{url}/umbrella/shop"},
        {"name": "other"},
    ],
)
def test_other_pushes_change_nothing(github: FakeGitHub, changes: dict[str, Any]) -> None:
    payload = push(github, added=["catalog-info.yaml"])
    for key, value in changes.items():
        if key == "owner":
            payload["repository"]["owner"] = {"login": value}
        else:
            value = value.replace("{url}", github.url) if isinstance(value, str) else value
            (payload if key in payload else payload["repository"])[key] = value
    with installed(MODULE, config(github)) as events:
        events.for_plugin("events").publish("github.push", payload)
    assert targets() == set()


def test_repositories_that_are_deleted_archived_or_renamed_are_followed(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:

        def tell(action: str, name: str, **more: Any) -> None:
            payload = {"action": action, "repository": repository(github, name), **more}
            events.for_plugin("events").publish("github.repository", payload)

        refresh(DEFAULT)
        tell("deleted", "docs")
        github.repositories["acme"][1]["isArchived"] = True
        tell("archived", "pay")
        github.repositories["acme"][0].update(name="store", url=f"{github.url}/acme/store")
        tell("renamed", "store", changes={"repository": {"name": {"from": "shop"}}})
        assert targets() == {f"{github.url}/acme/store/blob/main/catalog-info.yaml"}
        github.repositories["acme"][1]["isArchived"] = False
        tell("unarchived", "pay")
    assert len(targets()) == 2


def test_a_repository_that_moves_to_another_account_is_let_go(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        refresh(DEFAULT)
        payload = {
            "action": "transferred",
            "repository": repository(github, owner="umbrella"),
            "changes": {"owner": {"from": {"organization": {"login": "acme"}}}},
        }
        events.for_plugin("events").publish("github.repository", payload)
    assert len(targets()) == 2


# Configuration


def test_a_provider_is_a_task_of_the_catalog_with_its_own_schedule(github: FakeGitHub) -> None:
    schedule = {"frequency": {"minutes": 5}, "timeout": "PT2M", "initialDelay": {"seconds": 15}, "scope": "local"}
    with installed(MODULE, config(github, schedule=schedule)):
        task = scheduled(f"{DEFAULT}:refresh")
    assert (task.frequency, task.timeout) == ({"minutes": 5}, "PT2M")
    assert (task.initial_delay, task.scope, task.listed) == ({"seconds": 15}, "local", True)


def test_several_providers_have_ids_of_their_own(github: FakeGitHub) -> None:
    settings = config(github)
    one = settings["catalog"]["providers"]["github"]
    settings["catalog"]["providers"]["github"] = {"a.b": one, "c": {**one, "organization": "umbrella"}}
    with installed(MODULE, settings):
        assert task_ids()[-2:] == ["github-provider:a.b:refresh", "github-provider:c:refresh"]


def test_a_provider_that_is_disabled_does_nothing(github: FakeGitHub) -> None:
    settings = config(github)
    settings["catalog"]["providerOptions"] = {DEFAULT: {"disabled": True}}
    with installed(MODULE, settings):
        assert task_ids() == ["catalog_orphan_cleanup"]


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"organization": None, "catalogPath": "/a.yaml"}, "."),
        ({"app": 1}, "not both"),
        ({"validateLocationsExist": True, "catalogPath": "/*.yaml"}, "wildcards"),
        ({"filters": {"repository": "("}}, "regular expression"),
        ({"filters": {"visibility": ["hidden"]}}, "hidden"),
        ({"pageSizes": {"repositories": 101}}, "1 to 100"),
        ({"schedule": {"frequency": {"minutes": 5}}}, "timeout"),
        ({"host": "git.unknown.example"}, "git.unknown.example"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(github: FakeGitHub, provider: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(github, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
