"""The catalog's pages: what they list, show and say, and how much they ask of the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.forms import PAGE_SIZES, CatalogQuery
from apps.catalog.models import RefreshState
from apps.catalog.operations import apply_full_mutation, confirm_removal
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component, provided
from tests.catalog.pages import Page

ENTITY = "/catalog/default/component/cart"
#: A second document, to stand after a component's.
BROKEN = "---\n        kind: [\n"


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    """A small catalog with people, and with something of most kinds."""
    folder.write(
        "shop.yaml",
        """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: cart
          title: Shopping cart
          description: Remembers **everything**
          tags: [java, grpc]
          labels: {acme.example/tier: gold}
          links: [{url: 'https://grafana.example/cart', title: Dashboard, icon: dashboard}]
          annotations:
            backstage.io/source-location: url:https://git.example/cart/
            backstage.io/edit-url: https://git.example/cart/edit
        spec:
          type: service
          lifecycle: production
          owner: team-a
          system: shop
          providesApis: [cart-api]
          dependsOn: [component:web, resource:db]
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: web, tags: [java]}
        spec: {type: website, lifecycle: experimental, owner: team-b, system: shop, consumesApis: [cart-api]}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: tool, namespace: internal, tags: [grpc]}
        spec: {type: service, lifecycle: production, owner: user:default/jane}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata: {name: cart-api, title: Cart API}
        spec: {type: openapi, lifecycle: production, owner: team-a, definition: 'openapi: 3.0.0'}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Resource
        metadata: {name: db, title: Database}
        spec: {type: database, owner: team-b}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: System
        metadata: {name: shop, title: The shop}
        spec: {owner: team-a}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: team-a}
        spec: {type: team, children: [], profile: {displayName: Team A, email: a@acme.example}}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: team-b}
        spec: {type: team, children: []}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: User
        metadata: {name: jane}
        spec: {profile: {displayName: Jane Doe, email: jane@acme.example}, memberOf: [team-a]}
        """,
    )
    folder.read("shop.yaml")
    return folder


def names(client: Client, **filters: Any) -> list[str]:
    """Return the names in the list for some filters."""
    return Page(client, "/catalog", {f"filters[{name}]": value for name, value in filters.items()}).names


# --- The address ---


def test_an_address_is_read_in_each_of_backstages_forms() -> None:
    forms = ["filters[owners]=a&filters[owners]=b", "filters[owners][]=a&filters[owners][]=b"]
    forms.append("filters[owners][0]=a&filters[owners][1]=b")
    for form in forms:
        assert CatalogQuery.parse(QueryDict(form)).values("owners") == ("a", "b")


@pytest.mark.parametrize("query", ["limit=7", "limit=x", "limit=-20", "offset=-1", "offset=x", "filters[kind]=", "x=1"])
def test_what_makes_no_sense_in_an_address_is_left_out(query: str) -> None:
    assert CatalogQuery.parse(QueryDict(query)) == CatalogQuery()


values = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).map(str.strip).filter(bool),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)


@given(
    filters=st.dictionaries(st.sampled_from(["kind", "type", "owners", "tags"]), values),
    text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50).map(str.strip),
    limit=st.sampled_from([None, *PAGE_SIZES]),
    offset=st.integers(0, 10_000),
)
def test_an_address_says_all_of_the_query(
    filters: dict[str, tuple[str, ...]], text: str, limit: int | None, offset: int
) -> None:
    query = CatalogQuery(filters, text, limit=limit, offset=offset)
    assert CatalogQuery.parse(QueryDict(query.encode())) == query


# --- The list ---


def test_the_list_opens_with_components_by_name(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog")
    assert page.names == ["Shopping cart", "internal/tool", "web"]
    assert "3 components" in page.headings


def test_the_initial_kind_is_configurable(shop: CatalogFolder, guest_client: Client) -> None:
    settings = {"app": {"extensions": [{"catalog-filter:catalog/kind": {"config": {"initialFilter": "api"}}}]}}
    with override_config(settings):
        assert names(guest_client) == ["Cart API"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": "api"}, ["Cart API"]),
        ({"kind": "API"}, ["Cart API"]),
        ({"type": "service"}, ["Shopping cart", "internal/tool"]),
        ({"type": ["service", "website"]}, ["Shopping cart", "internal/tool", "web"]),
        ({"type": "all"}, ["Shopping cart", "internal/tool", "web"]),
        ({"owners": "group:default/team-a"}, ["Shopping cart"]),
        ({"owners": "team-a"}, ["Shopping cart"]),
        ({"owners": ["team-a", "user:default/jane"]}, ["Shopping cart", "internal/tool"]),
        ({"lifecycles": "Production"}, ["Shopping cart", "internal/tool"]),
        ({"namespace": "internal"}, ["internal/tool"]),
        ({"tags": "java"}, ["Shopping cart", "web"]),
        ({"tags": ["java", "grpc"]}, ["Shopping cart"]),
        ({"tags": "java", "lifecycles": "experimental"}, ["web"]),
        ({"type": "nothing"}, []),
    ],
)
def test_filters_narrow_the_list(
    shop: CatalogFolder, guest_client: Client, filters: dict[str, Any], expected: list[str]
) -> None:
    assert names(guest_client, **filters) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SHOPPING", ["Shopping cart"]),
        ("cart shop", ["Shopping cart"]),
        ("cart web", []),
        ("grpc", ["Shopping cart", "internal/tool"]),
        ("jav", []),
        ("%", []),
        ("too_", []),
    ],
)
def test_every_word_must_be_in_a_name_or_be_a_tag(
    shop: CatalogFolder, guest_client: Client, text: str, expected: list[str]
) -> None:
    assert names(guest_client, text=text) == expected


def test_all_kinds_can_be_searched_at_once(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"filters[kind]": "all", "filters[text]": "cart"})
    assert page.names == ["Shopping cart", "Cart API"]
    assert "Kind" in [header.text for header in page.all("th", role="columnheader")]


def test_columns_follow_the_kind(shop: CatalogFolder, guest_client: Client) -> None:
    def columns(**query: str) -> list[str]:
        return [header.text for header in Page(guest_client, "/catalog", query).all("th", role="columnheader")]

    assert columns() == ["Name", "System", "Owner", "Type", "Lifecycle", "Tags", "Actions"]
    assert columns(**{"filters[type]": "service"}) == ["Name", "System", "Owner", "Lifecycle", "Tags", "Actions"]
    assert columns(**{"filters[kind]": "user"}) == ["Name", "Tags", "Actions"]
    assert columns(**{"filters[kind]": "system"}) == ["Name", "Owner", "Tags", "Actions"]
    assert columns(**{"filters[kind]": "location"}) == ["Name", "Type", "Targets", "Actions"]


def test_owners_and_systems_bear_their_titles_and_lead_to_them(shop: CatalogFolder, guest_client: Client) -> None:
    links = Page(guest_client, "/catalog").links
    assert links["Team A"] == "/catalog/default/group/team-a"
    assert links["The shop"] == "/catalog/default/system/shop"


def test_filters_offer_what_there_is_and_say_how_much(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"filters[owners]": "team-a"})
    assert [choice.text for choice in page.all("a", css="kind")][:3] == ["Component 1", "API 1", "System 1"]
    offered = [label.text for label in page.all("label", css="check")]
    assert "service 1" in offered
    assert "website 0" in offered
    assert "openapi 1" not in offered
    boxes = page.all("input", type="checkbox", name="filters[owners]")
    assert [box.attributes["value"] for box in boxes if "checked" in box.attributes] == ["group:default/team-a"]


def test_a_chosen_value_that_nothing_has_can_be_taken_away(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"filters[tags]": "cobol"})
    assert "cobol 0" in [label.text for label in page.all("label", css="check")]
    assert page.links["Remove the filter Tags: cobol"] == "/catalog"
    assert "Nothing matches" in page.text


def test_values_that_differ_in_case_are_one_choice(folder: CatalogFolder, guest_client: Client) -> None:
    texts = (component(name) for name in ("a", "b"))
    folder.write("a.yaml", "---".join([*texts, component("c").replace("service", "Service")]))
    folder.read("a.yaml")
    page = Page(guest_client, "/catalog")
    assert page.all("label", css="check")[0].text == "service 3"
    assert names(guest_client, type="SERVICE") == ["a", "b", "c"]


def test_an_owner_that_is_not_there_is_called_by_its_name(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", component("a"))
    folder.read("a.yaml")
    assert "team-a 1" in [label.text for label in Page(guest_client, "/catalog").all("label", css="check")]


def test_the_namespace_stands_beside_a_title_that_does_not_say_it(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write(
        "a.yaml",
        component("a").replace("name: a", "name: a\n          namespace: far\n          title: A")
        + "---"
        + component("b").replace("name: b", "name: b\n          namespace: far"),
    )
    folder.read("a.yaml")
    page = Page(guest_client, "/catalog")
    assert page.names == ["A", "far/b"]
    assert [badge.text for badge in page.all("span", css="badge")] == ["far"]


def test_a_list_shows_the_beginning_of_a_long_description(folder: CatalogFolder, guest_client: Client) -> None:
    words = "word " * 50_000
    folder.write("web.yaml", component("web").replace("name: web", f"name: web\n          description: {words}"))
    folder.read("web.yaml")
    listed = guest_client.get("/catalog").content.decode()
    assert "word word" in listed
    assert len(listed) < 50_000
    assert words.strip() in guest_client.get("/catalog/default/component/web").content.decode()


def test_another_kind_keeps_the_owner_and_drops_the_type(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"filters[type]": "service", "filters[owners]": "team-a"})
    assert page.links["API 1"] == "/catalog?filters[owners]=team-a&filters[kind]=api"


def test_pages_follow_each_other(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("many.yaml", "---".join(component(f"c{number:02}") for number in range(45)))
    folder.read("many.yaml")
    first = Page(guest_client, "/catalog")
    assert (first.names[0], first.names[-1], len(first.names)) == ("c00", "c19", 20)
    assert "1–20 of 45" in first.text
    second = Page(guest_client, first.links["Next"])
    third = Page(guest_client, second.links["Next"])
    assert third.names == ["c40", "c41", "c42", "c43", "c44"]
    assert "Next" not in third.links
    assert third.links["Previous"] == "/catalog?offset=20"
    assert second.links["Previous"] == "/catalog"


def test_a_page_beyond_the_end_is_the_last_one(shop: CatalogFolder, guest_client: Client) -> None:
    assert len(Page(guest_client, "/catalog", {"offset": "9999"}).names) == 3


def test_an_empty_catalog_says_what_to_do(db: None, guest_client: Client) -> None:
    text = Page(guest_client, "/catalog").text
    assert "Nothing here yet" in text
    assert "catalog.locations" in text


def test_htmx_gets_the_part_that_changes_and_the_short_address(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(
        guest_client,
        "/catalog",
        {"filters[text]": "", "filters[kind]": "component", "filters[tags]": "java"},
        HX_Request="true",
        HX_Target="catalog-results",
    )
    assert page.names == ["Shopping cart", "web"]
    assert page.all("html") == page.all("form", id="catalog-form") == []
    assert [heading.text for heading in page.all("h2", hx_swap_oob="innerHTML:#catalog-title")] == ["2 components"]
    assert page.response["HX-Push-Url"] == "/catalog?filters[kind]=component&filters[tags]=java"


def test_htmx_gets_the_whole_page_back_from_history(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(
        guest_client,
        "/catalog",
        HX_Request="true",
        HX_Target="catalog-results",
        HX_History_Restore_Request="true",
    )
    assert len(page.all("html")) == 1


@pytest.mark.parametrize(
    "query",
    ["", "filters[kind]=all", "filters[owners]=team-a&filters[tags]=java&filters[text]=a b c", "filters[kind]=user"],
)
def test_the_list_costs_at_most_ten_queries(
    shop: CatalogFolder, guest_client: Client, django_assert_max_num_queries: Any, query: str
) -> None:
    with django_assert_max_num_queries(10, using="catalog"), django_assert_max_num_queries(0):
        assert guest_client.get(f"/catalog?{query}").status_code == 200


# --- An entity ---


def test_an_entity_shows_what_it_is(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, ENTITY)
    assert [heading.text for heading in page.all("h1")] == ["Shopping cart"]
    assert "<title>Shopping cart | Overview | Test portal</title>" in page.html
    assert "<strong>everything</strong>" in page.html
    facts = page.facts()
    assert facts["Kind"] == "Component"
    assert facts["Type"] == "service"
    assert facts["Tags"] == "java grpc"
    assert facts["acme.example/tier"] == "gold"
    assert page.links["Dashboard"] == "https://grafana.example/cart"
    assert page.links["View source"] == "https://git.example/cart/"


def test_an_entity_shows_what_it_is_related_to(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, ENTITY)
    assert page.names == ["Cart API", "web", "Database"]
    assert [heading for heading in page.headings if heading[-1].isdigit()] == [
        "Provided APIs 1",
        "Depends on components 1",
        "Depends on resources 1",
        "Labels 1",
    ]
    assert page.links["The shop"] == "/catalog/default/system/shop"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/catalog/default/api/cart-api", ["Providers 1", "Consumers 1", "About"]),
        ("/catalog/default/system/shop", ["Components 2", "About"]),
        ("/catalog/default/resource/db", ["Components that depend on this 1", "About"]),
        ("/catalog/default/group/team-a", ["Ownership 3", "Members 1", "Profile"]),
        ("/catalog/default/user/jane", ["Ownership 4", "Profile"]),
        ("/catalog/internal/component/tool", ["Nothing is related to it yet", "About"]),
    ],
)
def test_each_kind_has_its_cards(shop: CatalogFolder, guest_client: Client, path: str, expected: list[str]) -> None:
    others = [{"entity-card:catalog-graph/relations": False}, {"entity-card:api-docs/definition": False}]
    with override_config({"app": {"extensions": others}}):
        assert Page(guest_client, path).headings == expected


def test_a_group_shows_its_members_and_what_it_owns(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog/default/group/team-a")
    assert page.names == ["Jane Doe"]
    assert page.links["1 API · openapi"] == (
        "/catalog?filters[kind]=api&filters[owners]=group:default/team-a&filters[type]=openapi"
    )
    listed = Page(guest_client, page.links["See all"])
    assert listed.names == ["Shopping cart", "Cart API", "The shop"]


def test_the_kind_and_the_namespace_of_an_address_have_no_case(shop: CatalogFolder, guest_client: Client) -> None:
    assert Page(guest_client, "/catalog/DEFAULT/Component/Cart").all("h1")[0].text == "Shopping cart"


@pytest.mark.parametrize(
    "path",
    [
        ENTITY,
        f"{ENTITY}/apis",
        f"{ENTITY}?inspect=ancestry",
        f"{ENTITY}?unregister=1",
        "/catalog/default/group/team-a",
        "/catalog/default/user/jane",
    ],
)
def test_an_entity_costs_at_most_eight_queries(
    shop: CatalogFolder, guest_client: Client, django_assert_max_num_queries: Any, path: str
) -> None:
    with django_assert_max_num_queries(8, using="catalog"), django_assert_max_num_queries(0):
        assert guest_client.get(path).status_code == 200


def test_an_unknown_tab_is_not_found(shop: CatalogFolder, guest_client: Client) -> None:
    assert "no page 'nothing'" in Page(guest_client, f"{ENTITY}/nothing", status=404).text


def test_an_entity_that_is_not_there_is_explained(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog/default/component/nope", status=404)
    assert "component:default/nope" in page.text
    assert page.links["Search for “nope”"] == "/catalog?filters[kind]=all&filters[text]=nope"


def test_what_an_entity_names_and_the_catalog_lacks_is_said(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", component("a", dependsOn="[component:gone]", system="lost"))
    folder.read("a.yaml")
    text = Page(guest_client, "/catalog/default/component/a").text
    assert "It names 3 entities that the catalog doesn't have" in text
    for ref in ("component:default/gone", "system:default/lost", "group:default/team-a"):
        assert ref in text


def test_the_last_good_version_is_shown_with_what_is_wrong_now(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", component("a"))
    folder.read("a.yaml")
    folder.write("a.yaml", component("a").replace("lifecycle: production", "lifecycle: [1]"))
    folder.refresh()
    page = Page(guest_client, "/catalog/default/component/a")
    assert "production" in page.facts()["Lifecycle"]
    assert "the last good version is shown" in page.text
    assert "lifecycle" in page.all(css="notice-error")[0].text


def test_a_mistake_in_the_location_is_said_on_its_entities(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", component("a"))
    folder.read("a.yaml")
    folder.write("a.yaml", component("a") + BROKEN)
    folder.refresh()
    notice = Page(guest_client, "/catalog/default/component/a").all(css="notice-error")[0].text
    assert "which leads here" in notice
    assert "a.yaml" in notice


def test_an_orphan_is_said_to_be_one(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", component("a") + "---" + component("b"))
    with override_config({"catalog": {"orphanStrategy": "keep"}}):
        folder.read("a.yaml")
        folder.write("a.yaml", component("b"))
        folder.refresh()
        # What an entity's parents are is looked at when its own turn comes.
        folder.refresh()
        assert "Nothing leads to this entity any more" in Page(guest_client, "/catalog/default/component/a").text


def test_hostile_texts_stay_texts(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write(
        "evil.yaml",
        """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: evil
          title: "<script>alert(1)</script>"
          description: "<img src=x onerror=alert(2)> [click](javascript:alert(3))"
          labels: {a: ""}
          annotations:
            backstage.io/edit-url: "javascript:alert(4)"
            backstage.io/source-location: "url:javascript:alert(5)"
          links: [{url: "javascript:alert(6)", title: "<b>run</b>"}]
        spec: {type: "<i>t</i>", lifecycle: '"><x>', owner: '"><y>'}
        """,
    )
    folder.read("evil.yaml")
    for path in ("/catalog", "/catalog/default/component/evil", "/catalog/default/component/evil?inspect=yaml"):
        page = Page(guest_client, path)
        assert page.all("x") == page.all("y") == page.all("i") == page.all("b") == []
        assert all("src" in script.attributes for script in page.all("script"))
        assert [image.attributes["src"] for image in page.all("img")] == ["/static/portal/logo.svg"]
        assert not [link for link in page.all("a") if "javascript:" in link.attributes.get("href", "")]
        assert "<script>alert(1)</script>" in page.text


def test_no_page_has_a_style_or_a_script_of_its_own(shop: CatalogFolder, guest_client: Client) -> None:
    for path in ("/catalog", ENTITY, "/catalog/default/group/team-a", "/catalog/locations", f"{ENTITY}?inspect=json"):
        page = Page(guest_client, path)
        assert page.all("style") == []
        for element in page.elements:
            assert "style" not in element.attributes
            assert not [name for name in element.attributes if name.startswith("on")]


# --- Refreshing ---


def due(ref: str) -> Any:
    return RefreshState.objects.get(entity_ref=ref).next_update_at


def test_the_refresh_button_makes_the_file_due(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, ENTITY)
    form = next(form for form in page.all("form") if form.attributes["action"].endswith("/refresh"))
    before = due("component:default/cart")
    token = guest_client.cookies["greenroom_csrf"].value
    response = guest_client.post(form.attributes["action"], {"csrfmiddlewaretoken": token})
    assert response["Location"] == f"{ENTITY}?refresh=scheduled"
    assert due("component:default/cart") < before
    assert "being read again" in Page(guest_client, response["Location"]).text


# --- Permissions ---


@pytest.fixture
def only_team_b(settings: Any) -> Any:
    """People see what team B owns."""
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        yield


def test_people_see_what_they_may_see(shop: CatalogFolder, guest_client: Client, only_team_b: None) -> None:
    page = Page(guest_client, "/catalog")
    assert page.names == ["web"]
    assert [choice.text for choice in page.all("a", css="kind")] == ["Component 1", "Resource 1", "All kinds 2"]
    assert "Team A" not in page.text
    Page(guest_client, ENTITY, status=404)
    assert "Shopping cart" not in Page(guest_client, "/catalog/default/component/web").text


def test_buttons_that_nobody_may_press_are_not_there(shop: CatalogFolder, guest_client: Client, settings: Any) -> None:
    assert "Locations" in Page(guest_client, "/catalog").links
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.page_policies.ReadEntities"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        assert "Locations" not in Page(guest_client, "/catalog").links
        assert not [form for form in Page(guest_client, ENTITY).all("form") if "refresh" in form.attributes["action"]]
        token = guest_client.cookies["greenroom_csrf"].value
        assert guest_client.post(f"{ENTITY}/-/refresh", {"csrfmiddlewaretoken": token}).status_code == 403
        assert guest_client.get("/catalog/locations").status_code == 403


# --- Locations ---


def test_locations_say_which_file_document_and_field_is_wrong(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("good.yaml", component("good"))
    folder.write("broken.yaml", component("fine") + BROKEN)
    folder.write("field.yaml", component("wrong").replace("lifecycle: production", "lifecycle: [1]"))
    folder.read("good.yaml", "broken.yaml", "field.yaml", "missing.yaml")
    page = Page(guest_client, "/catalog/locations")
    cards = [card.text for card in page.all("article", css="location")]

    def card(file: str) -> str:
        return next(text for text in cards if file in text)

    assert "in order" in card("good.yaml")
    assert "Document 2" in card("broken.yaml")
    assert "component:default/wrong not in the catalog" in card("field.yaml")
    assert "lifecycle" in card("field.yaml")
    assert "does not exist" in card("missing.yaml")
    states = [state.attributes["data-status"] for state in page.all(css="status")]
    assert states == ["error", "error", "error", "ok"]


def test_of_many_failures_of_one_file_some_are_shown_and_the_rest_is_counted(
    folder: CatalogFolder, guest_client: Client
) -> None:
    wrong = [component(f"wrong-{number:02}").replace("lifecycle: production", "lifecycle: 7") for number in range(53)]
    folder.write("wrong.yaml", "---".join(wrong))
    folder.read("wrong.yaml")
    for address in ("/catalog/locations", *locations_of(folder)):
        page = Page(guest_client, address)
        assert "component:default/wrong-49 not in the catalog" in page.text
        assert "component:default/wrong-50" not in page.text
        assert "… and 3 more" in page.text


def locations_of(folder: CatalogFolder) -> list[str]:
    """Return the addresses of the generated locations' own pages."""
    names = [ref.rpartition("/")[2] for ref in folder.refs(generated=True) if ref.startswith("location:")]
    return [f"/catalog/default/location/{name}" for name in names]


