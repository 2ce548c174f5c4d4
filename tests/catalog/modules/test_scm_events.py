"""The module that follows what happens in repositories."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import Location, RefreshKey, RefreshState
from apps.catalog.modules.scm_events.tasks import register
from apps.catalog.operations import register_location
from portal.errors import ConfigError
from portal.plugins import ModuleFailed
from portal.services import scheduler, tasks
from portal.services.events import ImmediateEvents
from portal.testing.fakes import FakeLogger
from tests.catalog.modules.kit import Host, installed
from tests.portal.source_hosts.server import Answer, Asked, answer_json

MODULE = "apps.catalog.modules.scm_events"
SHOP = "https://github.com/acme/shop"
FILE = f"{SHOP}/blob/main/catalog-info.yaml"
LATER = timezone.now().replace(year=2100)


@contextmanager
def following(handling: Any = True, **config: Any) -> Iterator[ImmediateEvents]:
    """Follow events, with some locations registered beforehand."""
    catalog = {"scmEvents": handling, **config.pop("catalog", {})}
    with installed(MODULE, {"catalog": catalog, **config}) as events:
        register(scheduler.for_plugin("catalog"), tasks.for_plugin("catalog"))
        yield events


def registered(*targets: str) -> None:
    """Register locations."""
    for target in targets:
        register_location(type="url", target=target)


def targets() -> set[str]:
    """Return the targets of the registered locations."""
    return set(Location.objects.values_list("target", flat=True))


def news(events: ImmediateEvents, topic: str, payload: Any, **metadata: str) -> None:
    """Publish a webhook's event."""
    events.for_plugin("events").publish(topic, payload, metadata)


def github(**more: Any) -> dict[str, Any]:
    """Return a payload about the repository acme/shop as GitHub's webhooks have it."""
    repository = {"name": "shop", "full_name": "acme/shop", "html_url": SHOP, "default_branch": "main"}
    return {"repository": repository, **more}


def push(*, ref: str = "main", **commit: list[str]) -> dict[str, Any]:
    """Return a push to acme/shop with one commit."""
    return github(ref=f"refs/heads/{ref}", before="1" * 40, after="2" * 40, commits=[commit])


def due() -> set[str]:
    """Return which entities are due."""
    return set(RefreshState.objects.filter(next_update_at__lt=LATER).values_list("entity_ref", flat=True))


def entities(**keys: str) -> None:
    """Have entities, each with a refresh key, that aren't due for long."""
    for name, key in keys.items():
        state = RefreshState.objects.create(
            entity_ref=f"component:default/{name}",
            unprocessed_entity="{}",
            next_update_at=LATER,
            last_discovery_at=LATER,
        )
        RefreshKey.objects.create(entity=state, key=f"url:{key}")


def azure(ref: str) -> dict[str, Any]:
    """Return a push as Azure DevOps tells of it."""
    repository = {"remoteUrl": SHOP.replace("://", "://acme@"), "defaultBranch": "refs/heads/main"}
    return {"resource": {"refUpdates": [{"name": ref}], "repository": repository}}


# Refresh


def test_whatever_came_from_a_file_that_has_changed_is_due() -> None:
    entities(a=FILE, b=f"{SHOP}/tree/main/api.json", c=f"{SHOP}/blob/main/other.yaml", d=f"{SHOP}/blob/dev/api.json")
    with following() as events:
        news(events, "github.push", push(modified=["catalog-info.yaml", "api.json"]))
    assert due() == {"component:default/a", "component:default/b"}


def test_a_push_to_another_branch_is_nothing() -> None:
    entities(a=FILE, b=f"{SHOP}?path=/a.yaml")
    with following() as events:
        news(events, "github.push", push(ref="dev", modified=["catalog-info.yaml"]))
        news(events, "azureDevOps.git.push", azure("refs/heads/dev"))
    assert due() == set()


