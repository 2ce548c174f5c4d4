"""The module that finds catalog files on Bitbucket Cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import RefreshKey, RefreshState
from apps.catalog.modules.bitbucket_cloud import provider as provider_module
from portal.errors import ConfigError, InputError, NotFoundError, ServiceUnavailableError
from portal.integrations import BitbucketCloudIntegration
from portal.plugins import ModuleFailed
from tests.catalog.modules.kit import Host, installed, refresh, running, scheduled, targets, task_ids, unprocessed
from tests.portal.source_hosts.server import Answer, Asked, answer_json

MODULE = "apps.catalog.modules.bitbucket_cloud"
NAME = "bitbucketCloud-provider:default"
NOT_FOUND = answer_json({"type": "error", "error": {"message": "Resource not found"}}, 404)
PATH = "catalog-info.yaml"


class FakeBitbucketCloud(Host):
    """The API of Bitbucket Cloud with the workspace ``acme``, as far as the module asks it; shapes as documented."""

    def __init__(self) -> None:
        super().__init__()
        self.repositories: list[dict[str, Any]] = []
        #: Pages have so many items at most, whatever is asked for.
        self.page_size = 2

    def add(
        self, slug: str, project: str = "WEB", branch: str | None = "main", files: tuple[str, ...] = (PATH,)
    ) -> None:
        """Add a repository."""
        self.repositories.append(
            {
                "type": "repository",
                "slug": slug,
                "full_name": f"acme/{slug}",
                "project": {"key": project},
                "mainbranch": {"name": branch} if branch else None,
                "links": {"html": {"href": f"https://bitbucket.org/acme/{slug}"}},
                "files": files,
            }
        )

    def answer(self, asked: Asked) -> Answer:
        match asked.segments:
            case ["2.0", "workspaces", "acme", "projects"]:
                keys = sorted({one["project"]["key"] for one in self.repositories})
                return self._page(asked, [{"type": "project", "key": key} for key in keys])
            case ["2.0", "workspaces", "acme", "search", "code"]:
                return self._page(asked, self._matches(asked.query["search_query"]))
            case ["2.0", "repositories", "acme", slug, *rest]:
                for one in self.repositories:
                    if one["slug"] == slug:
                        return self._of_repository(asked, one, rest)
        return NOT_FOUND

    def _of_repository(self, asked: Asked, one: dict[str, Any], rest: list[str]) -> Answer:
        if not rest:
            return answer_json({key: value for key, value in one.items() if key != "files"})
        assert asked.query == {"format": "meta"}
        source, branch, *path = rest
        known = source == "src" and branch == one["mainbranch"]["name"] and "/".join(path) in one["files"]
        return answer_json({"type": "commit_file", "path": "/".join(path)}) if known else NOT_FOUND

    def _matches(self, query: str) -> list[dict[str, Any]]:
        parts = re.fullmatch(r'"(?P<name>[^"]+)" path:(?P<path>\S+)(?: project:(?P<project>\S+))?', query)
        assert parts, query
        # A file that mentions the name is found as well, without a match in its path.
        found = [self._match(one, "README.md", []) for one in self.repositories[:1]]
        for one in self.repositories:
            for file in one["files"]:
                if f"/{file}".endswith(parts["path"]) and parts["project"] in {None, one["project"]["key"]}:
                    found.append(self._match(one, file, [{"text": file, "match": True}]))
        return found

    def _match(self, one: dict[str, Any], file: str, path_matches: list[Any]) -> dict[str, Any]:
        repository = {key: one[key] for key in ("slug", "project", "mainbranch", "links")}
        commit = {"type": "commit", "repository": repository}
        return {
            "type": "code_search_result",
            "path_matches": path_matches,
            "file": {"path": file, "type": "commit_file", "commit": commit},
        }

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        assert asked.query["pagelen"] == "100"
        page = int(asked.query.get("page", "1"))
        shown = items[(page - 1) * self.page_size : page * self.page_size]
        body: dict[str, Any] = {"page": page, "pagelen": self.page_size, "values": shown}
        if page * self.page_size < len(items):
            query = "&".join(
                f"{name}={text}".replace(" ", "%20") for name, text in asked.query.items() if name != "page"
            )
            body["next"] = f"{self.url}{asked.path}?{query.replace('+', '%2B')}&page={page + 1}"
        return answer_json(body)


@pytest.fixture
def bitbucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBitbucketCloud]:
    """A workspace with three repositories in two projects."""
    host = FakeBitbucketCloud()
    host.add("shop")
    host.add("pay")
    host.add("docs", project="DOC")
    monkeypatch.setattr(BitbucketCloudIntegration, "api_base_url", f"{host.url}/2.0")
    yield host
    host.server.close()


def config(bitbucket: FakeBitbucketCloud, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"workspace": "acme", **provider}
    integrations = {"bitbucketCloud": [{"token": "let-me-in"}]}
    return {"integrations": integrations, "catalog": {"providers": {"bitbucketCloud": one}}}


def found(bitbucket: FakeBitbucketCloud, **provider: Any) -> set[str]:
    """Run a provider and return what it has found, without the workspace's address."""
    with installed(MODULE, config(bitbucket, **provider)):
        refresh(NAME)
    return {target.removeprefix("https://bitbucket.org/acme/") for target in targets()}


