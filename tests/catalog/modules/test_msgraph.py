"""The module that brings the users and groups of Microsoft Entra ID."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.modules.msgraph.conf import MicrosoftGraphConfig
from apps.catalog.modules.msgraph.entities import (
    default_group_transformer,
    default_user_transformer,
    normalized_name,
)
from apps.catalog.modules.msgraph.extension_points import MicrosoftGraphTransforms
from portal.entities import Entity
from portal.services import services
from portal.testing import FakeLogger
from tests.catalog.modules.graph_host import PHOTO, TENANT, FakeGraph, refused
from tests.catalog.modules.kit import installed, refresh, unprocessed
from tests.catalog.modules.msgraph_kit import MODULE, NAME, ROOT, config, found, users_in
from tests.catalog.modules.organization_transforms import transforming


def groups_in(entities: dict[str, Any]) -> set[str]:
    """Return the names of the groups among entities, but for the root."""
    return {ref.partition("/")[2] for ref in entities if ref.startswith("group:") and ref != ROOT}


# A run


def test_people_become_users(graph: FakeGraph) -> None:
    user = found(graph)["user:default/jane_acme.example"]
    assert user["key"] == "msgraph-org-provider:acme"
    assert user["metadata"]["annotations"] == {
        "graph.microsoft.com/user-id": "user-jane",
        "microsoft.com/email": "jane@acme.example",
        "backstage.io/managed-by-location": "msgraph:acme/user-jane",
        "backstage.io/managed-by-origin-location": "msgraph:acme/user-jane",
    }
    assert user["spec"] == {
        "profile": {"displayName": "Jane", "email": "jane@acme.example"},
        "memberOf": [ROOT, "group:default/product_team", "group:default/web"],
    }


def test_somebody_without_an_address_is_known_by_the_name_for_signing_in(graph: FakeGraph) -> None:
    user = found(graph)["user:default/joe_acme.onmicrosoft.example"]
    assert user["spec"]["profile"] == {"displayName": "Joe"}
    assert user["spec"]["memberOf"] == [ROOT, "group:default/product_team"]


def test_groups_are_below_each_other_and_the_organisation_above_all(graph: FakeGraph) -> None:
    entities = found(graph)
    web, product, root = (entities[ref] for ref in ("group:default/web", "group:default/product_team", ROOT))
    assert web["metadata"]["description"] == "The web."
    assert web["spec"] == {
        "type": "team",
        "profile": {"displayName": "Web", "email": "web@acme.example"},
        "children": [],
        "parent": "group:default/product_team",
    }
    assert product["spec"]["children"] == ["group:default/web"]
    assert product["spec"]["parent"] == ROOT
    assert root["metadata"]["annotations"]["graph.microsoft.com/tenant-id"] == TENANT
    assert root["metadata"]["description"] == "Acme Ltd. (Test)"
    assert root["spec"] == {
        "type": "root",
        "profile": {"displayName": "Acme Ltd. (Test)"},
        "children": ["group:default/product_team"],
    }


def test_those_in_no_group_are_users_all_the_same(graph: FakeGraph) -> None:
    assert found(graph)["user:default/ann_acme.example"]["spec"]["memberOf"] == []


def test_five_thousand_members_are_read_page_after_page(graph: FakeGraph) -> None:
    graph.page_size = 999
    graph.add_group("everybody", *(graph.add_user(f"p{number}") for number in range(5000)))
    entities = found(graph, user={"loadPhotos": False})
    members = [one for one in entities.values() if "group:default/everybody" in one["spec"].get("memberOf", ())]
    assert len(members) == 5000
    assert len(graph.asked_for("groups/group-everybody/members")) == 6
    assert not graph.asked_for("users/user-p1/photos")


def test_groups_in_a_circle_are_read_like_any_others(graph: FakeGraph) -> None:
    graph.add_group("a", "group-b", "user-ann")
    graph.add_group("b", "group-a")
    entities = found(graph)
    assert entities["group:default/a"]["spec"]["parent"] == "group:default/b"
    assert entities["group:default/b"]["spec"]["parent"] == "group:default/a"
    member_of = entities["user:default/ann_acme.example"]["spec"]["memberOf"]
    assert member_of == ["group:default/a", "group:default/b"]


def test_what_has_no_name_is_left_out(graph: FakeGraph) -> None:
    graph.add_user("nameless", displayName=None)
    graph.add_user("unreachable", mail=None, userPrincipalName=None)
    nameless = graph.add_group("nameless", displayName="")
    before = len(found(graph))
    assert before == 3 + 2 + 1
    assert not graph.asked_for(f"groups/{nameless}/members")


def test_of_two_groups_with_one_name_the_first_counts_and_a_warning_names_both(graph: FakeGraph) -> None:
    graph.add_group("WEB", id="group-2")
    with installed(MODULE, config(graph)):
        services["logger"] = log = FakeLogger()
        refresh(NAME)
    assert unprocessed()["group:default/web"]["metadata"]["annotations"]["graph.microsoft.com/group-id"] == "group-web"
    (line,) = [line for line in log.lines if line.level == "warning"]
    assert line.fields["examples"] == ["group:default/web: 'group-2' gives way to 'group-web'"]


def test_what_is_gone_is_removed_at_the_next_run(graph: FakeGraph) -> None:
    found(graph)
    del graph.users[0]
    assert users_in(found(graph)) == {"joe_acme.onmicrosoft.example", "ann_acme.example"}


# Queries


def test_filters_choose_users_and_groups(graph: FakeGraph) -> None:
    graph.finds = {
        "accountEnabled eq true": ["user-ann"],
        "startswith(displayName,'W') and a/any(c:c eq 'U')": ["group-web"],
    }
    entities = found(
        graph,
        user={"filter": "accountEnabled eq true", "expand": "manager", "select": ["displayName", "mail"]},
        # As in Graph's own examples, partly encoded.
        group={"filter": "startswith(displayName,'W') and a/any(c:c+eq+%27U%27)"},
    )
    assert (users_in(entities), groups_in(entities)) == ({"ann_acme.example"}, {"web"})
    (asked,) = graph.asked_for("users")
    assert asked.query == {
        "$filter": "accountEnabled eq true",
        "$select": "displayName,mail,id",
        "$expand": "manager",
        "$top": "999",
    }
    assert "consistencylevel" not in asked.headers


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("displayName eq 'R%26D'", "displayName eq 'R&D'"),
        ("displayName eq 'C%23'", "displayName eq 'C#'"),
        ("displayName eq 'Größe #1'", "displayName eq 'Größe #1'"),
    ],
)
def test_unusual_signs_in_a_filter_arrive(graph: FakeGraph, written: str, read: str) -> None:
    graph.finds = {read: ["group-web"]}
    assert groups_in(found(graph, group={"filter": written})) == {"web"}


def test_advanced_queries_are_asked_as_such(graph: FakeGraph) -> None:
    graph.finds = {"f": ["user-ann"], '"displayName:-team"': ["group-web"]}
    found(graph, queryMode="advanced", user={"filter": "f"})
    (asked,) = graph.asked_for("users")
    assert (asked.query["$count"], asked.headers["consistencylevel"]) == ("true", "eventual")
    graph.server.asked.clear()
    # A search takes it in any case.
    entities = found(graph, group={"search": '"displayName:-team"'})
    assert groups_in(entities) == {"web"}
    assert graph.asked_for("groups")[0].headers["consistencylevel"] == "eventual"
    assert "consistencylevel" not in graph.asked_for("groups/group-web/members")[0].headers


def test_users_may_be_the_members_of_groups(graph: FakeGraph) -> None:
    graph.members["group-web"].append("user-ann")
    graph.finds = {"displayName eq 'Web'": ["group-web"], '"displayName:Prod"': ["group-product"]}
    chosen = found(graph, userGroupMember={"filter": "displayName eq 'Web'"}, user={"select": ["displayName", "mail"]})
    assert users_in(chosen) == {"jane_acme.example", "ann_acme.example"}
    (asked, *_) = graph.asked_for("groups/group-web/members/microsoft.graph.user")
    assert asked.query["$select"] == "displayName,mail,id"
    searched = found(graph, userGroupMember={"search": '"displayName:Prod"'})
    assert users_in(searched) == {"joe_acme.onmicrosoft.example"}


def test_paths_choose_other_lists(graph: FakeGraph) -> None:
    entities = found(
        graph,
        user={"path": "groups/group-product/transitiveMembers/microsoft.graph.user"},
        group={"path": "/groups/group-product/transitiveMembers/microsoft.graph.group/"},
    )
    assert (users_in(entities), groups_in(entities)) == ({"joe_acme.onmicrosoft.example"}, {"web"})


def test_groups_inside_of_those_that_were_found_may_come_along(graph: FakeGraph) -> None:
    graph.add_group("css", "user-ann")
    graph.members["group-web"].append("group-css")
    graph.finds = {"f": ["group-product"]}
    assert groups_in(found(graph, group={"filter": "f"})) == {"product_team"}
    entities = found(graph, group={"filter": "f", "includeSubGroups": True})
    # One step down, as Backstage goes.
    assert groups_in(entities) == {"product_team", "web"}
    assert entities["user:default/jane_acme.example"]["spec"]["memberOf"][1:] == [
        "group:default/product_team",
        "group:default/web",
    ]


# Photos


def test_the_largest_photo_that_fits_is_taken(graph: FakeGraph) -> None:
    graph.photos = {"user-jane": [48, 120, 96, 648], "user-ann": [648, 504], "user-joe": []}
    entities = found(graph)

    def picture(name: str) -> str | None:
        return entities[f"user:default/{name}"]["spec"]["profile"].get("picture")

    assert picture("jane_acme.example") == f"data:image/jpeg;base64,{base64.b64encode(PHOTO + b'120x120').decode()}"
    assert picture("ann_acme.example") == f"data:image/jpeg;base64,{base64.b64encode(PHOTO + b'648x648').decode()}"
    assert picture("joe_acme.onmicrosoft.example") is None


def test_photos_that_may_not_be_seen_cost_one_warning_and_nobody(graph: FakeGraph) -> None:
    respond = graph.answer
    denied = refused(403, "ErrorAccessDenied", "Access is denied.")
    graph.answer = lambda asked: denied if asked.path.endswith("/photos") else respond(asked)  # type: ignore[method-assign]
    with installed(MODULE, config(graph)):
        services["logger"] = log = FakeLogger()
        refresh(NAME)
    assert len(users_in(unprocessed())) == 3
    (line,) = [line for line in log.lines if line.level == "warning"]
    assert line.fields["count"] == 3
    assert "ErrorAccessDenied, Access is denied" in line.fields["examples"][0]


# Names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jane.Doe@Acme.example", "jane.doe_acme.example"),
        (" My Group (Reader) ", "my_group_reader"),
        ("a  &  b", "a_b"),
        ("Größe", "gr_e"),
        ("a__b", "a_b"),
        ("_a-b.c_", "_a-b.c"),
        ("(Admins)", "_admins"),
    ],
)
def test_names_are_made_by_one_rule(text: str, name: str) -> None:
    assert normalized_name(text) == name


@given(st.text())
def test_a_name_stays_what_it_is_once_it_is_made(text: str) -> None:
    name = normalized_name(text)
    assert normalized_name(name) == name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ({"securityEnabled": True, "mailNickname": "nick"}, "shown_name"),
        ({"securityEnabled": False, "mailNickname": "nick"}, "nick"),
        ({"mailNickname": None}, "shown_name"),
    ],
)
def test_a_group_that_gets_mail_is_known_by_its_address(group: dict[str, Any], name: str) -> None:
    entity = default_group_transformer({"id": "1", "displayName": "Shown name", **group}, None)
    assert entity is not None
    assert entity["metadata"]["name"] == name


# What other modules add


def test_another_module_may_make_users_groups_and_the_organisation_in_its_own_way(graph: FakeGraph) -> None:
    def user(node: dict[str, Any], photo: str | None) -> Entity | None:
        entity = default_user_transformer(node, photo)
        assert entity is not None
        return {**entity, "metadata": {**entity["metadata"], "name": node["id"]}} if node["mail"] else None

    def group(node: dict[str, Any], photo: str | None) -> Entity | None:
        entity = default_group_transformer(node, photo)
        assert entity is not None
        entity["spec"]["members"] = ["user:default/user-ann"] if node["id"] == "group-web" else []
        return entity

    def extend(transforms: MicrosoftGraphTransforms) -> None:
        transforms.set_user_transformer(user)
        transforms.set_group_transformer({"acme": group})
        transforms.set_organization_transformer(lambda node: None)

    with transforming(MicrosoftGraphTransforms, extend):
        entities = found(graph)
    assert users_in(entities) == {"user-jane", "user-ann"}
    assert ROOT not in entities
    assert entities["user:default/user-ann"]["spec"]["memberOf"] == ["group:default/product_team", "group:default/web"]


def test_another_module_may_change_the_configuration_before_each_run(graph: FakeGraph) -> None:
    graph.finds = {"f": ["user-ann"]}

    def filtered(config: MicrosoftGraphConfig) -> MicrosoftGraphConfig:
        return replace(config, users=replace(config.users, filter="f"))

    with transforming(
        MicrosoftGraphTransforms, lambda transforms: transforms.set_provider_config_transformer(filtered)
    ):
        assert users_in(found(graph)) == {"ann_acme.example"}
