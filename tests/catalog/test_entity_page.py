"""The page of an entity: its dialogs, the pages of its relations, people, and what they cost, however much there is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.models import FinalEntity, Location
from apps.catalog.operations import register_location
from apps.catalog.operations.indexing import save_index
from apps.catalog.processing.indexing import index_of
from apps.catalog.queries.trees import MAX_DEPTH, group_tree
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page

PAGE = "/catalog/default/component/web"
GROUP = "/catalog/default/group/team-a"


def entity(kind: str, name: str, spec: str = "", metadata: str = "") -> str:
    """Return the YAML of an entity of any kind."""
    return f"""
        apiVersion: backstage.io/v1alpha1
        kind: {kind}
        metadata: {{name: {name}{f", {metadata}" if metadata else ""}}}
        spec: {{{spec}}}
        """


def read(folder: CatalogFolder, *documents: str, **settings: Any) -> None:
    """Read a file of these documents."""
    folder.write("all.yaml", "---".join(documents))
    folder.read("all.yaml", **settings)


def dialog(page: Page) -> Any:
    """Return the dialog of a page, which must be open."""
    found = page.all("dialog", id="entity-dialog")[0]
    assert "open" in found.attributes
    return found


def post(client: Client, path: str, what: str) -> Any:
    """Press a button of the Unregister dialog."""
    client.get(path)
    token = client.cookies["greenroom_csrf"].value
    return client.post(f"{path}/-/unregister", {"what": what, "csrfmiddlewaretoken": token})


# --- Dialogs ---


@pytest.mark.parametrize(
    ("tab", "expected"),
    [
        ("overview", "component:default/web"),
        ("ancestry", "location:default/generated-"),
        ("colocated", "db"),
        ("json", '"kind": "Component"'),
        ("yaml", "kind: Component"),
    ],
)
def test_inspect_has_five_tabs_at_addresses_of_their_own(
    folder: CatalogFolder, guest_client: Client, tab: str, expected: str
) -> None:
    read(folder, component("web", dependsOn="[resource:db]"), entity("Resource", "db", "type: database, owner: team-a"))
    page = Page(guest_client, PAGE, {"inspect": tab})
    assert expected in dialog(page).text
    current = [
        one.attributes["id"] for one in page.all("a", aria_current="page") if "inspect" in one.attributes["href"]
    ]
    assert current == [f"inspect-{tab}"]
    closes = [one.attributes["href"] for one in page.all("a") if "data-dialog-closes" in one.attributes]
    assert set(closes) == {PAGE}


def test_a_tab_that_there_is_not_is_the_first(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, component("web"))
    assert "Identity" in dialog(Page(guest_client, PAGE, {"inspect": "<x>"})).text


def test_the_menu_leads_to_the_dialogs_and_without_them_none_is_open(
    folder: CatalogFolder, guest_client: Client
) -> None:
    read(folder, component("web"))
    page = Page(guest_client, PAGE)
    assert page.links["Inspect entity"] == f"{PAGE}?inspect=overview"
    assert page.links["Unregister entity"] == f"{PAGE}?unregister=1"
    assert "open" not in page.all("dialog", id="entity-dialog")[0].attributes


def test_htmx_gets_the_dialog_alone(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, component("web"))
    page = Page(guest_client, PAGE, {"inspect": "json"}, HX_Request="true", HX_Target="entity-dialog")
    assert page.all("html") == page.all("dialog") == []
    assert page.extensions == ["entity-context-menu-item:catalog/inspect-entity"]


def test_a_disabled_dialog_is_neither_in_the_menu_nor_opened_by_its_address(
    folder: CatalogFolder, guest_client: Client
) -> None:
    read(folder, component("web"))
    with override_config({"app": {"extensions": [{"entity-context-menu-item:catalog/inspect-entity": False}]}}):
        page = Page(guest_client, PAGE, {"inspect": "json"})
        assert "Inspect entity" not in page.links
        assert "open" not in page.all("dialog", id="entity-dialog")[0].attributes


def test_ancestors_are_a_tree_up_to_what_the_configuration_names(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("inner.yaml", component("web"))
    read(folder, entity("Location", "all", "target: ./inner.yaml"))
    links = [one.text for one in Page(guest_client, PAGE, {"inspect": "ancestry"}).all("a", css="entity-ref")]
    shown = links[links.index("web") :]
    assert shown[0] == "web"
    assert "all" in shown


# --- Unregistering ---


def test_what_the_configuration_names_can_only_be_deleted(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, component("web"))
    page = Page(guest_client, PAGE, {"unregister": "1"})
    assert page.all("div", data_state="only-delete")
    assert "it comes back" in dialog(page).text
    assert [one.attributes["value"] for one in page.all("button", name="what")] == ["entity"]


def test_what_belongs_to_the_catalog_itself_is_only_deleted_on_purpose(
    folder: CatalogFolder, guest_client: Client
) -> None:
    read(folder, component("web"))
    stored = FinalEntity.objects.get(entity_ref="component:default/web")
    changed = orjson.loads(stored.final_entity)
    changed["metadata"]["annotations"]["backstage.io/managed-by-origin-location"] = "bootstrap:bootstrap"
    FinalEntity.objects.filter(pk=stored.pk).update(final_entity=orjson.dumps(changed).decode())
    page = Page(guest_client, PAGE, {"unregister": "1"})
    assert page.all("div", data_state="bootstrap")
    assert "can't be unregistered" in dialog(page).text
    assert page.all("button", name="what", value="entity")
    assert not page.all("button", name="what", value="location")


@pytest.fixture
def registered(folder: CatalogFolder, web: Any) -> CatalogFolder:
    """Two components at a location that somebody registered."""
    web.write("https://git.example/catalog-info.yaml", component("web") + "---" + component("shop"))
    register_location(type="url", target="https://git.example/catalog-info.yaml")
    folder.settle()
    return folder


def test_a_registered_location_goes_with_all_that_came_from_it(registered: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, PAGE, {"unregister": "1"})
    assert page.all("div", data_state="unregister")
    listed = page.all("ul", css="removal-list")[0].text
    assert "component:default/web" in listed
    assert "component:default/shop" in listed
    response = post(guest_client, PAGE, "location")
    assert response["Location"] == "/catalog"
    registered.refresh()
    assert registered.refs(generated=True) == set()
    assert not Location.objects.exists()


def test_one_entity_of_a_location_is_deleted_alone(registered: CatalogFolder, guest_client: Client) -> None:
    assert post(guest_client, PAGE, "entity").status_code == 302
    assert "component:default/web" not in registered.refs()
    assert "component:default/shop" in registered.refs()
    assert Location.objects.exists()


def test_a_read_only_catalog_keeps_its_locations(registered: CatalogFolder, guest_client: Client) -> None:
    with override_config({"catalog": {"readonly": True}}):
        page = Page(guest_client, PAGE, {"unregister": "1"})
        assert "disabled" in page.all("button", value="location")[0].attributes
        assert post(guest_client, PAGE, "location").status_code == 403


def test_nonsense_is_refused(registered: CatalogFolder, guest_client: Client) -> None:
    assert post(guest_client, PAGE, "everything").status_code == 400
    assert "component:default/web" in registered.refs()


def test_a_location_that_is_gone_meanwhile_is_a_conflict(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, component("web"))
    assert post(guest_client, PAGE, "location").status_code == 409


def test_who_may_only_read_can_neither_refresh_nor_unregister(
    registered: CatalogFolder, guest_client: Client, settings: Any
) -> None:
    settings.PORTAL_SERVICES = {
        **settings.PORTAL_SERVICES,
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.page_policies.ReadEntities"},
        },
    }
    with override_config({"permission": {"enabled": True}}):
        page = Page(guest_client, PAGE, {"unregister": "1"})
        assert "Unregister entity" in [one.text for one in page.all("span", aria_disabled="true")]
        assert "open" not in page.all("dialog", id="entity-dialog")[0].attributes
        assert not [form for form in page.all("form") if form.attributes["action"].startswith(PAGE)]
        for what in ("location", "entity"):
            assert post(guest_client, PAGE, what).status_code == 403
    assert "component:default/web" in registered.refs()


# --- Refreshing ---


def test_a_refresh_tells_how_it_went(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, component("web"))
    etag = folder.entity("component:default/web")["metadata"]["etag"]
    state = Page(guest_client, f"{PAGE}/-/refresh", {"etag": etag})
    assert "nothing has changed" in state.text
    token = guest_client.cookies.get("greenroom_csrf") or guest_client.get(PAGE).client.cookies["greenroom_csrf"]
    guest_client.post(f"{PAGE}/-/refresh", {"csrfmiddlewaretoken": token.value})
    asking = Page(guest_client, PAGE, {"refresh": "scheduled"}).all("div", id="refresh-state")[0]
    assert asking.attributes["hx-get"] == f"{PAGE}/-/refresh?etag={etag}"
    waiting = Page(guest_client, f"{PAGE}/-/refresh", {"etag": etag})
    assert "is being read again" in waiting.text
    assert waiting.all("div", id="refresh-state")[0].attributes["hx-get"] == f"{PAGE}/-/refresh?etag={etag}"
    folder.write("all.yaml", component("web").replace("production", "deprecated"))
    folder.settle()
    assert "something has changed" in Page(guest_client, f"{PAGE}/-/refresh", {"etag": etag}).text


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


# --- What isn't there ---


def test_a_missing_entity_leads_to_names_like_its_own(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, component("checkout"))
    page = Page(guest_client, "/catalog/default/component/checkuot", status=404)
    assert page.links["component:default/checkout"] == "/catalog/default/component/checkout"
    assert page.links["Find out why"] == "/catalog/why?ref=component:default/checkuot"


def test_a_mistake_is_shown_with_its_place(folder: CatalogFolder, guest_client: Client) -> None:
    read(folder, component("web"))
    folder.write("all.yaml", component("web").replace("lifecycle: production", "lifecycle: [1]"))
    folder.refresh()
    notice = Page(guest_client, PAGE).all(css="notice-error")[0]
    assert "lifecycle" in notice.text
    assert Page(guest_client, PAGE).facts()["File"].endswith("all.yaml")


def test_hostile_texts_stay_texts_in_the_dialogs(folder: CatalogFolder, guest_client: Client) -> None:
    read(
        folder,
        component("web", system="evil").replace(
            "name: web",
            'name: web\n          annotations: {evil.example/a: "<b>&</b>\\"><x y=1>"}\n          tags: [a]',
        ),
        entity("System", "evil", "owner: team-a", "title: '<i>\"''><x>', description: '\"><script>alert(1)</script>'"),
    )
    for query in ({}, {"inspect": "overview"}, {"inspect": "json"}, {"inspect": "yaml"}, {"unregister": "1"}):
        page = Page(guest_client, PAGE, query)
        assert page.all("x") == page.all("b") == page.all("i") == []
        assert all("src" in script.attributes for script in page.all("script"))


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
