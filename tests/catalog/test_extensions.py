"""What the catalog's pages are made of, and how configuration and other plugins change them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.config import override_config
from portal.extensions import get_tree
from tests.catalog.conftest import CatalogFolder
from tests.catalog.pages import Page

CART = "/catalog/default/component/cart"

#: Ids of Backstage's own catalog pages, as app-config files of its users name them.
BACKSTAGE_IDS = [
    "page:catalog",
    "page:catalog/entity",
    "catalog-filter:catalog/kind",
    "catalog-filter:catalog/type",
    "catalog-filter:catalog/list",
    "catalog-filter:catalog/mode",
    "catalog-filter:catalog/lifecycle",
    "catalog-filter:catalog/tag",
    "catalog-filter:catalog/processing-status",
    "catalog-filter:catalog/namespace",
    "api:catalog/starred-entities",
    "entity-content:catalog/overview",
    "entity-content:api-docs/definition",
    "entity-content:api-docs/apis",
    "entity-card:catalog/about",
    "entity-card:catalog/links",
    "entity-card:catalog/labels",
    "entity-card:catalog/depends-on-components",
    "entity-card:catalog/depends-on-resources",
    "entity-card:catalog/has-subcomponents",
    "entity-card:catalog/has-components",
    "entity-card:catalog/has-resources",
    "entity-card:catalog/has-subdomains",
    "entity-card:catalog/has-systems",
    "entity-card:api-docs/definition",
    "entity-card:api-docs/consuming-components",
    "entity-card:api-docs/providing-components",
    "entity-card:api-docs/consumed-apis",
    "entity-card:api-docs/provided-apis",
    "entity-card:api-docs/has-apis",
    "entity-card:org/group-profile",
    "entity-card:org/members-list",
    "entity-card:org/ownership",
    "entity-card:org/user-profile",
    "entity-icon-link:catalog/view-source",
    "entity-context-menu-item:catalog/copy-entity-url",
    "entity-context-menu-item:catalog/inspect-entity",
    "entity-context-menu-item:catalog/unregister-entity",
    "entity-icon-link:techdocs/read-docs",
    "entity-icon-link:scaffolder/launch-template",
]


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    """A component, its API, a system and a group."""
    folder.write(
        "shop.yaml",
        """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: cart, labels: {tier: gold}}
        spec: {type: service, lifecycle: production, owner: team-a, system: shop, providesApis: [cart-api]}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: web}
        spec: {type: website, lifecycle: production, owner: team-a, system: shop}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata: {name: cart-api}
        spec: {type: openapi, lifecycle: production, owner: team-a, definition: 'openapi: 3.0.0'}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: System
        metadata: {name: shop}
        spec: {owner: team-a}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: team-a}
        spec: {type: team, children: []}
        """,
    )
    folder.read("shop.yaml")
    return folder


@pytest.fixture
def addon(settings: Any) -> None:
    """The plugin that adds to the catalog's pages."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.catalog.addon"]


def configured(*entries: object) -> Any:
    return override_config({"app": {"extensions": list(entries)}})


def tabs(page: Page) -> list[str]:
    """Return the tabs of an entity's page, those inside a group too."""
    navigation = page.all("nav", aria_label="About this entity")
    return navigation[0].text.split() if navigation else []


@pytest.mark.parametrize("extension_id", BACKSTAGE_IDS)
def test_extensions_have_backstages_ids(extension_id: str) -> None:
    assert get_tree().get(extension_id) is not None


def test_the_catalog_brings_no_problem_into_the_tree() -> None:
    assert get_tree().problems == ()


# --- By configuration ---


def test_a_disabled_filter_neither_shows_nor_narrows(shop: CatalogFolder, guest_client: Client) -> None:
    with configured({"catalog-filter:catalog/type": False}):
        page = Page(guest_client, "/catalog", {"filters[type]": "service"})
        assert page.names == ["cart", "web"]
        assert "catalog-filter:catalog/type" not in page.extensions


def test_without_the_kind_filter_all_kinds_are_listed(shop: CatalogFolder, guest_client: Client) -> None:
    with configured({"catalog-filter:catalog/kind": False}, {"catalog-filter:catalog/mode": False}):
        names = Page(guest_client, "/catalog").names
        assert names[:4] == ["cart", "cart-api", "generated-" + names[2].removeprefix("generated-"), "shop"]


def test_filters_are_reordered_by_configuration(shop: CatalogFolder, guest_client: Client) -> None:
    with configured("catalog-filter:catalog/tag", "catalog-filter:catalog/kind"):
        filters = [one for one in Page(guest_client, "/catalog").extensions if one.startswith("catalog-filter:")]
        assert filters[:3] == [
            "catalog-filter:catalog/tag",
            "catalog-filter:catalog/kind",
            "catalog-filter:catalog/list",
        ]


