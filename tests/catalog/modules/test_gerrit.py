"""The module that finds catalog files in Gerrit's projects."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from portal.errors import ConfigError, InputError, ServiceUnavailableError
from portal.plugins import ModuleFailed
from tests.catalog.modules.kit import Host, installed, refresh, running, scheduled, targets, unprocessed
from tests.portal.source_hosts.server import Answer, Asked, answer_json

MODULE = "apps.catalog.modules.gerrit"
NAME = "gerrit-provider:prod"
#: Before all of Gerrit's JSON.
PREFIX = b")]}'\n"


class FakeGerrit(Host):
    """A Gerrit with Gitiles beside it, as far as the module asks it; shapes as documented."""

    def __init__(self) -> None:
        super().__init__()
        #: What HEAD points at, by project.
        self.projects: dict[str, str] = {}
        self.page_size = 3

    def _respond(self, asked: Asked) -> Answer:
        if self.faults:
            return self.faults.pop(0)
        credentials = base64.b64encode(f"jane:{self.token}".encode()).decode()
        if asked.authorization != f"Basic {credentials}":
            return Answer(b"Unauthorized", 401)
        return self.answer(asked)

    def answer(self, asked: Asked) -> Answer:
        match asked.segments:
            case ["a", "projects"]:
                start = int(asked.query.get("S", "0"))
                names = sorted(name for name in self.projects if name.startswith(asked.query.get("prefix", "")))
                page = names[start : start + min(self.page_size, int(asked.query.get("n", "99")))]
                body: dict[str, Any] = {name: {"id": name.replace("/", "%2F"), "state": "ACTIVE"} for name in page}
                if page and page[-1] != names[-1]:
                    body[page[-1]]["_more_projects"] = True
                return answer_json(body, prefix=PREFIX)
            case ["a", "projects", name, "HEAD"]:
                return answer_json(self.projects[name], prefix=PREFIX)
        return Answer(b"Not found", 404)


@pytest.fixture
def gerrit() -> Iterator[FakeGerrit]:
    """A Gerrit with four projects, and the one for its settings."""
    host = FakeGerrit()
    host.projects = dict.fromkeys(("web/shop", "web/pay", "docs"), "refs/heads/main")
    host.projects |= {"old": "refs/heads/stable-1", "All-Projects": "refs/meta/config"}
    yield host
    host.server.close()


def config(gerrit: FakeGerrit, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"host": gerrit.name, "query": "state=ACTIVE", **provider}
    entry = {
        "host": gerrit.name,
        "baseUrl": gerrit.url,
        "gitilesBaseUrl": f"{gerrit.url}/plugins/gitiles",
        "username": "jane",
        "password": "let-me-in",
    }
    return {"integrations": {"gerrit": [entry]}, "catalog": {"providers": {"gerrit": {"prod": one}}}}


def found(gerrit: FakeGerrit, **provider: Any) -> set[str]:
    """Run a provider and return what it has found, without the address of Gitiles."""
    with installed(MODULE, config(gerrit, **provider)):
        refresh(NAME)
    return {target.removeprefix(f"{gerrit.url}/plugins/gitiles/") for target in targets()}


def files(*names: str) -> set[str]:
    return {f"{name}/+/refs/heads/main/catalog-info.yaml" for name in names}


OLD = "old/+/refs/heads/stable-1/catalog-info.yaml"


def test_each_project_becomes_a_location_of_the_provider_on_the_branch_of_its_head(gerrit: FakeGerrit) -> None:
    assert found(gerrit) == {OLD} | files("web/shop", "web/pay", "docs")
    (location,) = [one for one in unprocessed().values() if "/shop/" in one["spec"]["target"]]
    url = f"{gerrit.url}/plugins/gitiles/web/shop/+/refs/heads/main/catalog-info.yaml"
    assert location["key"] == NAME
    assert location["spec"] == {"type": "url", "target": url, "presence": "optional"}


def test_a_configured_branch_and_path_are_taken_as_they_are(gerrit: FakeGerrit) -> None:
    wanted = found(gerrit, branch="release/1", catalogPath="/docs/*.yaml", query="prefix=web/s")
    assert wanted == {"web/shop/+/refs/heads/release%2F1/docs/*.yaml"}
    assert len(gerrit.server.asked) == 1


def test_the_query_chooses_projects_page_after_page(gerrit: FakeGerrit) -> None:
    gerrit.projects = {f"web/r{number}": "refs/heads/main" for number in range(8)} | {"docs": "refs/heads/main"}
    assert len(found(gerrit, query="?prefix=web/&state=ACTIVE")) == 8
    lists = [asked.query for asked in gerrit.server.asked if asked.path == "/a/projects/"]
    assert [query.get("S") for query in lists] == [None, "3", "6"]
    assert all(query["state"] == "ACTIVE" and query["prefix"] == "web/" for query in lists)


def test_a_query_for_a_part_of_the_list_is_asked_once(gerrit: FakeGerrit) -> None:
    assert found(gerrit, query="n=2&S=1") == files("docs") | {OLD}
    assert len([asked for asked in gerrit.server.asked if asked.path == "/a/projects/"]) == 1


def test_a_project_that_is_gone_is_removed_at_the_next_run(gerrit: FakeGerrit) -> None:
    assert len(found(gerrit)) == 4
    del gerrit.projects["old"]
    assert found(gerrit) == files("web/shop", "web/pay", "docs")


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Answer(b"Unauthorized", 401), InputError, r"integrations\.gerrit\[0\]\.password"),
        (Answer(b"", 502), ServiceUnavailableError, "502"),
        (Answer(b"<html>", 200), ServiceUnavailableError, "JSON"),
        (Answer(PREFIX + b"[]", 200), ServiceUnavailableError, "JSON"),
    ],
)
def test_a_failure_is_told_and_changes_nothing(
    gerrit: FakeGerrit, fault: Answer, error: type[Exception], message: str
) -> None:
    found(gerrit)
    gerrit.projects.clear()
    gerrit.faults = [fault]
    with pytest.raises(error, match=message):
        found(gerrit)
    assert len(targets()) == 4


def test_gerrit_is_left_alone_for_as_long_as_it_asks(gerrit: FakeGerrit, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    gerrit.faults = [Answer(b"", 429, {"Retry-After": "7"})]
    with running() as run:
        monkeypatch.setattr(run, "wait", waited.append)
        assert len(found(gerrit)) == 4
    assert waited == [7.0]


def test_a_provider_is_a_task_of_the_catalog_that_runs_every_half_an_hour_by_itself(gerrit: FakeGerrit) -> None:
    with installed(MODULE, config(gerrit)):
        assert scheduled(f"{NAME}:refresh").frequency == {"minutes": 30}


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"host": None}, "host"),
        ({"query": None}, "query"),
        ({"host": "git.unknown.example"}, r"integrations\.gerrit has no entry for 'git\.unknown\.example'"),
        ({"schedule": {"frequency": "often", "timeout": "PT1M"}}, "schedule"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(gerrit: FakeGerrit, provider: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(gerrit, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