def files(*slugs: str) -> set[str]:
    return {f"{slug}/src/main/catalog-info.yaml" for slug in slugs}


# A run


def test_each_catalog_file_becomes_a_location_of_the_provider(bitbucket: FakeBitbucketCloud) -> None:
    bitbucket.add("bare", files=())
    assert found(bitbucket) == files("shop", "pay", "docs")
    (location,) = [one for one in unprocessed().values() if "/shop/" in one["spec"]["target"]]
    url = "https://bitbucket.org/acme/shop/src/main/catalog-info.yaml"
    assert location["key"] == NAME
    assert location["spec"] == {"type": "url", "target": url, "presence": "required"}
    assert location["metadata"]["annotations"] == {
        "backstage.io/managed-by-location": f"url:{url}",
        "backstage.io/managed-by-origin-location": f"url:{url}",
        "bitbucket.org/repo-url": "https://bitbucket.org/acme/shop",
    }


def test_results_are_read_page_after_page(bitbucket: FakeBitbucketCloud) -> None:
    for number in range(7):
        bitbucket.add(f"r{number}")
    assert len(found(bitbucket)) == 10
    assert [asked.query.get("page", "1") for asked in bitbucket.server.asked] == [str(page) for page in range(1, 7)]


def test_a_search_by_project_asks_once_for_each_wanted_project(bitbucket: FakeBitbucketCloud) -> None:
    assert found(bitbucket, level="project") == files("shop", "pay", "docs")
    asked = len(bitbucket.server.asked)
    assert found(bitbucket, level="project", filters={"projectKey": "^DOC$"}) == files("docs")
    queries = [one.query["search_query"] for one in bitbucket.server.asked[asked:] if "search_query" in one.query]
    assert set(queries) == {'"catalog-info.yaml" path:/catalog-info.yaml project:DOC'}


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({"projectKey": "^W"}, {"shop", "pay"}),
        ({"projectKey": "E"}, {"shop", "pay"}),
        ({"repoSlug": "^(shop|docs)$"}, {"shop", "docs"}),
        ({"projectKey": "WEB", "repoSlug": "a"}, {"pay"}),
        ({"repoSlug": "nothing"}, set()),
    ],
)
def test_filters_choose_repositories(bitbucket: FakeBitbucketCloud, filters: dict[str, str], slugs: set[str]) -> None:
    assert found(bitbucket, filters=filters) == files(*slugs)


def test_a_repository_may_have_several_files_and_a_branch_of_any_name(bitbucket: FakeBitbucketCloud) -> None:
    bitbucket.repositories.clear()
    bitbucket.add("mono", branch="release/1 x", files=("web/info.yml", "api/info.yml"))
    bitbucket.add("old", branch=None, files=("info.yml",))
    assert found(bitbucket, catalogPath="info.yml") == {
        "mono/src/release%2F1%20x/web/info.yml",
        "mono/src/release%2F1%20x/api/info.yml",
        "old/src/master/info.yml",
    }


def test_a_file_that_is_gone_is_removed_at_the_next_run(bitbucket: FakeBitbucketCloud) -> None:
    assert len(found(bitbucket)) == 3
    del bitbucket.repositories[0]
    assert found(bitbucket) == files("pay", "docs")


def test_a_search_that_may_have_left_something_out_says_so(
    bitbucket: FakeBitbucketCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(provider_module, "SEARCH_LIMIT", 3)
    assert len(found(bitbucket)) == 3
    assert "set level to project" in caplog.text


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Answer(b"{}", 401), InputError, r"integrations\.bitbucketCloud\[0\]\.token"),
        (Answer(b"{}", 403), InputError, r"integrations\.bitbucketCloud\[0\]\.token"),
        (NOT_FOUND, NotFoundError, "bitbucket.org/acme"),
        (Answer(b"{}", 502), ServiceUnavailableError, "502"),
        (Answer(b"<html>", 200), ServiceUnavailableError, "JSON"),
        (Answer(b"[]", 200), ServiceUnavailableError, "JSON"),
    ],
)
def test_a_failure_is_told_and_changes_nothing(
    bitbucket: FakeBitbucketCloud, fault: Answer, error: type[Exception], message: str
) -> None:
    found(bitbucket)
    bitbucket.repositories.clear()
    bitbucket.faults = [fault]
    with pytest.raises(error, match=message):
        found(bitbucket)
    assert len(targets()) == 3


def test_a_next_page_elsewhere_gets_no_credentials(bitbucket: FakeBitbucketCloud) -> None:
    bitbucket.faults = [answer_json({"values": [], "next": "https://elsewhere.example/2.0/page"})]
    with pytest.raises(ServiceUnavailableError, match="elsewhere"):
        found(bitbucket)
    assert len(bitbucket.server.asked) == 1