def test_cards_are_disabled_reordered_and_refiltered_by_configuration(
    shop: CatalogFolder, guest_client: Client
) -> None:
    def cards() -> list[str]:
        shown = [one.partition(":")[2] for one in Page(guest_client, CART).extensions if one.startswith("entity-card:")]
        # Other plugins bring cards too.
        return [one for one in shown if one.startswith(("catalog/", "api-docs/"))]

    assert cards() == ["api-docs/provided-apis", "catalog/about", "catalog/labels"]
    with configured({"entity-card:catalog/labels": False}):
        assert cards() == ["api-docs/provided-apis", "catalog/about"]
    with configured("entity-card:catalog/labels"):
        assert cards() == ["api-docs/provided-apis", "catalog/labels", "catalog/about"]
    with configured({"entity-card:catalog/labels": {"config": {"type": "content"}}}):
        assert cards() == ["catalog/labels", "api-docs/provided-apis", "catalog/about"]
    with configured({"entity-card:catalog/about": {"config": {"filter": {"kind": "api"}}}}):
        assert cards() == ["api-docs/provided-apis", "catalog/labels"]
    with configured({"entity-card:catalog/about": {"config": {"filter": "kind:api,system"}}}):
        assert cards() == ["api-docs/provided-apis", "catalog/labels"]


def test_a_tab_is_renamed_and_moved_by_configuration(shop: CatalogFolder, guest_client: Client) -> None:
    settings = {"title": "Interfaces", "path": "/interfaces", "group": "deployment"}
    with configured({"entity-content:api-docs/apis": {"config": settings}}):
        page = Page(guest_client, f"{CART}/interfaces")
        assert page.links["Interfaces"] == f"{CART}/interfaces"
        assert "<title>cart | Interfaces | Test portal</title>" in page.html
        Page(guest_client, f"{CART}/apis", status=404)


# --- The tabs ---


def test_a_tab_is_there_for_the_entities_that_it_suits(shop: CatalogFolder, guest_client: Client) -> None:
    assert tabs(Page(guest_client, CART)) == ["Overview", "APIs", "History"]
    assert tabs(Page(guest_client, "/catalog/default/component/web")) == ["Overview", "History"]
    assert tabs(Page(guest_client, "/catalog/default/api/cart-api")) == ["Overview", "Definition", "History"]
    assert "OpenAPI 3.0.0" in Page(guest_client, "/catalog/default/api/cart-api/definition").text
    Page(guest_client, f"{CART}/definition", status=404)


def test_the_shown_tab_is_marked(shop: CatalogFolder, guest_client: Client) -> None:
    marked = Page(guest_client, f"{CART}/apis").all("a", aria_current="page")
    assert [link.text for link in marked if link.attributes["href"].startswith(CART)] == ["APIs"]


def test_a_group_with_several_tabs_is_a_menu_under_its_title(
    shop: CatalogFolder, guest_client: Client, addon: None
) -> None:
    assert tabs(Page(guest_client, CART)) == [
        "Overview",
        "Development",
        "APIs",
        "Builds",
        "Coverage",
        "History",
        "Cost",
    ]
    web = Page(guest_client, "/catalog/default/component/web")
    assert tabs(web) == ["Overview", "Builds", "History", "Cost"]


