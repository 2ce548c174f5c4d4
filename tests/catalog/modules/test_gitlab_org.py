"""The module that brings the users and groups of GitLab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.catalog.modules.gitlab_org import people
from portal.errors import ConfigError, ServiceUnavailableError
from portal.plugins import ModuleFailed
from tests.catalog.modules.gitlab_host import FakeGitLab
from tests.catalog.modules.kit import installed, refresh, task_ids, unprocessed
from tests.portal.source_hosts.server import Answer

MODULE = "apps.catalog.modules.gitlab_org"
NAME = "GitlabOrgDiscoveryEntityProvider:prod"


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    """A GitLab with groups in groups, and people in some of them."""
    host = FakeGitLab()
    host.add_group("acme", ["ann"])
    host.add_group("acme/web", ["jane"], description="The web.")
    host.add_group("acme/web/css", ["joe"])
    host.add_group("umbrella", ["joe"])
    host.inherited = {"acme/web": ["ann"], "acme/web/css": ["ann", "jane"]}
    host.add_user("ann")
    host.add_user("jane", email="jane@acme.example", avatar_url="http://a")
    host.add_user("joe")
    host.add_user("gone", state="blocked")
    host.add_user("project_7_bot_0a1b")
    yield host
    host.server.close()


def config(gitlab: FakeGitLab, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"host": gitlab.name, "group": "acme", "orgEnabled": True, **provider}
    return {"integrations": {"gitlab": [gitlab.integration()]}, "catalog": {"providers": {"gitlab": {"prod": one}}}}


def found(gitlab: FakeGitLab, **provider: Any) -> dict[str, dict[str, Any]]:
    """Run a provider and return what it has found."""
    with installed(MODULE, config(gitlab, **provider)):
        refresh(NAME)
    return unprocessed()


def groups_of(entities: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return what users belong to, by their names."""
    return {
        entity["metadata"]["name"]: entity["spec"]["memberOf"]
        for entity in entities.values()
        if entity["kind"] == "User"
    }


# A run


def test_users_become_users(gitlab: FakeGitLab) -> None:
    user = found(gitlab)["user:default/jane"]
    assert user["key"] == NAME
    location = f"url:{gitlab.url}/jane"
    assert user["metadata"]["annotations"] == {
        "127.0.0.1/user-login": f"{gitlab.url}/jane",
        "backstage.io/managed-by-location": location,
        "backstage.io/managed-by-origin-location": location,
    }
    profile = {"displayName": "Jane", "email": "jane@acme.example", "picture": "http://a"}
    assert user["spec"] == {"profile": profile, "memberOf": ["web"]}


def test_groups_are_named_by_their_path_below_the_configured_one(gitlab: FakeGitLab) -> None:
    entities = found(gitlab)
    assert {ref for ref in entities if ref.startswith("group:")} == {"group:default/web", "group:default/web-css"}
    assert entities["group:default/web"]["metadata"]["description"] == "The web."
    assert entities["group:default/web"]["metadata"]["annotations"]["127.0.0.1/team-path"] == "acme/web"
    spec = {"type": "team", "parent": "web", "children": [], "profile": {"displayName": "Css"}}
    assert entities["group:default/web-css"]["spec"] == spec
    assert "parent" not in entities["group:default/web"]["spec"]


def test_without_a_group_all_groups_count(gitlab: FakeGitLab) -> None:
    entities = found(gitlab, group=None)
    assert groups_of(entities) == {"ann": ["acme"], "jane": ["acme-web"], "joe": ["acme-web-css", "umbrella"]}
    assert entities["group:default/acme-web-css"]["spec"]["parent"] == "acme-web"


def test_blocked_users_and_bots_are_left_out(gitlab: FakeGitLab) -> None:
    assert set(groups_of(found(gitlab))) == {"ann", "jane", "joe"}


def test_patterns_choose_users_and_groups(gitlab: FakeGitLab) -> None:
    entities = found(gitlab, userPattern="^j.*(e|example)$", groupPattern="css$")
    assert groups_of(entities) == {"jane": [], "joe": ["web-css"]}


def test_users_may_be_limited_to_those_of_the_group(gitlab: FakeGitLab) -> None:
    assert set(groups_of(found(gitlab, restrictUsersToGroup=True, group="acme/web"))) == {"ann", "jane"}


@pytest.mark.parametrize(
    ("provider", "ann", "joe"),
    [
        ({}, [], ["web-css"]),
        ({"relations": ["INHERITED"]}, ["web", "web-css"], ["web-css"]),
        ({"allowInherited": True}, ["web", "web-css"], ["web-css"]),
        ({"relations": ["DESCENDANTS"]}, [], ["web", "web-css"]),
    ],
)
def test_who_belongs_to_a_group_may_follow_from_other_groups(
    gitlab: FakeGitLab, provider: dict[str, Any], ann: list[str], joe: list[str]
) -> None:
    groups = groups_of(found(gitlab, **provider))
    assert (groups["ann"], groups["joe"]) == (ann, joe)


def test_on_the_public_gitlab_users_are_those_with_a_seat_in_the_group_at_the_top(
    gitlab: FakeGitLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PUBLIC_HOST", gitlab.name)
    gitlab.inherited["acme"] = ["jane"]
    gitlab.users[1]["is_using_seat"] = False
    assert set(groups_of(found(gitlab, group="acme/web"))) == {"ann"}
    assert set(groups_of(found(gitlab, group="acme/web", includeUsersWithoutSeat=True))) == {"ann", "jane"}


def test_a_user_that_is_gone_is_removed_at_the_next_run(gitlab: FakeGitLab) -> None:
    found(gitlab)
    gitlab.users[1]["state"] = "blocked"
    assert "user:default/jane" not in found(gitlab)


def test_a_failure_in_the_midst_changes_nothing(gitlab: FakeGitLab) -> None:
    before = found(gitlab)
    gitlab.users[0]["name"] = "Changed"
    respond = gitlab.answer
    broken = Answer(status=500)
    gitlab.answer = lambda asked: broken if asked.path.endswith("/members") else respond(asked)  # type: ignore[method-assign]
    with pytest.raises(ServiceUnavailableError):
        found(gitlab)
    assert unprocessed() == before


# Webhooks


@pytest.mark.parametrize(
    ("topic", "payload", "runs"),
    [
        ("user_create", {"username": "new"}, True),
        ("user_add_to_group", {"group_path": "web", "group_name": "Web"}, True),
        ("group_create", {"full_path": "acme/new"}, True),
        ("group_create", {"full_path": "umbrella/new"}, False),
    ],
)
def test_news_of_users_and_groups_starts_a_run(
    gitlab: FakeGitLab, topic: str, payload: dict[str, Any], runs: bool
) -> None:
    with installed(MODULE, config(gitlab)) as events:
        events.for_plugin("events").publish(f"gitlab.{topic}", {"event_name": topic, **payload})
    assert bool(unprocessed()) is runs


# Configuration


def test_a_provider_that_is_not_enabled_for_people_does_nothing(gitlab: FakeGitLab) -> None:
    with installed(MODULE, config(gitlab, orgEnabled=False)):
        assert task_ids() == ["catalog_orphan_cleanup"]


def test_the_public_gitlab_takes_a_group(gitlab: FakeGitLab) -> None:
    with (
        pytest.raises(ModuleFailed, match="Set group") as failure,
        installed(MODULE, config(gitlab, host="gitlab.com", group=None)),
    ):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