def test_locations_can_be_narrowed_to_those_with_problems(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("good.yaml", component("good"))
    folder.read("good.yaml", "missing.yaml")
    failing = Page(guest_client, "/catalog/locations", {"state": "failing"})
    assert "missing.yaml" in failing.text
    assert "good.yaml" not in failing.text
    folder.write("missing.yaml", component("found"))
    folder.refresh()
    assert "Nothing is wrong" in Page(guest_client, "/catalog/locations", {"state": "failing"}).text


def test_a_location_shows_its_state_on_its_own_page(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write(
        "all.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {target: ./a.yaml}"
    )
    folder.write("a.yaml", component("a"))
    folder.read("all.yaml")
    assert Page(guest_client, "/catalog/default/location/all").facts()["Leads to"] == "1 entity"
    folder.write("a.yaml", "kind: [")
    folder.refresh()
    assert "a.yaml" in Page(guest_client, "/catalog/default/location/all").all("ul", css="problems")[0].text


def test_an_entity_that_was_never_right_says_why_where_it_would_be(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", component("a").replace("lifecycle: production", "lifecycle: [1]"))
    folder.read("a.yaml")
    text = Page(guest_client, "/catalog/default/component/a", status=404).text
    assert "its file was never without a mistake" in text
    assert "lifecycle" in text


def test_locations_cost_few_queries(
    shop: CatalogFolder, guest_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6, using="catalog"):
        assert guest_client.get("/catalog/locations").status_code == 200


def test_a_removal_that_is_held_back_is_announced_to_those_who_may_delete(
    shop: CatalogFolder, guest_client: Client, settings: Any
) -> None:
    apply_full_mutation(provider="directory", entities=[provided(f"c-{number}") for number in range(20)])
    apply_full_mutation(provider="directory", entities=[])
    page = Page(guest_client, "/catalog/locations")
    assert "directory would remove 20 of its 20 entities" in page.text
    assert page.links["confirms it in the admin"] == "/admin/catalog/heldremoval/"
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        assert "would remove" not in Page(guest_client, "/catalog/locations").text
    confirm_removal(provider="directory")
    assert "held back" not in Page(guest_client, "/catalog/locations").text