def test_groups_are_replaced_by_configuration(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    groups = [
        {"finance": {"title": "Money"}},
        {"work": {"title": "Work", "aliases": ["development"], "contentOrder": "natural"}},
        {"overview": {"title": "Start"}},
    ]
    with configured({"page:catalog/entity": {"config": {"groups": groups}}}):
        shown = tabs(Page(guest_client, CART))
        assert shown == ["Cost", "Work", "APIs", "Coverage", "Builds", "Overview", "History"]


def test_no_groups_leave_each_tab_by_itself(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    with configured({"page:catalog/entity": {"config": {"groups": []}}}):
        assert tabs(Page(guest_client, CART)) == ["Overview", "APIs", "History", "Coverage", "Builds", "Cost"]


def test_groups_and_tabs_have_icons_where_they_are_asked_for(
    shop: CatalogFolder, guest_client: Client, addon: None
) -> None:
    def icons(**config: Any) -> int:
        with configured({"page:catalog/entity": {"config": config}}):
            return Page(guest_client, CART).html.partition('class="tabs"')[2].partition("</nav>")[0].count("<svg")

    groups = [{"development": {"title": "Work", "icon": "hammer"}}]
    assert icons(groups=groups, showNavItemIcons=True) > icons(groups=groups)


def test_without_the_overview_the_first_tab_is_at_the_entitys_address(
    shop: CatalogFolder, guest_client: Client
) -> None:
    with configured({"entity-content:catalog/overview": False}):
        page = Page(guest_client, CART)
        current = page.all("a", aria_current="page")
        assert "APIs" in [element.text for element in current]


# --- What raises ---


def fail(*_: object) -> None:
    raise RuntimeError("no luck")


@pytest.mark.parametrize("hook", ["values", "predicate", "refs", "context"])
def test_a_filter_that_fails_leaves_the_list(
    shop: CatalogFolder, guest_client: Client, monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    monkeypatch.setattr(type(get_tree().nodes["catalog-filter:catalog/tag"].extension), hook, fail)
    response = guest_client.get("/catalog")
    assert response.status_code == 200
    assert "cart" in response.content.decode()


def test_a_dialog_that_cannot_say_whether_it_is_open_stays_closed(
    shop: CatalogFolder, guest_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = get_tree().nodes["entity-context-menu-item:catalog/inspect-entity"].extension
    monkeypatch.setattr(type(item), "is_asked_for", fail)
    assert guest_client.get(f"{CART}?inspect=overview").status_code == 200


# --- By another plugin ---


def test_another_plugin_adds_a_card_for_some_entities(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    page = Page(guest_client, CART)
    assert "Tier gold" in page.headings
    assert "entity-card:addon/tier" in page.extensions
    assert "entity-card:addon/tier" not in Page(guest_client, "/catalog/default/component/web").extensions


def test_a_broken_card_leaves_the_others_alone(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    with configured("entity-card:addon/broken"):
        page = Page(guest_client, CART)
        assert "About" in page.headings
        assert "entity-card:addon/broken" in page.all(css="notice-error")[0].text


def test_another_plugin_adds_tabs_and_answers_below_them(
    shop: CatalogFolder, guest_client: Client, addon: None
) -> None:
    for path in ("coverage", "coverage/files/a.py"):
        shown = Page(guest_client, f"{CART}/{path}").all("p", css="addon")
        assert [element.text for element in shown] == ["entity-content:addon/coverage of cart"]
    assert Page(guest_client, CART).links["Builds"] == f"{CART}/builds"
    Page(guest_client, "/catalog/default/component/web/coverage", status=404)


def test_another_plugin_arranges_the_cards_of_some_entities(
    shop: CatalogFolder, guest_client: Client, addon: None
) -> None:
    page = Page(guest_client, "/catalog/default/system/shop")
    assert [heading for heading in page.headings if heading][:2] == ["About", "Components 2"]
    assert len(page.all("div", css="plain")) == 1
    assert Page(guest_client, CART).all("div", css="plain") == []


def test_another_plugin_brings_the_head_of_the_page(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    group = "/catalog/default/group/team-a"
    assert Page(guest_client, group).all("h1")[0].text == "entity-header:addon/group: team-a"
    assert Page(guest_client, CART).all("h1")[0].text == "cart"
    with configured("entity-header:addon/any"):
        assert Page(guest_client, group).all("h1")[0].text == "entity-header:addon/group: team-a"
        assert Page(guest_client, CART).all("h1")[0].text == "entity-header:addon/any: cart"


def test_another_plugin_brings_the_head_with_its_tabs(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    with configured("entity-header-layout:addon/tabbed"):
        page = Page(guest_client, f"{CART}/builds")
        assert page.all("h1")[0].text == "entity-header-layout:addon/tabbed: cart"
        tabs = {tab.text: tab.attributes for tab in page.all("a", css="tab")}
        assert tabs["Overview"]["href"] == CART
        assert [title for title, facts in tabs.items() if "aria-current" in facts] == ["Builds"]
        assert not page.all("nav", css="tabs")
        system = Page(guest_client, "/catalog/default/system/shop")
        assert system.all("h1")[0].text == "shop"


def test_another_plugin_adds_links_and_menu_items(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    page = Page(guest_client, CART)
    assert page.links["Open in the wiki"] == "https://wiki.example/cart"
    assert [link.text for link in page.all("span", aria_disabled="true")] == ["View source", "Logs"]


def test_another_plugin_narrows_the_list(shop: CatalogFolder, guest_client: Client, addon: None) -> None:
    page = Page(guest_client, "/catalog")
    assert page.names == ["cart", "web"]
    assert page.all("p", css="addon")[0].text == "gold"
    narrowed = Page(guest_client, "/catalog", {"filters[tier]": "gold"})
    assert narrowed.names == ["cart"]
    assert narrowed.links["Remove the filter Tier: gold"] == "/catalog"