def test_bitbucket_is_left_alone_for_as_long_as_it_asks(
    bitbucket: FakeBitbucketCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    bitbucket.faults = [Answer(b"Rate limit", 429, {"Retry-After": "7"})]
    with running() as run:
        monkeypatch.setattr(run, "wait", waited.append)
        assert len(found(bitbucket)) == 3
    assert waited == [7.0]


def test_nobody_waits_outside_of_a_run(bitbucket: FakeBitbucketCloud) -> None:
    bitbucket.faults = [Answer(b"Rate limit", 429, {"Retry-After": "7"})]
    with pytest.raises(ServiceUnavailableError, match="no more requests for 7 seconds"):
        found(bitbucket)


# Events


def news(slug: str = "shop", workspace: str = "acme", **more: Any) -> dict[str, Any]:
    """Return a payload about a repository as webhooks have it."""
    return {"repository": {"full_name": f"{workspace}/{slug}", "workspace": {"slug": workspace}}, **more}


def test_a_push_adds_and_removes_the_file(bitbucket: FakeBitbucketCloud) -> None:
    with installed(MODULE, config(bitbucket)) as events:
        events.for_plugin("events").publish("bitbucketCloud.repo:push", news())
        assert targets() == {f"https://bitbucket.org/acme/{file}" for file in files("shop")}
        bitbucket.repositories[0]["files"] = ()
        events.for_plugin("events").publish("bitbucketCloud.repo:push", news())
    assert targets() == set()


def test_a_push_makes_what_came_from_the_file_due(bitbucket: FakeBitbucketCloud) -> None:
    with installed(MODULE, config(bitbucket)) as events:
        refresh(NAME)
        RefreshState.objects.update(next_update_at=timezone.now().replace(year=2100))
        row = RefreshState.objects.get(unprocessed_entity__contains="/shop/")
        RefreshKey.objects.create(entity=row, key="url:https://bitbucket.org/acme/shop/src/main/catalog-info.yaml")
        events.for_plugin("events").publish("bitbucketCloud.repo:push", news())
    due = RefreshState.objects.filter(next_update_at__lte=timezone.now())
    assert list(due.values_list("entity_ref", flat=True)) == [row.entity_ref]


def test_a_repository_that_moves_takes_its_file_along(bitbucket: FakeBitbucketCloud) -> None:
    with installed(MODULE, config(bitbucket)) as events:
        refresh(NAME)
        del bitbucket.repositories[0]
        bitbucket.add("store")
        changes = {"links": {"old": {"html": {"href": "https://bitbucket.org/acme/shop"}}}}
        events.for_plugin("events").publish("bitbucketCloud.repo:updated", news("store", changes=changes))
    assert targets() == {f"https://bitbucket.org/acme/{file}" for file in files("pay", "docs", "store")}


def test_a_push_starts_a_run_if_a_repository_may_have_several_files(bitbucket: FakeBitbucketCloud) -> None:
    with installed(MODULE, config(bitbucket, catalogPath="catalog-info.yaml")) as events:
        events.for_plugin("events").publish("bitbucketCloud.repo:push", news())
    assert len(targets()) == 3


@pytest.mark.parametrize(
    ("topic", "payload", "filters"),
    [
        ("repo:push", news(workspace="umbrella"), {}),
        ("repo:push", news("unknown"), {}),
        ("repo:push", news(), {"repoSlug": "pay"}),
        ("repo:push", news(), {"projectKey": "DOC"}),
        ("repo:updated", news(changes={"description": {"old": "a", "new": "b"}}), {}),
    ],
)
def test_other_news_change_nothing(
    bitbucket: FakeBitbucketCloud, topic: str, payload: dict[str, Any], filters: dict[str, str]
) -> None:
    with installed(MODULE, config(bitbucket, filters=filters)) as events:
        events.for_plugin("events").publish(f"bitbucketCloud.{topic}", payload)
    assert targets() == set()


# Configuration


def test_a_provider_is_a_task_of_the_catalog_that_runs_every_half_an_hour_by_itself(
    bitbucket: FakeBitbucketCloud,
) -> None:
    with installed(MODULE, config(bitbucket)):
        assert scheduled(f"{NAME}:refresh").frequency == {"minutes": 30}


def test_there_may_be_several_providers(bitbucket: FakeBitbucketCloud) -> None:
    providers = {"one": {"workspace": "acme"}, "two": {"workspace": "umbrella"}}
    with installed(MODULE, {"catalog": {"providers": {"bitbucketCloud": providers}}}):
        assert {f"bitbucketCloud-provider:{name}:refresh" for name in providers} <= set(task_ids())


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"filters": {"repoSlug": "("}}, r"filters\.repoSlug.*regular expression"),
        ({"filters": {"projectKey": "("}}, r"filters\.projectKey.*regular expression"),
        ({"level": "team"}, "level.*workspace or project"),
        ({"catalogPath": "/all/"}, "catalogPath.*file"),
        ({"workspace": 7}, "workspace"),
        ({"schedule": {"frequency": "often", "timeout": "PT1M"}}, "schedule"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(
    bitbucket: FakeBitbucketCloud, provider: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(bitbucket, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
