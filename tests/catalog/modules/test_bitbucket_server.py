"""The module that finds catalog files in a Bitbucket Server's repositories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import RefreshKey, RefreshState
from portal.errors import ConfigError, InputError, NotFoundError, ServiceUnavailableError
from portal.plugins import ModuleFailed
from tests.catalog.modules.kit import Host, installed, refresh, running, scheduled, targets, task_ids, unprocessed
from tests.portal.source_hosts.server import Answer, Asked, answer_json

MODULE = "apps.catalog.modules.bitbucket_server"
NAME = "bitbucketServer-provider:default"
NOT_FOUND = answer_json({"errors": [{"message": "Repository does not exist."}]}, 404)


class FakeBitbucketServer(Host):
    """A Bitbucket Server, as far as the module asks it; shapes as documented."""

    def __init__(self) -> None:
        super().__init__()
        self.repositories: list[dict[str, Any]] = []
        #: Pages have so many items at most, whatever is asked for.
        self.page_size = 2

    def add(self, project: str, slug: str, branch: str | None = "main", **more: Any) -> None:
        """Add a repository."""
        self.repositories.append(
            {
                "slug": slug,
                "project": {"key": project},
                "archived": False,
                "links": {"self": [{"href": f"{self.url}/projects/{project}/repos/{slug}/browse"}]},
                "branch": branch,
                **more,
            }
        )

    def answer(self, asked: Asked) -> Answer:
        match asked.segments:
            case ["rest", "api", "1.0", "projects"]:
                keys = dict.fromkeys(one["project"]["key"] for one in self.repositories)
                return self._page(asked, [{"key": key} for key in keys])
            case ["rest", "api", "1.0", "projects", project, "repos", *rest]:
                ours = [one for one in self.repositories if one["project"]["key"] == project]
                if not rest:
                    return self._page(asked, [self._shown(one) for one in ours])
                for one in ours:
                    if one["slug"] == rest[0]:
                        return self._of_repository(one, rest[1:])
        return NOT_FOUND

    def _of_repository(self, one: dict[str, Any], rest: list[str]) -> Answer:
        if not rest:
            return answer_json(self._shown(one))
        assert rest == ["default-branch"]
        if one["branch"] is None:
            return Answer(status=204)
        return answer_json({"id": f"refs/heads/{one['branch']}", "displayId": one["branch"], "type": "BRANCH"})

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in one.items() if key != "branch"}

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        start, size = int(asked.query["start"]), min(int(asked.query["limit"]), self.page_size)
        last = start + size >= len(items)
        body = {
            "values": items[start : start + size],
            "start": start,
            "limit": size,
            "isLastPage": last,
            "nextPageStart": None if last else start + size,
        }
        return answer_json(body)


@pytest.fixture
def bitbucket() -> Iterator[FakeBitbucketServer]:
    """A server with three repositories in two projects."""
    host = FakeBitbucketServer()
    host.add("WEB", "shop")
    host.add("WEB", "pay")
    host.add("DOC", "docs")
    yield host
    host.server.close()


def config(bitbucket: FakeBitbucketServer, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"host": bitbucket.name, **provider}
    entry = {"host": bitbucket.name, "apiBaseUrl": f"{bitbucket.url}/rest/api/1.0", "token": bitbucket.token}
    return {"integrations": {"bitbucketServer": [entry]}, "catalog": {"providers": {"bitbucketServer": one}}}


def found(bitbucket: FakeBitbucketServer, **provider: Any) -> set[str]:
    """Run a provider and return what it has found, without the host."""
    with installed(MODULE, config(bitbucket, **provider)):
        refresh(NAME)
    return {target.removeprefix(f"{bitbucket.url}/projects/") for target in targets()}


def files(*names: str) -> set[str]:
    return {f"{name.replace('/', '/repos/')}/browse/catalog-info.yaml" for name in names}


ALL = ("WEB/shop", "WEB/pay", "DOC/docs")


# A run


def test_each_repository_becomes_a_location_of_the_provider(bitbucket: FakeBitbucketServer) -> None:
    assert found(bitbucket) == files(*ALL)
    (location,) = [one for one in unprocessed().values() if "/shop/" in one["spec"]["target"]]
    url = f"{bitbucket.url}/projects/WEB/repos/shop/browse/catalog-info.yaml"
    assert location["key"] == NAME
    assert location["spec"] == {"type": "url", "target": url, "presence": "optional"}
    assert location["metadata"]["annotations"] == {
        "backstage.io/managed-by-location": f"url:{url}",
        "backstage.io/managed-by-origin-location": f"url:{url}",
        "bitbucket.org/default-branch": "main",
    }


def test_an_older_server_says_the_default_branch_at_once_and_an_empty_repository_has_none(
    bitbucket: FakeBitbucketServer,
) -> None:
    bitbucket.repositories.clear()
    bitbucket.add("WEB", "old", branch="unasked", defaultBranch="trunk")
    bitbucket.add("WEB", "new", branch=None)
    assert found(bitbucket) == files("WEB/old", "WEB/new")
    branches = [
        one["metadata"]["annotations"].get("bitbucket.org/default-branch")
        for _, one in sorted(unprocessed().items(), key=lambda item: item[1]["spec"]["target"])
    ]
    assert branches == [None, "trunk"]


def test_projects_and_repositories_are_read_page_after_page(bitbucket: FakeBitbucketServer) -> None:
    for number in range(5):
        bitbucket.add("WEB", f"r{number}")
        bitbucket.add(f"P{number}", "main")
    assert len(found(bitbucket)) == 13


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"projectKey": "^W"}, {"WEB/shop", "WEB/pay"}),
        ({"repoSlug": "^(shop|docs)$"}, {"WEB/shop", "DOC/docs"}),
        ({"repoSlug": "a"}, {"WEB/pay"}),
        ({"projectKey": "DOC", "repoSlug": "shop"}, set()),
        ({"skipArchivedRepos": True}, {"WEB/shop", "DOC/docs"}),
        ({"skipArchivedRepos": False}, set(ALL)),
    ],
)
def test_filters_choose_repositories(bitbucket: FakeBitbucketServer, filters: dict[str, Any], names: set[str]) -> None:
    bitbucket.repositories[1]["archived"] = True
    assert found(bitbucket, filters=filters) == files(*names)


def test_projects_that_are_not_wanted_are_not_looked_into(bitbucket: FakeBitbucketServer) -> None:
    found(bitbucket, filters={"projectKey": "DOC"})
    assert not any("/WEB" in asked.path for asked in bitbucket.server.asked)


@pytest.mark.parametrize("path", ["/docs/info 1.yml", "docs/info 1.yml"])
def test_the_path_is_written_as_urls_are(bitbucket: FakeBitbucketServer, path: str) -> None:
    wanted = {"WEB/repos/shop/browse/docs/info%201.yml"}
    assert found(bitbucket, catalogPath=path, filters={"repoSlug": "shop"}) == wanted


def test_a_repository_that_is_gone_is_removed_at_the_next_run(bitbucket: FakeBitbucketServer) -> None:
    assert len(found(bitbucket)) == 3
    del bitbucket.repositories[0]
    assert found(bitbucket) == files("WEB/pay", "DOC/docs")


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Answer(b"{}", 401), InputError, r"integrations\.bitbucketServer\[0\]\.token"),
        (NOT_FOUND, NotFoundError, "nothing at"),
        (Answer(b"{}", 502), ServiceUnavailableError, "502"),
        (Answer(b"<html>", 200), ServiceUnavailableError, "JSON"),
    ],
)
def test_a_failure_is_told_and_changes_nothing(
    bitbucket: FakeBitbucketServer, fault: Answer, error: type[Exception], message: str
) -> None:
    found(bitbucket)
    bitbucket.repositories.clear()
    bitbucket.faults = [fault]
    with pytest.raises(error, match=message):
        found(bitbucket)
    assert len(targets()) == 3


def test_bitbucket_is_left_alone_for_as_long_as_it_asks(
    bitbucket: FakeBitbucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    bitbucket.faults = [Answer(b"{}", 429, {"Retry-After": "7"})]
    with running() as run:
        monkeypatch.setattr(run, "wait", waited.append)
        assert len(found(bitbucket)) == 3
    assert waited == [7.0]


# Events


def push(slug: str = "shop", project: str = "WEB", branch: str = "main") -> dict[str, Any]:
    """Return a push as webhooks tell of it."""
    return {
        "eventKey": "repo:refs_changed",
        "repository": {"slug": slug, "project": {"key": project}},
        "changes": [{"ref": {"id": f"refs/heads/{branch}", "displayId": branch, "type": "BRANCH"}, "type": "UPDATE"}],
    }


def test_a_push_adds_the_file_and_makes_what_came_from_it_due(bitbucket: FakeBitbucketServer) -> None:
    url = f"{bitbucket.url}/projects/WEB/repos/shop/browse/catalog-info.yaml"
    with installed(MODULE, config(bitbucket)) as events:
        events.for_plugin("events").publish("bitbucketServer.repo:refs_changed", push())
        assert targets() == {url}
        RefreshState.objects.update(next_update_at=timezone.now().replace(year=2100))
        row = RefreshState.objects.get()
        RefreshKey.objects.create(entity=row, key=f"url:{url}")
        events.for_plugin("events").publish("bitbucketServer.repo:refs_changed", push())
    assert RefreshState.objects.filter(next_update_at__lte=timezone.now()).count() == 1


@pytest.mark.parametrize(
    ("payload", "filters"),
    [
        (push(branch="feature"), {}),
        (push("unknown"), {}),
        (push(), {"projectKey": "DOC"}),
        (push(), {"repoSlug": "pay"}),
    ],
)
def test_other_pushes_change_nothing(
    bitbucket: FakeBitbucketServer, payload: dict[str, Any], filters: dict[str, Any]
) -> None:
    with installed(MODULE, config(bitbucket, filters=filters)) as events:
        events.for_plugin("events").publish("bitbucketServer.repo:refs_changed", payload)
    assert targets() == set()


# Configuration


def test_a_provider_is_a_task_of_the_catalog_that_runs_every_half_an_hour_by_itself(
    bitbucket: FakeBitbucketServer,
) -> None:
    with installed(MODULE, config(bitbucket)):
        assert scheduled(f"{NAME}:refresh").frequency == {"minutes": 30}


def test_there_may_be_several_providers(bitbucket: FakeBitbucketServer) -> None:
    several = config(bitbucket)
    one = several["catalog"]["providers"]["bitbucketServer"]
    several["catalog"]["providers"]["bitbucketServer"] = {"one": one, "two": one}
    with installed(MODULE, several):
        assert {f"bitbucketServer-provider:{name}:refresh" for name in ("one", "two")} <= set(task_ids())


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"host": "git.unknown.example"}, r"integrations\.bitbucketServer has no entry for 'git\.unknown\.example'"),
        ({"filters": {"repoSlug": "("}}, r"filters\.repoSlug.*regular expression"),
        ({"filters": {"projectKey": "("}}, r"filters\.projectKey.*regular expression"),
        ({"filters": {"skipArchivedRepos": "often"}}, "skipArchivedRepos"),
        ({"schedule": {"frequency": "often", "timeout": "PT1M"}}, "schedule"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(
    bitbucket: FakeBitbucketServer, provider: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(bitbucket, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
