"""The module that finds catalog files in Gitea's repositories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import RefreshKey, RefreshState
from portal.errors import ConfigError, InputError, NotFoundError, ServiceUnavailableError
from portal.plugins import ModuleFailed
from tests.catalog.modules.kit import Host, installed, refresh, running, scheduled, targets, unprocessed
from tests.portal.source_hosts.server import Answer, Asked, answer_json

MODULE = "apps.catalog.modules.gitea"
NAME = "gitea-provider:prod"
NOT_FOUND = answer_json({"message": "The target couldn't be found."}, 404)


class FakeGitea(Host):
    """A Gitea with the organisation ``acme``, as far as the module asks it; shapes as documented."""

    def __init__(self) -> None:
        super().__init__()
        self.repositories: list[dict[str, Any]] = []
        #: Pages have so many items at most, whatever is asked for.
        self.page_size = 2

    def add(self, name: str, **changes: Any) -> None:
        """Add a repository."""
        self.repositories.append(
            {
                "id": len(self.repositories) + 1,
                "name": name,
                "html_url": f"{self.url}/acme/{name}",
                "default_branch": "main",
                "empty": False,
                "files": {"main": {"catalog-info.yaml"}},
                **changes,
            }
        )

    def _respond(self, asked: Asked) -> Answer:
        if self.faults:
            return self.faults.pop(0)
        if asked.authorization != f"token {self.token}":
            return answer_json({"message": "token is required"}, 401)
        return self.answer(asked)

    def answer(self, asked: Asked) -> Answer:
        match asked.segments:
            case ["api", "v1", "orgs", "acme", "repos"]:
                size = min(int(asked.query["limit"]), self.page_size)
                page = int(asked.query["page"])
                shown = self.repositories[(page - 1) * size : page * size]
                return answer_json([{key: value for key, value in one.items() if key != "files"} for one in shown])
            case ["api", "v1", "repos", "acme", name]:
                known = [one for one in self.repositories if one["name"] == name]
                return answer_json({**known[0], "files": None}) if known else NOT_FOUND
            case ["api", "v1", "repos", "acme", name, "contents", *path]:
                (one,) = [one for one in self.repositories if one["name"] == name]
                return self._contents(one, "/".join(path), one["files"].get(asked.query["ref"], set()))
        return NOT_FOUND

    def _contents(self, one: dict[str, Any], path: str, files: set[str]) -> Answer:
        if one["empty"]:
            return answer_json({"message": "repository is empty"}, 500)
        if path in files:
            return answer_json({"type": "file", "path": path})
        below = [{"type": "file", "path": file} for file in files if file.startswith(f"{path}/")]
        return answer_json(below) if below else NOT_FOUND


@pytest.fixture
def gitea() -> Iterator[FakeGitea]:
    """A Gitea with three repositories that have a catalog file, one that has none, and one without any commit."""
    host = FakeGitea()
    for name in ("shop", "pay", "docs"):
        host.add(name)
    host.add("bare", files={"main": {"README.md"}})
    host.add("new", empty=True)
    yield host
    host.server.close()


def config(gitea: FakeGitea, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"host": gitea.name, "organization": "acme", **provider}
    integrations = {"gitea": [{"host": gitea.name, "baseUrl": gitea.url, "password": "let-me-in"}]}
    return {"integrations": integrations, "catalog": {"providers": {"gitea": {"prod": one}}}}


def found(gitea: FakeGitea, **provider: Any) -> set[str]:
    """Run a provider and return what it has found, without the organisation's address."""
    with installed(MODULE, config(gitea, **provider)):
        refresh(NAME)
    return {target.removeprefix(f"{gitea.url}/acme/") for target in targets()}


def files(*names: str) -> set[str]:
    return {f"{name}/src/branch/main/catalog-info.yaml" for name in names}


# A run


def test_each_repository_with_a_catalog_file_becomes_a_location_of_the_provider(gitea: FakeGitea) -> None:
    assert found(gitea) == files("shop", "pay", "docs")
    (location,) = [one for one in unprocessed().values() if "/shop/" in one["spec"]["target"]]
    url = f"{gitea.url}/acme/shop/src/branch/main/catalog-info.yaml"
    assert location["key"] == NAME
    assert location["spec"] == {"type": "url", "target": url}
    assert location["metadata"]["annotations"] == {
        "backstage.io/managed-by-location": f"url:{url}",
        "backstage.io/managed-by-origin-location": f"url:{url}",
    }


def test_repositories_are_read_until_a_page_is_empty(gitea: FakeGitea) -> None:
    for number in range(4):
        gitea.add(f"r{number}")
    assert len(found(gitea)) == 7
    pages = [asked.query["page"] for asked in gitea.server.asked if "page" in asked.query]
    assert pages == ["1", "2", "3", "4", "5", "6"]


def test_a_repository_that_is_gone_is_removed_at_the_next_run(gitea: FakeGitea) -> None:
    assert len(found(gitea)) == 3
    del gitea.repositories[0]
    assert found(gitea) == files("pay", "docs")


def test_the_branch_is_the_configured_one_or_the_repositorys_own(gitea: FakeGitea) -> None:
    gitea.repositories[0].update(default_branch="next/2", files={"next/2": {"catalog-info.yaml"}})
    assert found(gitea) == {"shop/src/branch/next%2F2/catalog-info.yaml"} | files("pay", "docs")
    assert found(gitea, branch="main") == files("pay", "docs")


def test_the_file_may_lie_deeper_and_a_folder_is_none(gitea: FakeGitea) -> None:
    gitea.repositories[0]["files"]["main"].add("docs/info 1.yml")
    assert found(gitea, catalogPath="/docs/info 1.yml") == {"shop/src/branch/main/docs/info%201.yml"}
    assert found(gitea, catalogPath="docs") == set()


