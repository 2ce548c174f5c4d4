"""The catalog's list: what an address means, what is shown, how it is narrowed and paged."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.forms import PAGE_SIZES, CatalogQuery
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page
from tests.catalog.views_kit import fill, names


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    return fill(folder)


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
