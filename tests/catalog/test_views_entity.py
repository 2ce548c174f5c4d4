"""The pages of entities: what they show, refresh and hide."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import RefreshState
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page
from tests.catalog.views_kit import BROKEN, fill

ENTITY = "/catalog/default/component/cart"


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    return fill(folder)


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