# What goes wrong


def test_an_organisation_that_is_not_there_leaves_everything_as_it_is(gitea: FakeGitea) -> None:
    found(gitea)
    with pytest.raises(NotFoundError, match="umbrella"):
        found(gitea, organization="umbrella")
    assert len(targets()) == 3


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Answer(b"{}", 401), InputError, r"integrations\.gitea\[0\]\.password"),
        (Answer(b"{}", 502), ServiceUnavailableError, "502"),
        (Answer(b"<html>", 200), ServiceUnavailableError, "JSON"),
        (Answer(b"{}", 200), ServiceUnavailableError, "JSON"),
    ],
)
def test_a_failure_is_told_and_changes_nothing(
    gitea: FakeGitea, fault: Answer, error: type[Exception], message: str
) -> None:
    found(gitea)
    gitea.repositories.clear()
    gitea.faults = [fault]
    with pytest.raises(error, match=message):
        found(gitea)
    assert len(targets()) == 3


def test_a_file_that_cannot_be_asked_for_now_is_not_taken_for_missing(
    gitea: FakeGitea, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(gitea)
    monkeypatch.setattr(gitea, "_contents", lambda *_: Answer(status=503))
    with pytest.raises(ServiceUnavailableError, match="503"):
        found(gitea)
    assert len(targets()) == 3


def test_gitea_is_left_alone_for_as_long_as_it_asks(gitea: FakeGitea, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    gitea.faults = [Answer(b"Too many requests", 429, {"Retry-After": "7"})]
    with running() as run:
        monkeypatch.setattr(run, "wait", waited.append)
        assert len(found(gitea)) == 3
    assert waited == [7.0]


# Configuration


def test_a_provider_is_a_task_of_the_catalog_that_runs_every_half_an_hour_by_itself(gitea: FakeGitea) -> None:
    with installed(MODULE, config(gitea)):
        assert scheduled(f"{NAME}:refresh").frequency == {"minutes": 30}


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"host": None}, "host"),
        ({"organization": None}, "organization"),
        ({"host": "git.unknown.example"}, r"integrations\.gitea has no entry for 'git\.unknown\.example'"),
        ({"catalogPath": "**/catalog-info.yaml"}, "catalogPath.*one file"),
        ({"schedule": {"frequency": "often", "timeout": "PT1M"}}, "schedule"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(gitea: FakeGitea, provider: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(gitea, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)


# Events


def push(gitea: FakeGitea, name: str = "shop", *, ref: str = "main", owner: str = "acme", **commit: Any) -> Any:
    """Return a push as webhooks tell of it."""
    repository = {"name": name, "full_name": f"{owner}/{name}", "html_url": f"{gitea.url}/{owner}/{name}"}
    return {"ref": f"refs/heads/{ref}", "commits": [commit], "repository": {**repository, "default_branch": "main"}}


def file_of(gitea: FakeGitea, name: str) -> str:
    """Return the URL of a repository's catalog file."""
    return f"{gitea.url}/acme/{name}/src/branch/main/catalog-info.yaml"


def test_a_push_adds_and_removes_the_file(gitea: FakeGitea) -> None:
    with installed(MODULE, config(gitea)) as events:
        events.for_plugin("events").publish("gitea.push", push(gitea, added=["catalog-info.yaml"]))
        assert targets() == {file_of(gitea, "shop")}
        gitea.repositories[0]["files"] = {"main": {"README.md"}}
        events.for_plugin("events").publish("gitea.push", push(gitea, removed=["catalog-info.yaml"]))
    assert targets() == set()


def test_a_push_makes_what_came_from_changed_files_due(gitea: FakeGitea) -> None:
    with installed(MODULE, config(gitea)) as events:
        refresh(NAME)
        RefreshState.objects.update(next_update_at=timezone.now().replace(year=2100))
        row = RefreshState.objects.get(unprocessed_entity__contains="/pay/")
        RefreshKey.objects.create(entity=row, key=f"url:{gitea.url}/acme/shop/src/branch/main/docs/api.yaml")
        events.for_plugin("events").publish("gitea.push", push(gitea, modified=["docs/api.yaml"], added=None))
    due = RefreshState.objects.filter(next_update_at__lte=timezone.now())
    assert list(due.values_list("entity_ref", flat=True)) == [row.entity_ref]


@pytest.mark.parametrize("change", [{"ref": "topic"}, {"owner": "other"}, {"name": "unknown"}])
def test_any_other_push_changes_nothing(gitea: FakeGitea, change: dict[str, str]) -> None:
    with installed(MODULE, config(gitea)) as events:
        events.for_plugin("events").publish("gitea.push", push(gitea, added=["catalog-info.yaml"], **change))
    assert targets() == set()


def test_a_repository_that_is_deleted_takes_its_file_along(gitea: FakeGitea) -> None:
    with installed(MODULE, config(gitea)) as events:
        refresh(NAME)
        for action in ("created", "deleted"):
            events.for_plugin("events").publish("gitea.repository", {**push(gitea), "action": action})
    assert targets() == {file_of(gitea, name) for name in ("pay", "docs")}


@pytest.mark.parametrize("payload", [None, [], {}, {"repository": None}, {"repository": {"html_url": 7}}])
def test_rubbish_changes_nothing(gitea: FakeGitea, payload: Any) -> None:
    with installed(MODULE, config(gitea)) as events:
        refresh(NAME)
        events.for_plugin("events").publish("gitea.push", payload)
    assert len(targets()) == 3
