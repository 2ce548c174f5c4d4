"""The registry of widgets: whoever adds, replaces, orders or disables one finds it so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.api_docs.extension_points import api_docs_config_api
from portal.extensions import get_api, get_tree
from portal.testing.rendering import render
from tests.api_docs.conftest import DATABASES, DEFINITIONS, AddApi, api, configured
from tests.catalog.pages import Page

pytestmark = pytest.mark.django_db(databases=DATABASES)

WIDGET = "api-definition-widget:api-docs"
BACKSTAGE_IDS = [
    "page:api-docs",
    "api:api-docs/config",
    "entity-content:api-docs/apis",
    "entity-content:api-docs/definition",
    "entity-card:api-docs/consumed-apis",
    "entity-card:api-docs/consuming-components",
    "entity-card:api-docs/definition",
    "entity-card:api-docs/has-apis",
    "entity-card:api-docs/provided-apis",
    "entity-card:api-docs/providing-components",
]


@pytest.fixture
def addon(settings: Any) -> None:
    """A module that brings widgets."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.api_docs.addon"]


def chosen(type: str) -> str:
    """Return the id of the widget for a type."""
    node = get_api(api_docs_config_api).widget_for(type)
    return node.id if node is not None else ""


@pytest.mark.parametrize("extension_id", BACKSTAGE_IDS)
def test_ids_are_those_of_backstage(extension_id: str) -> None:
    node = get_tree().get(extension_id)
    assert node is not None
    assert node.parent is not None


@pytest.mark.parametrize("type", ["openapi", "asyncapi", "graphql", "grpc", "mcp-server"])
def test_every_type_of_backstage_has_its_widget(type: str) -> None:
    assert chosen(type) == f"{WIDGET}/{type}"
    assert chosen(type.upper()) == f"{WIDGET}/{type}"


def test_a_disabled_widget_leaves_the_text(apis: None, guest_client: Client) -> None:
    with configured({f"{WIDGET}/graphql": False}):
        page = Page(guest_client, "/catalog/default/api/products/definition")
        assert page.all("pre")[0].text.split() == DEFINITIONS["products"][1].split()


def test_without_the_registry_there_is_the_text(apis: None, guest_client: Client) -> None:
    with configured({"api:api-docs/config": False}):
        assert Page(guest_client, "/catalog/default/api/products/definition").all("pre")


def test_only_the_tab_that_is_open_loads_its_scripts(apis: None, guest_client: Client) -> None:
    script = "/static/api_docs/definition.js"
    assert script in Page(guest_client, "/catalog/default/api/products/definition").html
    assert script not in Page(guest_client, "/catalog/default/api/products").html


def test_a_module_adds_a_widget_for_its_own_type(addon: None, add: AddApi, guest_client: Client) -> None:
    add(api("tables", "sql", "CREATE TABLE a; CREATE TABLE b;"))
    page = Page(guest_client, "/catalog/default/api/tables/definition")
    assert "2 tables" in page.text
    assert 'href="/static/addon/sql.css"' in page.html
    assert "2 tables, in short" in Page(guest_client, "/catalog/default/api/tables").text
    assert [cell.text for cell in Page(guest_client, "/api-docs").all("td", css="cell-type")] == ["SQL"]
    source = Page(guest_client, "/catalog/default/api/tables/definition", {"view": "source"})
    assert '<span class="hl-k">CREATE</span>' in source.html


def test_a_module_replaces_a_widget_by_its_id(addon: None, apis: None, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog/default/api/products/definition")
    assert "Shown by somebody else: type Query" in page.text
    assert "Our GraphQL definition" in page.headings


def test_types_and_order_are_configured() -> None:
    with configured({f"{WIDGET}/asyncapi": {"config": {"types": ["asyncapi", "cloudevents"]}}}):
        assert chosen("cloudevents") == f"{WIDGET}/asyncapi"
    with configured({f"{WIDGET}/grpc": {"config": {"types": ["openapi"]}}}):
        # What configuration mentions comes first.
        assert chosen("openapi") == f"{WIDGET}/grpc"


def test_a_widget_that_fails_leaves_the_text_and_a_word(addon: None, add: AddApi, guest_client: Client) -> None:
    add(api("failing", "failing", "the text"))
    page = Page(guest_client, "/catalog/default/api/failing/definition")
    assert f"{WIDGET}/failing failed" in page.text
    assert page.all("pre")[0].text == "the text"


def test_origins_that_are_none_keep_the_widget_out() -> None:
    with configured({f"{WIDGET}/openapi": {"config": {"connectTo": ["https://a.example/path"]}}}):
        assert chosen("openapi") == ""


def test_the_card_leads_to_the_tab_wherever_it_is() -> None:
    entity = api("shop-api", *DEFINITIONS["shop-api"])
    tab = "entity-content:api-docs/definition"
    assert 'href="/catalog/default/api/shop-api/definition"' in render("entity-card:api-docs/definition", entity=entity)
    with configured({tab: {"config": {"path": "/spec"}}}):
        assert 'href="/catalog/default/api/shop-api/spec"' in render("entity-card:api-docs/definition", entity=entity)
    with configured({tab: False}):
        assert "Open</a>" not in render("entity-card:api-docs/definition", entity=entity)
