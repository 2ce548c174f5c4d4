"""The module that brings the users and teams of GitHub organisations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.errors import ConfigError, ConflictError, NotFoundError
from portal.integrations.github_apps import GitHubApp, Installation
from portal.plugins import ModuleFailed
from portal.testing.fakes.scheduler import FakePluginScheduler
from tests.catalog.conftest import CatalogFolder
from tests.catalog.modules.github_host import FakeGitHub
from tests.catalog.modules.kit import installed, refresh, task_ids, unprocessed
from tests.portal.source_hosts.keys import PRIVATE_KEY
from tests.portal.source_hosts.server import Answer

MODULE = "apps.catalog.modules.github_org"
NAME = "GithubMultiOrgEntityProvider:prod"


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub with two organisations that share a member."""
    host = FakeGitHub()
    host.members = {
        "Acme": [
            {
                "login": "jane",
                "name": "Jane Doe",
                "email": "jane@home.example",
                "bio": "Writes.",
                "avatarUrl": "http://a",
            },
            {"login": "joe"},
        ],
        "Umbrella": [{"login": "joe"}, {"login": "ann"}],
    }
    host.teams = {
        "Acme": [
            {"slug": "web", "combinedSlug": "acme/web", "members": ["jane", "joe"], "children": ["css"], "name": "Web"},
            {"slug": "css", "combinedSlug": "acme/css", "members": ["joe"], "parentTeam": {"slug": "web"}},
        ],
        "Umbrella": [{"slug": "web", "combinedSlug": "umbrella/web", "members": ["ann", "joe"]}],
    }
    yield host
    host.server.close()


