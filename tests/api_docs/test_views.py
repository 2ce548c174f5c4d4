"""The pages: the list of APIs, the definition on its entity's page, its text, and the frame to try it in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from apps.api_docs import queries
from apps.api_docs.definitions import MAX_DRAWN
from apps.api_docs.definitions.highlighting import MAX_SHOWN
from portal.config import override_config
from tests.api_docs.conftest import DATABASES, DEFINITIONS, OPENAPI, AddApi, api, configured
from tests.catalog.pages import Page

pytestmark = pytest.mark.django_db(databases=DATABASES)

LIST = "/api-docs"
HOSTILE = '"><script>alert(1)</script>'


def definition_page(name: str) -> str:
    return f"/catalog/default/api/{name}/definition"


# --- The list ---


def test_the_list_has_every_api_by_name_with_its_type_as_people_write_it(apis: None, guest_client: Client) -> None:
    page = Page(guest_client, LIST)
    assert page.names == sorted(DEFINITIONS)
    assert [cell.text for cell in page.all("td", css="cell-type")] == [
        "tRPC",
        "AsyncAPI",
        "gRPC",
        "GraphQL",
        "wsdl",
        "OpenAPI",
    ]
    assert page.links["prices"] == "/catalog/default/api/prices"
    assert page.links["team-a"] == "/catalog/default/group/team-a"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"filters[type]": "openapi"}, ["shop-api"]),
        ({"filters[type]": ["grpc", "GraphQL"]}, ["prices", "products"]),
        ({"filters[type]": "all"}, sorted(DEFINITIONS)),
        ({"filters[tags]": ["grpc", "graphql"]}, []),
        ({"filters[tags]": "grpc", "filters[lifecycles]": "production"}, ["prices"]),
        ({"filters[owners]": "team-a", "filters[type]": "wsdl"}, ["quotes"]),
        ({"filters[owners]": "group:default/nobody"}, []),
        ({"filters[text]": "pri"}, ["prices"]),
        ({"filters[text]": "graphql"}, ["products"]),
        ({"filters[user]": "nonsense", "limit": "x", "offset": "-3"}, sorted(DEFINITIONS)),
        ({"offset": "500"}, sorted(DEFINITIONS)),
        ({"offset": "9" * 20, "limit": "9" * 20}, sorted(DEFINITIONS)),
        ({"filters[owners]": HOSTILE}, []),
    ],
)
def test_the_address_narrows_the_list(
    apis: None, guest_client: Client, query: dict[str, Any], names: list[str]
) -> None:
    page = Page(guest_client, LIST, query)
    assert page.names == names
    assert HOSTILE not in page.html


def test_ones_own_apis_are_those_of_ones_groups(apis: None, signed_in: Any) -> None:
    client = signed_in("user:default/jane", owns=["user:default/jane", "group:default/team-a"])
    page = Page(client, LIST, {"filters[user]": "owned"})
    assert page.names == sorted(DEFINITIONS)
    assert f"Owned by me {len(DEFINITIONS)}" in page.links
    with configured({"page:api-docs": {"config": {"initiallySelectedFilter": "owned"}}}):
        assert "You own no API" in Page(signed_in("user:default/ben"), LIST).text
        assert Page(signed_in("user:default/ben"), LIST, {"filters[user]": "all"}).names == sorted(DEFINITIONS)


class Stars:
    """Keeps the stars of Jane."""

    def __init__(self, *refs: str) -> None:
        self.refs = list(refs)

    def starred(self, user_ref: str) -> list[str]:
        return self.refs if user_ref == "user:default/jane" else []


@pytest.mark.parametrize(
    ("stars", "names"), [(("api:default/prices", "component:default/x", "api:other/quotes"), ["prices"]), ((), [])]
)
def test_starred_apis_are_a_list_where_stars_are_kept(
    apis: None, signed_in: Any, monkeypatch: pytest.MonkeyPatch, stars: tuple[str, ...], names: list[str]
) -> None:
    monkeypatch.setattr(queries, "ask_api", lambda ref, question, otherwise: question(Stars(*stars)))
    page = Page(signed_in("user:default/jane"), LIST, {"filters[user]": "starred"})
    assert page.names == names
    assert [link.text for link in page.all("a", css="kind")] == [
        f"All {len(DEFINITIONS)}",
        "Owned by me 0",
        f"Starred by me {len(names)}",
    ]
    assert ("You starred no API" in page.text) == (not names)


def test_filters_offer_what_there_is_with_counts(apis: None, guest_client: Client) -> None:
    page = Page(guest_client, LIST, {"filters[type]": "openapi"})
    labels = [label.text for label in page.all("label", css="check")]
    assert labels[:2] == ["OpenAPI 1", "AsyncAPI 1"]
    assert "team-a 6" in labels
    checked = [box.attributes["value"] for box in page.all("input", type="checkbox") if "checked" in box.attributes]
    assert checked == ["openapi"]
    assert page.links["Remove the filter Type: OpenAPI"] == LIST


def test_a_page_leads_to_its_neighbours(add: AddApi, guest_client: Client) -> None:
    add(*(api(f"api-{number:02}", "openapi", "x") for number in range(45)))
    middle = Page(guest_client, LIST, {"offset": "20"})
    assert (middle.names[0], middle.names[-1]) == ("api-20", "api-39")
    assert middle.links["Previous"] == LIST
    assert middle.links["Next"] == f"{LIST}?offset=40"
    assert "41–45 of 45" in Page(guest_client, LIST, {"offset": "900"}).text


def test_htmx_gets_the_part_that_it_asks_for(apis: None, guest_client: Client) -> None:
    query = {"filters[type]": "grpc"}
    part = Page(guest_client, LIST, query, hx_request="true", hx_target="apis-results")
    assert part.response["HX-Push-Url"] == f"{LIST}?filters[type]=grpc"
    assert "<html" not in part.html
    assert 'type="checkbox"' not in part.html
    assert part.names == ["prices"]


def test_the_list_asks_the_catalog_three_times_however_long_it_is(
    apis: None, guest_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10, using="catalog"), django_assert_max_num_queries(0):
        Page(guest_client, LIST)


def test_an_empty_list_says_what_to_do(guest_client: Client) -> None:
    assert "kind: API" in Page(guest_client, LIST).text
    assert "No API matches" in Page(guest_client, LIST, {"filters[text]": "zzz"}).text


def test_registering_is_offered_where_a_plugin_does_it(apis: None, guest_client: Client) -> None:
    bindings = {"app": {"routes": {"bindings": {"api-docs.registerApi": "catalog.catalogIndex"}}}}
    with override_config(bindings):
        assert Page(guest_client, LIST).links["Register an API"] == "/catalog"


# --- The definition ---


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shop-api", ["OpenAPI 3.0.3", "GET /orders/{id}", "Read an order", "https://api.shop.example/v2"]),
        ("light-events", ["AsyncAPI 3.0.0", "receive light/{id}/measured", "lumens integer"]),
        ("products", ["query product One product", "Product"]),
        ("prices", ["rpc Get Says what a product costs.", "stream Price", "shop.v1"]),
    ],
)
def test_a_definition_is_drawn_by_its_type(apis: None, guest_client: Client, name: str, words: list[str]) -> None:
    page = Page(guest_client, definition_page(name))
    assert [word for word in words if word not in page.text] == []
    assert f"api-definition-widget:api-docs/{widget_of(name)}" in page.extensions


def widget_of(name: str) -> str:
    return DEFINITIONS[name][0]


@pytest.mark.parametrize(
    ("name", "text"), [("calls", '{"procedures": []}'), ("quotes", "<definitions>&</definitions>")]
)
def test_a_type_without_a_widget_is_shown_as_its_text(apis: None, guest_client: Client, name: str, text: str) -> None:
    page = Page(guest_client, definition_page(name))
    assert page.all("pre")[0].text == text
    assert page.links["Download"] == f"/api-docs/definition/default/{name}"


def test_the_source_is_shown_as_it_is_written_or_as_the_other_form(apis: None, guest_client: Client) -> None:
    page = Page(guest_client, definition_page("light-events"), {"view": "source"})
    assert "asyncapi: 3.0.0" in page.all("pre")[0].text
    assert page.links["JSON"] == "?view=source&as=json"
    other = Page(guest_client, definition_page("light-events"), {"view": "source", "as": "json"})
    assert json.loads(other.all("pre")[0].text)["asyncapi"] == "3.0.0"
    assert "style=" not in other.html


def test_a_long_definition_is_turned_over_and_searched(add: AddApi, guest_client: Client) -> None:
    paths = {f"/things/{number}": {"get": {"summary": f"Thing {number}"}} for number in range(120)}
    add(api("long", "openapi", json.dumps({"openapi": "3.0.0", "paths": paths})))
    first = Page(guest_client, definition_page("long"))
    assert len(first.all("details", css="definition-details")) == 50
    assert first.links["Next"] == "?offset=50"
    found = Page(guest_client, definition_page("long"), {"q": "thing 119"})
    assert [entry.text for entry in found.all("summary", css="definition-entry")] == ["GET /things/119 Thing 119"]
    assert "has these words" in Page(guest_client, definition_page("long"), {"q": HOSTILE}).text


def test_a_broken_definition_says_what_is_wrong_and_shows_its_text(add: AddApi, guest_client: Client) -> None:
    add(api("broken", "openapi", "openapi: [1,"))
    page = Page(guest_client, definition_page("broken"))
    assert "can't be drawn" in page.text
    assert "Close the list with ']'" in page.text
    assert page.all("pre")[0].text == "openapi: [1,"
    assert "Swagger UI" not in page.links
    assert "Close the list" in Page(guest_client, "/catalog/default/api/broken").text


def test_a_huge_definition_is_cut_and_can_be_downloaded(add: AddApi, guest_client: Client) -> None:
    text = "openapi: 3.0.0\nx: " + "<" * 5_000_000
    add(api("huge", "openapi", text))
    page = Page(guest_client, definition_page("huge"))
    assert f"5,000,018 characters, where {MAX_DRAWN:,} can be" in page.text
    assert len(page.all("pre")[0].text) < MAX_SHOWN + 10
    assert guest_client.get("/api-docs/definition/default/huge").content.decode() == text
    assert len(guest_client.get("/catalog/default/api/huge").content) < 60_000


def test_a_server_of_the_model_context_protocol_shows_its_addresses(guest_client: Client) -> None:
    from portal.testing.rendering import render

    entity = api("mcp", "mcp-server", None)
    entity["spec"]["remotes"] = [{"type": "sse", "url": "https://mcp.example/<x>"}]
    html = render("entity-content:api-docs/definition", entity=entity)
    assert "https://mcp.example/&lt;x&gt; (sse)" in html
    assert "Download" not in html


def test_hostile_definitions_are_text(add: AddApi, guest_client: Client) -> None:
    hostile = {
        "openapi": HOSTILE,
        "info": {"title": HOSTILE, "version": HOSTILE, "description": f"{HOSTILE} [x](javascript:alert(1))"},
        "servers": [{"url": HOSTILE}],
        "paths": {HOSTILE: {"get": {"tags": [HOSTILE], "summary": HOSTILE, "description": HOSTILE, "parameters": [
            {"name": HOSTILE, "in": HOSTILE, "description": HOSTILE, "schema": {"type": HOSTILE, "enum": [HOSTILE]}}],
            "responses": {HOSTILE: {"description": HOSTILE, "content": {HOSTILE: {"example": HOSTILE}}}}}}},
    }  # fmt: skip
    add(
        api("hostile", "openapi", json.dumps(hostile)),
        api("typed", HOSTILE, HOSTILE, title=HOSTILE),
        api("query", "graphql", f'"""{HOSTILE}"""\ntype Query {{ a(b: String = "<script>"): Int }}'),
        api("proto", "grpc", f"// {HOSTILE}\nmessage M {{ string a = 1; }}"),
    )
    for name in ("hostile", "typed", "query", "proto"):
        for path in (definition_page(name), f"{definition_page(name)}?view=source", f"/catalog/default/api/{name}"):
            html = guest_client.get(path).content.decode()
            assert "<script>alert" not in html, path
            assert 'href="javascript' not in html, path
    assert "<script>alert" not in guest_client.get(LIST).content.decode()


# --- Its text ---


def test_the_text_is_a_file_to_save(apis: None, guest_client: Client) -> None:
    response = guest_client.get("/api-docs/definition/default/products")
    assert response.content.decode() == DEFINITIONS["products"][1]
    assert response["Content-Disposition"] == 'attachment; filename="products.graphql"'
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    Page(guest_client, "/api-docs/definition/default/nope", status=404)


# --- The frame ---


def frame(client: Client, name: str = "shop-api") -> tuple[dict[str, str], str]:
    """Return the directives of the frame's policy, and its document."""
    response = client.get(f"/api-docs/definition/default/{name}/interactive")
    assert response.status_code == 200
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    policy = response["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in policy), response.content.decode()


def options_in(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="options" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    options: dict[str, Any] = json.loads(found[1])
    return options


def test_swagger_ui_stands_in_a_sandboxed_frame(apis: None, guest_client: Client) -> None:
    page = Page(guest_client, definition_page("shop-api"), {"view": "try"})
    [element] = page.all("iframe")
    assert element.attributes["src"] == "/api-docs/definition/default/shop-api/interactive"
    assert "allow-same-origin" not in element.attributes["sandbox"]
    assert "unsafe-inline" not in page.response["Content-Security-Policy"]


def test_the_frame_has_a_policy_of_its_own(apis: None, guest_client: Client) -> None:
    policy, html = frame(guest_client)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "allow-same-origin" not in policy["sandbox"]
    assert options_in(html) == {"spec": OPENAPI, "methods": []}


def test_trying_out_reaches_the_servers_of_the_definition_or_those_configured(apis: None, guest_client: Client) -> None:
    widget = "api-definition-widget:api-docs/openapi"
    with configured({widget: {"config": {"tryItOut": True, "supportedSubmitMethods": ["get"]}}}):
        policy, html = frame(guest_client)
        assert policy["connect-src"] == "https://api.shop.example"
        assert options_in(html)["methods"] == ["get"]
    with configured({widget: {"config": {"tryItOut": True, "connectTo": ["https://gateway.example"]}}}):
        assert frame(guest_client)[0]["connect-src"] == "https://gateway.example"
    with configured({widget: {"config": {"interactive": False}}}):
        assert "Swagger UI" not in Page(guest_client, definition_page("shop-api")).links


def test_nothing_in_a_definition_ends_the_frames_script(add: AddApi, guest_client: Client) -> None:
    text = json.dumps({"openapi": "3.0.0", "info": {"title": "</script><script>alert(1)</script><!--"}})
    add(api("hostile", "openapi", text))
    _, html = frame(guest_client, "hostile")
    assert html.count("</script>") == 3
    assert options_in(html)["spec"]["info"]["title"].startswith("</script>")


def test_only_what_can_be_tried_has_a_frame(apis: None, guest_client: Client) -> None:
    Page(guest_client, "/api-docs/definition/default/products/interactive", status=404)
