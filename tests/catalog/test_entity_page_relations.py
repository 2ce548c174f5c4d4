"""What the page of an entity shows of others: relations page by page, people, and what they cost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.models import FinalEntity
from apps.catalog.operations.indexing import save_index
from apps.catalog.processing.indexing import index_of
from apps.catalog.queries.trees import MAX_DEPTH, group_tree
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.entity_page_kit import PAGE, entity, read
from tests.catalog.pages import Page

GROUP = "/catalog/default/group/team-a"


# --- Relations, page by page ---


def test_a_long_relation_is_shown_in_part_and_then_page_by_page(folder: CatalogFolder, guest_client: Client) -> None:
    names = [f"c-{number:03}" for number in range(120)]
    read(folder, entity("System", "shop", "owner: team-a"), *(component(name, system="shop") for name in names))
    path = "/catalog/default/system/shop"
    short = Page(guest_client, path)
    assert short.names == names[:10]
    assert "Components 120" in short.headings
    first = Page(guest_client, short.links["Show all"].partition("#")[0])
    assert first.names == names[:50]
    third = Page(guest_client, f"{path}?pages[hasPart.component]=3")
    assert third.names == names[100:]
    assert "101–120 of 120" in third.text
    assert "Next" not in third.links
    beyond = Page(guest_client, f"{path}?pages[hasPart.component]=99999")
    assert beyond.names == third.names
    assert Page(guest_client, f"{path}?pages[hasPart.component]={'9' * 100}").names == names[:10]


def test_a_system_without_components_says_where_they_are_named(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, entity("System", "shop", "owner: team-a"))
    page = Page(guest_client, "/catalog/default/system/shop")
    assert "Components 0" in page.headings
    assert "system: shop" in page.text
    hidden = {"entity-card:catalog/has-components": {"config": {"showEmpty": False}}}
    with override_config({"app": {"extensions": [hidden]}}):
        assert "Components 0" not in Page(guest_client, "/catalog/default/system/shop").headings


def test_a_link_tells_what_it_leads_to(folder: CatalogFolder, guest_client: Client) -> None:
    read(
        folder,
        component("web", system="shop"),
        entity("System", "shop", "owner: team-a", 'title: The shop, description: "Sells <things>"'),
        entity("Group", "team-a", "type: team, children: [], profile: {displayName: Team A}"),
    )
    page = Page(guest_client, PAGE)
    link = next(one for one in page.all("a", css="entity-ref") if one.text == "The shop")
    assert link.attributes["title"] == "system:default/shop | Sells <things>"
    assert link.attributes["data-peek-owner"] == "Team A"
    assert link.attributes["data-peek-note"] == "Sells <things>"
    assert [one.attributes["role"] for one in page.all("div", id="entity-peek")] == ["tooltip"]


# --- People ---


def organization() -> list[str]:
    """Return a group with two groups below it, each with a member who owns something."""
    return [
        entity("Group", "team-a", "type: unit, children: []"),
        entity("Group", "team-b", "type: team, parent: team-a, children: []"),
        entity("Group", "team-c", "type: team, parent: team-b, children: []"),
        entity("User", "ann", "memberOf: [team-a], profile: {displayName: Ann}"),
        entity("User", "bob", "memberOf: [team-b], profile: {displayName: Bob}"),
        entity("User", "cat", "memberOf: [team-c], profile: {displayName: Cat}"),
        component("web"),
        component("shop").replace("team-a", "team-c"),
    ]


def test_members_and_ownership_are_a_groups_own_or_include_the_groups_below(
    folder: CatalogFolder, guest_client: Client
) -> None:
    read(folder, *organization())
    direct = Page(guest_client, GROUP)
    assert direct.names == ["Ann"]
    assert "Ownership 1" in direct.headings
    both = Page(
        guest_client,
        GROUP,
        {"relationAggregation[members-list]": "aggregated", "relationAggregation[ownership]": "aggregated"},
    )
    assert both.names == ["Ann", "Bob", "Cat"]
    assert "Ownership 2" in both.headings
    assert Page(guest_client, GROUP, {"relationAggregation[members-list]": "nonsense"}).names == ["Ann"]


@pytest.mark.parametrize("key", ["relationAggregation", "relationsType"])
def test_configuration_says_what_is_counted_at_first(folder: CatalogFolder, guest_client: Client, key: str) -> None:
    read(folder, *organization())
    settings = {"app": {"extensions": [{"entity-card:org/members-list": {"config": {key: "aggregated"}}}]}}
    with override_config(settings):
        assert Page(guest_client, GROUP).names == ["Ann", "Bob", "Cat"]
        assert Page(guest_client, GROUP, {"relationAggregation[members-list]": "direct"}).names == ["Ann"]


def test_a_user_owns_what_their_groups_own_unless_only_their_own_is_asked_for(
    folder: CatalogFolder, guest_client: Client
) -> None:
    read(folder, *organization())
    path = "/catalog/default/user/cat"
    assert "Ownership 1" in Page(guest_client, path).headings
    assert "Ownership 0" in Page(guest_client, path, {"relationAggregation[ownership]": "direct"}).headings


def test_members_are_looked_for_by_name(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, *organization())
    query = {"relationAggregation[members-list]": "aggregated", "members": "bo"}
    page = Page(guest_client, GROUP, query)
    assert page.names == ["Bob"]
    assert page.all("input", name="relationAggregation[members-list]")[0].attributes["value"] == "aggregated"
    nobody = Page(guest_client, GROUP, {"members": "<nobody>"})
    assert "No member is called “<nobody>”." in nobody.text


def test_a_group_shows_the_groups_around_it_as_a_tree(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, *organization())
    page = Page(guest_client, "/catalog/default/group/team-b")
    assert page.all("ul", css="tree")[0].text == "team-a team-b team-c"
    assert page.facts()["Members"] == "1"
    assert "org/group-hierarchy" not in " ".join(Page(guest_client, "/catalog/default/user/ann").extensions)


def test_groups_that_contain_each_other_end_somewhere(folder: CatalogFolder, guest_client: Client) -> None:
    read(
        folder,
        entity("Group", "a", "type: team, parent: b, children: []"),
        entity("Group", "b", "type: team, parent: a, children: []"),
    )
    tree = group_tree("group:default/a")
    assert (tree.above, tree.below) == (["group:default/b"], ["group:default/b"])
    assert len(Page(guest_client, "/catalog/default/group/a").all("ul", css="tree")) == 1
    assert MAX_DEPTH < 100


# --- What it costs ---


QUERIES = {
    "": 8,
    "inspect=overview": 8,
    "inspect=ancestry": 10,
    "inspect=colocated": 10,
    "inspect=yaml": 8,
    "unregister=1": 9,
    "relationAggregation[members-list]=aggregated&relationAggregation[ownership]=aggregated": 10,
    "members=1": 9,
}


def many_members(count: int) -> None:
    """Write a group of ``count`` members as the pipeline would leave it, in one go."""
    refs = [f"user:default/u-{number:05}" for number in range(count)]
    group: dict[str, Any] = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Group",
        "metadata": {"name": "team-a", "namespace": "default", "uid": str(UUID(int=1)), "etag": "1"},
        "spec": {"type": "team", "children": []},
        "relations": [{"type": "hasMember", "targetRef": ref} for ref in refs],
    }
    users: list[dict[str, Any]] = [
        {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "User",
            "metadata": {
                "name": ref.rpartition("/")[2],
                "namespace": "default",
                "uid": str(UUID(int=number)),
                "etag": "1",
            },
            "spec": {"memberOf": ["team-a"], "profile": {"displayName": f"User {ref[-5:]}"}},
            "relations": [{"type": "memberOf", "targetRef": "group:default/team-a"}],
        }
        for number, ref in enumerate(refs, start=2)
    ]
    entities = {UUID(one["metadata"]["uid"]): one for one in (group, *users)}
    now = timezone.now()
    rows = [
        FinalEntity(
            entity_id=uid,
            entity_ref=f"{one['kind'].lower()}:default/{one['metadata']['name']}",
            final_entity=orjson.dumps(one).decode(),
            hash="",
            last_updated_at=now,
        )
        for uid, one in entities.items()
    ]
    FinalEntity.objects.bulk_create(rows, batch_size=500)
    save_index({uid: index_of(one) for uid, one in entities.items()}, before={})


@pytest.mark.parametrize("query", QUERIES)
def test_a_group_costs_as_much_with_many_members_as_with_few(
    db: None, guest_client: Client, django_assert_max_num_queries: Any, query: str
) -> None:
    many_members(300)
    with django_assert_max_num_queries(QUERIES[query], using="catalog"), django_assert_max_num_queries(0):
        response = guest_client.get(f"{GROUP}?{query}")
    assert response.status_code == 200
    assert len(response.content) < 200_000