def config(github: FakeGitHub, **provider: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    one = {"id": "prod", "githubUrl": github.url, "orgs": ["Acme", "Umbrella"], **provider}
    return {"integrations": {"github": [github.integration()]}, "catalog": {"providers": {"githubOrg": one}}}


def found(github: FakeGitHub, **provider: Any) -> dict[str, dict[str, Any]]:
    """Run a provider and return what it has found."""
    with installed(MODULE, config(github, **provider)):
        refresh(NAME)
    return unprocessed()


# A run


def test_members_become_users(github: FakeGitHub) -> None:
    github.members["Acme"][0]["suspendedAt"] = None
    user = found(github)["user:default/jane"]
    assert user["key"] == "github-multi-org-provider:prod"
    assert user["metadata"]["description"] == "Writes."
    location = f"url:https://{github.name}/jane"
    assert user["metadata"]["annotations"] == {
        "github.com/user-login": "jane",
        "backstage.io/managed-by-location": location,
        "backstage.io/managed-by-origin-location": location,
    }
    profile = {"displayName": "Jane Doe", "email": "jane@home.example", "picture": "http://a"}
    assert user["spec"] == {"profile": profile, "memberOf": ["acme/web"]}


def test_teams_become_groups_in_the_namespace_of_their_organisation(github: FakeGitHub) -> None:
    entities = found(github)
    assert {ref for ref in entities if ref.startswith("group:")} == {
        "group:acme/web",
        "group:acme/css",
        "group:umbrella/web",
    }
    css, web = entities["group:acme/css"], entities["group:acme/web"]
    assert css["spec"] == {"type": "team", "profile": {}, "parent": "web", "children": [], "members": ["default/joe"]}
    assert web["spec"]["children"] == ["css"]
    assert web["metadata"]["annotations"]["github.com/team-slug"] == "acme/web"
    origin = web["metadata"]["annotations"]["backstage.io/managed-by-origin-location"]
    assert origin == f"url:https://{github.name}/orgs/Acme/teams/web"


def test_a_member_of_two_organisations_is_one_user(github: FakeGitHub) -> None:
    user = found(github)["user:default/joe"]
    assert user["spec"]["memberOf"] == ["acme/web", "acme/css", "umbrella/web"]


def test_a_single_organisation_has_its_groups_in_the_default_namespace(github: FakeGitHub) -> None:
    entities = found(github, orgs=["Acme"])
    assert entities["user:default/jane"]["spec"]["memberOf"] == ["web"]
    assert "namespace" not in entities["group:default/web"]["metadata"]


def test_relations_lead_from_users_to_groups_and_back(github: FakeGitHub, folder: CatalogFolder) -> None:
    found(github)
    folder.settle()
    assert folder.entity("user:default/joe")["relations"] == [
        {"type": "memberOf", "targetRef": "group:acme/css"},
        {"type": "memberOf", "targetRef": "group:acme/web"},
        {"type": "memberOf", "targetRef": "group:umbrella/web"},
    ]
    relations = folder.entity("group:acme/css")["relations"]
    assert {"type": "hasMember", "targetRef": "user:default/joe"} in relations
    assert {"type": "childOf", "targetRef": "group:acme/web"} in relations


def test_everything_is_read_page_after_page(github: FakeGitHub) -> None:
    github.members["Acme"] += [{"login": f"u{number}"} for number in range(25)]
    github.teams["Acme"][0]["members"] = [f"u{number}" for number in range(25)]
    entities = found(github, pageSizes={"teams": 1, "teamMembers": 10, "organizationMembers": 10})
    assert len(entities["group:acme/web"]["spec"]["members"]) == 25
    assert entities["user:default/u24"]["spec"]["memberOf"] == ["acme/web"]
    assert len(entities) == 3 + 25 + 3


def test_suspended_users_are_left_out_if_that_is_asked_for(github: FakeGitHub) -> None:
    github.members["Acme"][0]["suspendedAt"] = "2026-01-01T00:00:00Z"
    assert "user:default/jane" in found(github)
    # github.com has no such field, and would refuse the query.
    assert not any(b"suspendedAt" in asked.body for asked in github.server.asked)
    assert "user:default/jane" not in found(github, excludeSuspendedUsers=True)


def test_an_address_in_a_verified_domain_is_preferred_if_that_is_asked_for(github: FakeGitHub) -> None:
    github.members["Acme"][0]["organizationVerifiedDomainEmails"] = ["jane@acme.example"]
    assert found(github)["user:default/jane"]["spec"]["profile"]["email"] == "jane@home.example"
    entities = found(github, defaultUserTransformer={"useVerifiedEmails": True})
    assert entities["user:default/jane"]["spec"]["profile"]["email"] == "jane@acme.example"


def test_without_orgs_it_reads_where_apps_are_installed(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    installations = [Installation(1, "Acme", False), Installation(2, "some-user", False)]
    monkeypatch.setattr(GitHubApp, "installations", lambda self, fresh=False: installations)
    monkeypatch.setattr(GitHubApp, "token_for", lambda self, owner, repo="": github.token)
    settings = config(github, orgs=None)
    settings["integrations"]["github"] = [github.integration(apps=[{"appId": 7, "privateKey": PRIVATE_KEY}])]
    with installed(MODULE, settings):
        refresh(NAME)
    entities = unprocessed()
    assert set(entities) == {"user:default/jane", "user:default/joe", "group:acme/web", "group:acme/css"}
    # Apps may not ask for addresses.
    assert "email" not in entities["user:default/jane"]["spec"]["profile"]


# What goes wrong


def test_an_organisation_that_is_not_there_leaves_everything_as_it_is(github: FakeGitHub) -> None:
    before = found(github)
    del github.members["Umbrella"]
    with pytest.raises(NotFoundError, match="Umbrella"):
        found(github)
    assert unprocessed() == before


def test_a_failure_in_the_midst_changes_nothing(github: FakeGitHub) -> None:
    before = found(github)
    github.members["Acme"].clear()
    github.faults = [Answer(b"{}", 401)]
    with pytest.raises(Exception, match="401"):
        found(github)
    assert unprocessed() == before


# Webhooks


def organization(action: str, login: str, org: str = "acme") -> dict[str, Any]:
    return {"action": action, "organization": {"login": org}, "membership": {"user": {"login": login}}}


def test_a_new_member_comes_in_with_what_they_belong_to(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        refresh(NAME)
        github.members["Acme"].append({"login": "ann"})
        events.for_plugin("events").publish("github.organization", organization("member_added", "ann"))
        github.members["Acme"].append({"login": "new", "name": "New"})
        events.for_plugin("events").publish("github.organization", organization("member_added", "new"))
    entities = unprocessed()
    assert entities["user:default/new"]["spec"] == {"profile": {"displayName": "New"}, "memberOf": []}
    assert entities["user:default/ann"]["spec"]["memberOf"] == ["umbrella/web"]


def test_a_member_who_leaves_the_last_organisation_is_removed(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        refresh(NAME)
        for login in ("jane", "joe"):
            github.members["Acme"] = [one for one in github.members["Acme"] if one["login"] != login]
            for team in github.teams["Acme"]:
                team["members"] = [one for one in team["members"] if one != login]
            events.for_plugin("events").publish("github.organization", organization("member_removed", login))
    entities = unprocessed()
    assert "user:default/jane" not in entities
    assert entities["user:default/joe"]["spec"]["memberOf"] == ["umbrella/web"]


def test_who_joins_a_team_shows_at_both_ends_as_a_run_would_show_it(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        refresh(NAME)
        github.teams["Acme"][1]["members"].append("jane")
        payload = {
            "action": "added",
            "organization": {"login": "acme"},
            "member": {"login": "jane"},
            "team": {"slug": "css"},
        }
        events.for_plugin("events").publish("github.membership", payload)
        after = unprocessed()
        refresh(NAME)
    assert after["user:default/jane"]["spec"]["memberOf"] == ["acme/web", "acme/css"]
    assert after["group:acme/css"]["spec"]["members"] == ["default/joe", "default/jane"]
    assert unprocessed() == after


def test_changes_of_teams_start_a_run(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        github.teams["Umbrella"].append({"slug": "ops", "combinedSlug": "umbrella/ops", "members": []})
        payload = {"action": "created", "organization": {"login": "umbrella"}, "team": {"slug": "ops"}}
        events.for_plugin("events").publish("github.team", payload)
    assert "group:umbrella/ops" in unprocessed()


def test_news_during_a_run_is_left_to_the_next_one(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def trigger(self: FakePluginScheduler, id: str) -> None:
        raise ConflictError("It is running.")

    monkeypatch.setattr(FakePluginScheduler, "trigger", trigger)
    with installed(MODULE, config(github)) as events, caplog.at_level("INFO"):
        payload = {"action": "created", "organization": {"login": "acme"}, "team": {"slug": "ops"}}
        events.for_plugin("events").publish("github.team", payload)
    assert "the next run sees what this one has missed" in caplog.text
    assert "failed" not in caplog.text


def test_other_organisations_and_other_changes_are_none_of_its_business(github: FakeGitHub) -> None:
    with installed(MODULE, config(github)) as events:
        send = events.for_plugin("events").publish
        send("github.organization", organization("member_added", "jane", org="other"))
        send("github.organization", organization("renamed", "jane"))
        send("github.team", {"action": "created", "organization": {"login": "other"}})
        send("github.installation", {"action": "created", "installation": {"account": {"login": "other"}}})
    assert github.server.asked == []


# Configuration


def test_several_providers_are_a_list(github: FakeGitHub) -> None:
    settings = config(github)
    one = settings["catalog"]["providers"]["githubOrg"]
    settings["catalog"]["providers"]["githubOrg"] = [one, {**one, "id": "other"}]
    with installed(MODULE, settings):
        assert task_ids()[-2:] == [f"{NAME}:refresh", "GithubMultiOrgEntityProvider:other:refresh"]


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ({"id": None}, "id"),
        ({"githubUrl": None}, "githubUrl"),
        ({"githubUrl": "github"}, "such as https://github.com"),
        ({"githubUrl": "https://git.unknown.example"}, "git.unknown.example"),
        ({"pageSizes": {"teams": 0}}, "1 to 100"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(github: FakeGitHub, provider: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failure, installed(MODULE, config(github, **provider)):
        pass
    assert isinstance(failure.value.__cause__, ConfigError)