@pytest.mark.parametrize(
    ("topic", "payload", "url"),
    [
        ("bitbucketCloud.repo:push", {"repository": {"links": {"html": {"href": SHOP}}}}, f"{SHOP}/src/main/a.yaml"),
        ("azureDevOps.git.push", azure("refs/heads/main"), f"{SHOP}?path=/a.yaml"),
        ("github.repository", github(action="archived"), FILE),
    ],
)
def test_a_repository_is_read_again_as_a_whole_if_its_host_says_no_more(topic: str, payload: Any, url: str) -> None:
    entities(a=url, b=url.replace("shop", "shop-2"))
    with following() as events:
        news(events, topic, payload)
    assert due() == {"component:default/a"}


# Unregister


def test_the_location_of_a_file_that_is_gone_is_unregistered() -> None:
    registered(FILE, FILE.replace("/blob/", "/tree/"), f"{SHOP}/blob/main/b.yaml")
    with following() as events:
        news(events, "github.push", push(removed=["catalog-info.yaml"]))
    assert targets() == {f"{SHOP}/blob/main/b.yaml"}


def test_what_a_push_adds_and_takes_away_again_is_nothing() -> None:
    registered(FILE)
    commits = [{"removed": ["catalog-info.yaml"]}, {"added": ["catalog-info.yaml"]}]
    with following() as events:
        news(events, "github.push", {**push(), "commits": commits})
    assert targets() == {FILE}


@pytest.mark.parametrize(
    ("topic", "payload", "metadata"),
    [
        ("github.repository", github(action="deleted"), {}),
        ("gitea.repository", github(action="deleted"), {}),
        ("gitlab.project_destroy", {"path_with_namespace": "acme/shop"}, {"x-gitlab-instance": "https://github.com"}),
        ("catalog.scmEvents", {"events": [{"type": "repository.deleted", "url": f"{SHOP}/"}]}, {}),
    ],
)
def test_a_repository_that_is_gone_takes_its_locations_along(topic: str, payload: Any, metadata: Any) -> None:
    others = {"https://github.com/acme/shop-2/blob/main/a.yaml", "https://github.com/Acme/shop/blob/main/a.yaml"}
    registered(FILE, f"{SHOP}/tree/dev/**/a.yaml", *others)
    with following() as events:
        news(events, topic, payload, **metadata)
    assert targets() == others


# Move


class FakeGitHub(Host):
    """GitHub's comparison of two commits."""

    def answer(self, asked: Asked) -> Answer:
        assert asked.segments == ["repos", "acme", "shop", "compare", f"{'1' * 40}...{'2' * 40}"]
        renamed = {"status": "renamed", "previous_filename": "catalog-info.yaml", "filename": "docs/catalog.yaml"}
        return answer_json({"files": [{"status": "added", "filename": "b.yaml"}, renamed]})


@pytest.fixture
def host() -> Iterator[FakeGitHub]:
    """GitHub, at a port of this machine."""
    host = FakeGitHub()
    yield host
    host.server.close()


def test_a_location_follows_a_file_that_was_renamed(host: FakeGitHub) -> None:
    registered(FILE)
    integrations = {"github": [{"host": "github.com", "apiBaseUrl": host.url, "token": host.token}]}
    with following(integrations=integrations) as events:
        news(events, "github.push", push(added=["docs/catalog.yaml", "b.yaml"], removed=["catalog-info.yaml"]))
    assert targets() == {f"{SHOP}/blob/main/docs/catalog.yaml"}


def test_a_host_that_does_not_answer_changes_nothing(host: FakeGitHub) -> None:
    registered(FILE)
    host.faults = [Answer(b"", 500)]
    integrations = {"github": [{"host": "github.com", "apiBaseUrl": host.url, "token": host.token}]}
    with following(integrations=integrations) as events:
        news(events, "github.push", push(added=["b.yaml"], removed=["catalog-info.yaml"]))
    assert targets() == {FILE}


