"""The page, its fragments, and the card: what they show, link to and ask of the catalog, hostile names included."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from apps.catalog_graph.views.lettering import printable, shortened, width_of
from portal.config import override_config
from tests.catalog.pages import Page
from tests.catalog_graph.conftest import FakeCatalog

CART = "component:default/cart"
PAGE = "/catalog-graph"
CARD = "/catalog-graph/-/card/default/component/cart"
HOSTILE = "<script>alert(1)</script>\"'&\u202e\x00]]>"


def open_page(client: Client, query: str = f"rootEntityRefs[]={CART}", **headers: Any) -> Page:
    return Page(client, f"{PAGE}?{query}", **headers)


def states(page: Page) -> list[str]:
    return [node.attributes["data-state"] for node in page.all("g", css="graph-node")]


def nodes(page: Page) -> dict[str, str]:
    """Return where the nodes lead, by what they are called."""
    return {link.attributes["aria-label"]: link.attributes["href"] for link in page.all("a", css="graph-link")}


# --- The page ---


def test_nodes_lead_on_and_to_their_entities(shop: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client)
    assert nodes(page)["Group Team A"] == f"{PAGE}?rootEntityRefs[]=group:default/team-a"
    assert nodes(page)["Component Shopping cart, where the graph begins"] == "/catalog/default/component/cart"
    opens = {link.text: link.attributes["href"] for link in page.all("a", css="graph-open")}
    assert opens["Open Team A"] == "/catalog/default/group/team-a"
    assert states(page).count("root") == 1


def test_the_drawing_has_a_path_with_an_arrow_for_each_relation(shop: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client)
    paths = page.all("path", css="graph-edge")
    assert len(paths) == 4
    assert all(re.fullmatch(r"M[-\d.]+,[-\d.]+([LC][-\d., ]+)+m-7,-4 7,4 -7,4", one.attributes["d"]) for one in paths)
    labels = {one.text for one in page.all("text")}
    assert "ownerOf / ownedBy" in labels


def test_the_same_is_there_in_words(shop: FakeCatalog, guest_client: Client) -> None:
    [words] = open_page(guest_client).all("details", css="graph-words")
    assert "In words: 4 relations" in words.text
    assert "ownerOf" not in words.text
    page = open_page(guest_client, f"rootEntityRefs[]={CART}&words")
    [words] = page.all("details", css="graph-words")
    assert "open" in words.attributes
    assert "Team A ownerOf / ownedBy Shopping cart" in words.text
    assert "Shopping cart dependsOn / dependencyOf db" in words.text


def test_words_are_fetched_for_those_who_open_them(shop: FakeCatalog, guest_client: Client) -> None:
    [waiting] = open_page(guest_client).all("p", id="catalog-graph-words")
    page = Page(guest_client, waiting.attributes["hx-get"], hx_request="true", hx_target="catalog-graph-words")
    assert page.elements[0].tag == "ul"
    assert "Team A ownerOf / ownedBy Shopping cart" in page.elements[0].text
    assert "HX-Push-Url" not in page.response


def test_what_is_drawn_is_hidden_from_readers_where_it_is_in_words(shop: FakeCatalog, guest_client: Client) -> None:
    html = open_page(guest_client).html
    assert '<g aria-hidden="true">' in html
    assert html.index('<g aria-hidden="true">') < html.index('class="graph-edge"')


def test_the_page_asks_for_each_level_and_for_the_kinds(shop: FakeCatalog, guest_client: Client) -> None:
    open_page(guest_client, f"rootEntityRefs[]={CART}&maxDepth=2")
    assert shop.calls == ["/entities/by-refs"] * 3 + ["/entity-facets"]
    shop.calls.clear()
    open_page(guest_client, f"rootEntityRefs[]={CART}&showFilters=false")
    assert shop.calls == ["/entities/by-refs"] * 2


def test_a_page_makes_no_statements(
    shop: FakeCatalog, guest_client: Client, django_assert_max_num_queries: object
) -> None:
    open_page(guest_client)
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        open_page(guest_client)


def test_the_form_says_what_is_chosen_and_keeps_the_roots(shop: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client, f"rootEntityRefs[]={CART}&selectedKinds[]=api&maxDepth=3&direction=TB")
    checked = {one.attributes["value"] for one in page.all("input", type="checkbox") if "checked" in one.attributes}
    assert checked == {"api", "true"}
    assert [one.attributes["value"] for one in page.all("input", name="rootEntityRefs[]")] == [CART]
    assert page.all("input", name="maxDepth")[0].attributes["value"] == "3"
    assert [one.attributes["value"] for one in page.all("option") if "selected" in one.attributes] == [
        "TB",
        "curveMonotoneX",
    ]


def test_what_the_form_sends_without_scripts_is_understood(shop: FakeCatalog, guest_client: Client) -> None:
    sent = (
        f"rootEntityRefs[]={CART}&maxDepth=1&selectedKinds[]=&selectedKinds[]=api&selectedRelations[]=&direction=LR"
        "&curve=curveMonotoneX&unidirectional=false&unidirectional=true&mergeRelations=false"
    )
    page = open_page(guest_client, sent)
    assert set(nodes(page)) == {"Component Shopping cart, where the graph begins", "Api cart-api"}
    assert "providesApi" in {one.text for one in page.all("text")}


def test_htmx_gets_the_drawing_and_the_short_address(shop: FakeCatalog, guest_client: Client) -> None:
    query = f"rootEntityRefs[]={CART}&maxDepth=1&mergeRelations=false&mergeRelations=true&selectedKinds[]=api"
    page = open_page(guest_client, query, hx_request="true", hx_target="catalog-graph-result")
    assert page.elements[0].attributes["id"] == "catalog-graph-result"
    assert page.response["HX-Push-Url"] == f"{PAGE}?rootEntityRefs[]={CART}&selectedKinds[]=api"
    assert shop.calls == ["/entities/by-refs"] * 2


def test_without_a_root_there_is_where_to_begin(shop: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client, "")
    assert page.links["trade Domain"] == f"{PAGE}?rootEntityRefs[]=domain:default/trade"
    assert shop.calls == ["/entities/by-query"]
    found = open_page(guest_client, "text=cart")
    assert "Shopping cart Component" in found.links
    assert "Nothing is called that" in open_page(guest_client, "text=zzz").text


def test_an_empty_catalog_says_what_to_do(catalog: FakeCatalog, guest_client: Client) -> None:
    assert "There are no domains or systems" in open_page(guest_client, "").text


def test_an_entity_without_relations_says_so(catalog: FakeCatalog, guest_client: Client) -> None:
    catalog.add(CART)
    assert "It isn't related to anything yet." in open_page(guest_client).html.replace("&#x27;", "'")


def test_nothing_left_by_the_filters_offers_to_show_everything(shop: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client, f"rootEntityRefs[]={CART}&selectedKinds[]=user")
    assert page.links["Show everything"] == f"{PAGE}?rootEntityRefs[]={CART}"


def test_a_root_that_is_not_there_leads_to_the_reasons(catalog: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client)
    assert "Not in the catalog" in page.text
    assert page.links["Find out why"] == "/catalog/why?ref=component%3Adefault/cart"
    assert page.all("svg", css="graph") == []


def test_what_is_no_ref_is_named(shop: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client, "rootEntityRefs[]=<b>web</b>")
    assert "Not the ref of an entity" in page.text
    assert "<b>web</b>" not in page.html


def test_more_members_than_there_is_room_for_lead_to_the_group(catalog: FakeCatalog, guest_client: Client) -> None:
    for number in range(1000):
        catalog.relate(f"user:u{number}", "memberOf", "group:all")
    page = open_page(guest_client, "rootEntityRefs[]=group:default/all")
    assert states(page) == ["root", *["entity"] * 25, "more"]
    assert nodes(page)["975 more"] == "/catalog/default/group/all"
    assert "more than there is room for" in page.text
    assert "975 more around group:default/all" in [one.text for one in page.all("title")]


def test_numbers_of_the_drawing_are_the_same_in_every_language(shop: FakeCatalog, guest_client: Client) -> None:
    page = open_page(guest_client, accept_language="de")
    [svg] = page.all("svg", css="graph")
    assert "," not in svg.attributes["width"] + svg.attributes["height"] + svg.attributes["viewbox"]
    places = [node.attributes["transform"] for node in page.all("g", css="graph-node")]
    assert all(re.fullmatch(r"translate\(-?[\d.]+ -?[\d.]+\)", place) for place in places)


def test_hostile_names_stay_text(catalog: FakeCatalog, guest_client: Client) -> None:
    catalog.add(CART, HOSTILE)
    catalog.relate("component:cart", "<script>alert(2)", "component:b", both=False)
    for page in (open_page(guest_client), Page(guest_client, CARD)):
        assert "<script>alert" not in page.html
        assert "\u202e" not in page.html
        titles = [one.text for one in page.all("text")]
        assert any(title.startswith("<script>alert(1)") for title in titles)


def test_the_page_opens_as_it_is_configured(shop: FakeCatalog, guest_client: Client) -> None:
    config = {"rootEntityRefs": [CART], "selectedKinds": ["api"], "zoom": "disabled", "relationPairs": [["a", "b"]]}
    with override_config({"app": {"extensions": [{"page:catalog-graph": {"config": config}}]}}):
        page = open_page(guest_client, "")
    assert "Api cart-api" in nodes(page)
    assert "providesApi" in {one.text for one in page.all("text")}
    assert page.all("button", data_graph="in") == []


# --- The card ---


def test_the_card_is_a_fragment_whose_nodes_lead_to_entities(shop: FakeCatalog, guest_client: Client) -> None:
    page = Page(guest_client, CARD)
    assert "<html" not in page.html
    assert nodes(page)["Group Team A"] == "/catalog/default/group/team-a"
    assert page.all("a", css="graph-open") == []
    assert shop.calls == ["/entities/by-refs"] * 2


def test_the_card_is_drawn_as_it_is_configured(shop: FakeCatalog, guest_client: Client) -> None:
    config = {"kinds": ["api"], "mergeRelations": False, "height": 300, "zoom": "disabled"}
    with override_config({"app": {"extensions": [{"entity-card:catalog-graph/relations": {"config": config}}]}}):
        page = Page(guest_client, CARD)
    assert len(nodes(page)) == 2
    assert "providesApi" in {one.text for one in page.all("text")}
    [svg] = page.all("svg", css="graph")
    assert svg.attributes["height"] == "300"
    assert page.all("div", css="graph-canvas")[0].attributes["data-zoom"] == "disabled"


@pytest.mark.parametrize(("asked", "drawn"), [("176", "176"), ("900", "400"), ("-5", "400"), ("9" * 5000, "400")])
def test_the_drawing_fills_the_place_that_its_card_has(
    shop: FakeCatalog, guest_client: Client, asked: str, drawn: str
) -> None:
    [svg] = Page(guest_client, CARD, {"height": asked}).all("svg", css="graph")
    assert svg.attributes["height"] == drawn


def test_a_card_that_is_disabled_is_not_drawn(shop: FakeCatalog, guest_client: Client) -> None:
    with override_config({"app": {"extensions": [{"entity-card:catalog-graph/relations": False}]}}):
        assert guest_client.get(CARD).status_code == 404


# --- Lettering ---


def test_a_text_is_shortened_to_its_room() -> None:
    assert shortened("short", 13, 200) == "short"
    text = shortened("W" * 100, 13, 200)
    assert text.endswith("…")
    assert width_of(text, 13) <= 200
    assert width_of("漢字", 10) > width_of("ab", 10) > width_of("il", 10)


@pytest.mark.parametrize(("text", "shown"), [("a\n b", "a b"), ("\u202eabc\u200b", "abc"), ("\x00", ""), ("é", "é")])
def test_characters_that_are_not_to_be_seen_are_left_out(text: str, shown: str) -> None:
    assert printable(text) == shown
