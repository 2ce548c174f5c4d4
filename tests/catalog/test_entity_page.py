"""The page of an entity: its dialogs, what they do, and what is shown instead of one that is missing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client

from apps.catalog.models import FinalEntity, Location
from apps.catalog.operations import register_location
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.entity_page_kit import PAGE, entity, read
from tests.catalog.pages import Page


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


def test_what_takes_the_entity_away_comes_last_in_the_menu_behind_a_line(
    folder: CatalogFolder, guest_client: Client
) -> None:
    read(folder, component("web"))
    for first in ([], [{"entity-context-menu-item:catalog/unregister-entity": True}]):
        with override_config({"app": {"extensions": first}}):
            page = Page(guest_client, PAGE)
        menu = [one for one in page.elements if one.tag == "hr" or "menu-item" in one.classes]
        entries = [one.text or one.tag for one in menu]
        assert entries[entries.index("hr") :] == ["hr", "Unregister entity"]
        assert "View graph" in entries


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