@pytest.mark.parametrize(
    ("payload", "target"),
    [
        (
            github(action="renamed", changes={"repository": {"name": {"from": "old"}}}),
            "https://github.com/acme/old/blob/main/catalog-info.yaml",
        ),
        (
            github(action="transferred", changes={"owner": {"from": {"user": {"login": "jane"}}}}),
            "https://github.com/jane/shop/blob/main/catalog-info.yaml",
        ),
        (
            github(action="edited", changes={"default_branch": {"from": "master"}}),
            f"{SHOP}/blob/master/catalog-info.yaml",
        ),
    ],
)
def test_locations_follow_a_repository_that_has_moved(payload: Any, target: str) -> None:
    registered(target, "https://github.com/acme/old-2/blob/main/a.yaml")
    with following() as events:
        news(events, "github.repository", payload)
    assert targets() == {FILE, "https://github.com/acme/old-2/blob/main/a.yaml"}
    moved = Location.objects.get(target=FILE)
    assert RefreshState.objects.filter(entity_ref=moved.location_entity_ref).exists()


def test_locations_follow_a_branch_in_either_way_of_writing_it() -> None:
    registered(f"{SHOP}/tree/master/catalog-info.yaml")
    changes = {"default_branch": {"from": "master"}}
    with following() as events:
        news(events, "github.repository", github(action="edited", changes=changes))
    assert targets() == {f"{SHOP}/tree/main/catalog-info.yaml"}


def test_a_move_to_where_there_is_a_location_already_leaves_one() -> None:
    registered(FILE, f"{SHOP}/blob/main/old.yaml")
    move = {"type": "location.moved", "fromUrl": f"{SHOP}/blob/main/old.yaml", "toUrl": FILE}
    with following() as events:
        news(events, "catalog.scmEvents", {"events": [move]})
    assert targets() == {FILE}


def test_a_gitlab_says_which_one_it_is_in_a_header() -> None:
    registered("https://gitlab.acme.example/old/shop/-/blob/main/a.yaml")
    payload = {"path_with_namespace": "new/shop", "old_path_with_namespace": "old/shop"}
    with following() as events:
        news(events, "gitlab.project_transfer", payload, **{"x-gitlab-instance": "https://gitlab.acme.example"})
    assert targets() == {"https://gitlab.acme.example/new/shop/-/blob/main/a.yaml"}


# What is wanted


@pytest.mark.parametrize(
    ("handling", "left"),
    [
        (False, "all"),
        ({"unregister": False}, "all"),
        ({"refresh": False, "move": False}, ""),
        ({}, ""),
    ],
)
def test_what_is_not_wanted_is_not_done(handling: Any, left: str) -> None:
    registered(FILE)
    with following(handling) as events:
        news(events, "github.repository", github(action="deleted"))
    assert targets() == ({FILE} if left else set())


def test_a_read_only_catalog_keeps_its_locations() -> None:
    registered(FILE)
    with following(catalog={"readonly": True}) as events:
        news(events, "github.repository", github(action="deleted"))
    assert targets() == {FILE}


@pytest.mark.parametrize("handling", ["yes please", 7, {"refresh": "often"}])
def test_a_mistake_in_the_configuration_is_named(handling: Any) -> None:
    with pytest.raises(ModuleFailed, match=r"catalog\.scmEvents") as failure, following(handling):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)


@pytest.mark.parametrize("payload", [None, [], {}, {"repository": None}, {"events": [{"type": "file.eaten"}]}])
@pytest.mark.parametrize(
    "topic", ["github.push", "gitlab.project_rename", "bitbucketCloud.repo:updated", "catalog.scmEvents"]
)
def test_rubbish_changes_nothing_and_is_named(topic: str, payload: Any, fake_logger: FakeLogger) -> None:
    registered(FILE)
    with following() as events:
        news(events, topic, payload)
    assert targets() == {FILE}
    assert fake_logger.events("error") == []
    assert fake_logger.events("warning") in ([], ["News of a source host can't be followed"])
