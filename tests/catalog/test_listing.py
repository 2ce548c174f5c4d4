"""The catalog's list: what its filters offer and count, stars, and the words in it."""

from __future__ import annotations

import hypothesis
import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from apps.catalog.models import Star
from apps.catalog.operations.stars import MAX_STARS, star
from portal.config import override_config
from portal.errors import InputError
from portal.extensions import get_api
from portal.extensions.starred import starred_entities_api
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.listing_kit import GUEST, STARRED, THINGS, fields, fill, headings
from tests.catalog.pages import Page


@pytest.fixture
def things(folder: CatalogFolder) -> CatalogFolder:
    return fill(folder)


def offers(page: Page, param: str) -> dict[str, int]:
    """Return the values that a filter offers, with their counts."""
    found: dict[str, int] = {}
    value = None
    for element in page.elements:
        if element.tag == "input":
            value = element.attributes["value"] if element.attributes.get("name") == f"filters[{param}]" else None
        elif value is not None and "count" in element.classes:
            found[value] = int(element.text)
            value = None
    return found


# --- Filters and counts ---


Chosen = dict[str, list[str]]


def passes(number: int, chosen: Chosen, *, without: str = "") -> bool:
    """Say whether one of the things has what is chosen: of tags every one, of others one."""
    for param, values in chosen.items():
        has = fields(number)[param]
        matching = set(values) <= has if param == "tags" else bool(set(values) & has)
        if param != without and values and not matching:
            return False
    return True


def counted(chosen: Chosen, param: str, value: str) -> int:
    """Count by looking at each of the things."""
    without = "" if param == "tags" else param
    return sum(value in fields(n)[param] and passes(n, chosen, without=without) for n in range(len(THINGS)))


def some(*values: str) -> st.SearchStrategy[list[str]]:
    """Draw some of the values."""
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


@hypothesis.settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=st.fixed_dictionaries(
        {
            "type": some("service", "website", "library"),
            "lifecycles": some("production", "experimental", "deprecated"),
            "owners": some("group:default/team-a", "group:default/team-b", "user:default/jane"),
            "tags": some("java", "grpc", "web"),
            "namespace": some("default", "internal"),
            "user": st.lists(st.sampled_from(["all", "owned", "starred"]), max_size=1),
        }
    )
)
def test_every_count_is_what_looking_at_each_entity_gives(
    things: CatalogFolder, guest_client: Client, chosen: Chosen
) -> None:
    page = Page(guest_client, "/catalog", {f"filters[{param}]": values for param, values in chosen.items()})
    listed = [n for n in range(len(THINGS)) if passes(n, chosen)]
    assert sorted(name.removeprefix("internal/") for name in page.names) == [f"c{n}" for n in listed]
    for param in chosen:
        for value, count in offers(page, param).items():
            assert count == counted(chosen, param, value), (param, value)


def test_what_is_wrong_is_a_filter(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", "---".join([component("good"), component("bad")]))
    folder.read("a.yaml")
    folder.write("a.yaml", "---".join([component("good"), component("bad").replace("owner: team-a", "owner: [1]")]))
    folder.refresh()
    page = Page(guest_client, "/catalog", {"filters[status]": "error"})
    assert page.names == ["bad"]
    assert offers(page, "status") == {"error": 1, "orphan": 0}


def test_a_kind_counts_what_its_link_leads_to(things: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"filters[owners]": "team-a", "filters[type]": "website"})
    assert page.names == []
    kinds = {link.text: link.attributes["href"] for link in page.all("a", css="kind")}
    assert Page(guest_client, kinds["Component 3"]).names == ["c0", "internal/c3", "internal/c4"]


@pytest.mark.parametrize("initial", ["owned", "starred"])
def test_what_the_list_opens_with_is_configurable(things: CatalogFolder, guest_client: Client, initial: str) -> None:
    extension = {"catalog-filter:catalog/list": {"config": {"initialFilter": initial}}}
    with override_config({"app": {"extensions": [extension]}}):
        opened = Page(guest_client, "/catalog").names
        every = Page(guest_client, "/catalog", {"filters[user]": "all"}).names
    expected = ["c0", "internal/c3", "internal/c4"] if initial == "owned" else ["c1", "internal/c4", "c5"]
    assert sorted(opened) == sorted(expected)
    assert len(every) == len(THINGS)


def test_what_is_chosen_anyway_goes_unsaid(things: CatalogFolder, guest_client: Client) -> None:
    query = {
        "filters[kind]": "component",
        "filters[user]": "all",
        "filters[text]": "",
        "columns": ["name", "system", "owner", "type", "lifecycle", "tags"],
        "density": "comfortable",
        "sort": "name",
        "limit": "20",
    }
    page = Page(guest_client, "/catalog", query, HX_Request="true", HX_Target="catalog-results")
    assert page.response["HX-Push-Url"] == "/catalog?filters[kind]=component"


def test_many_values_are_found_by_a_part_of_their_name(folder: CatalogFolder, guest_client: Client) -> None:
    texts = (component(f"c{n:02}").replace("type: service", f"type: type-{n:02}") for n in range(30))
    folder.write("many.yaml", "---".join(texts))
    folder.read("many.yaml")
    page = Page(guest_client, "/catalog", {"filters[type]": "type-29"})
    offered = offers(page, "type")
    assert len(offered) == 12
    assert "type-29" in offered
    assert "18 more" in page.text

    found = Page(guest_client, "/catalog/-/options/type", {"filters[type]": "type-29", "find[type]": "type-1"})
    assert set(offers(found, "type")) == {"type-29", *(f"type-1{n}" for n in range(10))}
    assert [element.tag for element in found.all(hx_swap_oob="true")] == ["div"]
    without_scripts = Page(guest_client, "/catalog", {"find[type]": "type-0"})
    assert set(offers(without_scripts, "type")) == {f"type-0{n}" for n in range(10)}


@pytest.mark.parametrize("place", ["9" * 20, "-1", "1e3", "²", "x"])
def test_a_place_that_no_list_has_is_its_beginning(things: CatalogFolder, guest_client: Client, place: str) -> None:
    page = Page(guest_client, "/catalog", {"filters[kind]": "all", "offset": place, "limit": place})
    assert page.names == Page(guest_client, "/catalog", {"filters[kind]": "all"}).names


def test_a_filter_that_is_not_there_has_no_values(things: CatalogFolder, guest_client: Client) -> None:
    Page(guest_client, "/catalog/-/options/nonsense", status=404)


def test_htmx_gets_the_counts_that_another_filter_changed(things: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"filters[type]": "website"}, HX_Request="true", HX_Target="catalog-results")
    assert offers(page, "lifecycles") == {"production": 1, "experimental": 1, "deprecated": 0}
    swapped = {element.attributes.get("id") for element in page.all(hx_swap_oob="true")}
    assert swapped >= {"catalog-kinds", "options-user", "options-owners", "catalog-sort", "catalog-views"}


# --- Stars ---


def test_a_star_is_set_and_taken_away(things: CatalogFolder, guest_client: Client) -> None:
    api = get_api(starred_entities_api)
    guest_client.post("/catalog/-/star", {"star": "component:default/c0", "next": "/catalog?limit=50"})
    assert api.starred_among(GUEST, ["component:default/c0", "component:default/c2"]) == {"component:default/c0"}
    assert api.starred(GUEST)[0] == "component:default/c0"

    answer = guest_client.post(
        "/catalog/-/star", {"unstar": "component:default/c0"}, headers={"HX-Request": "true", "HX-Trigger": "star-1"}
    )
    assert answer["HX-Trigger-After-Settle"] == "stars-changed"
    assert 'aria-pressed="false"' in answer.content.decode()
    assert "component:default/c0" not in api.starred(GUEST)


def test_stars_that_nobody_knows_are_no_stars(
    things: CatalogFolder, guest_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError("no stars tonight")

    monkeypatch.setattr(type(get_api(starred_entities_api)), "starred", fail)
    assert Page(guest_client, "/catalog", {"filters[user]": "starred", "filters[kind]": "all"}).names == []


def test_an_entitys_page_has_its_star(things: CatalogFolder, guest_client: Client) -> None:
    for number, pressed in ((0, "false"), (1, "true")):
        page = Page(guest_client, f"/catalog/default/component/c{number}")
        assert [star.attributes["aria-pressed"] for star in page.all("button", css="star")] == [pressed]


@pytest.mark.parametrize("asked", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_star_leads_nowhere_else(things: CatalogFolder, guest_client: Client, asked: str) -> None:
    answer = guest_client.post("/catalog/-/star", {"star": "component:default/c0", "next": asked})
    assert answer["Location"] == "/catalog"


def test_what_is_not_there_is_not_starred(things: CatalogFolder, guest_client: Client) -> None:
    assert guest_client.post("/catalog/-/star", {"star": "component:default/none"}).status_code == 404
    assert guest_client.post("/catalog/-/star", {}).status_code == 400
    assert Star.objects.count() == len(STARRED)


def test_nobody_has_more_stars_than_are_kept(db: None) -> None:
    Star.objects.bulk_create(Star(user_ref=GUEST, entity_ref=f"component:default/c{n}") for n in range(MAX_STARS))
    star(user_ref=GUEST, entity_ref="component:default/c0")
    with pytest.raises(InputError, match="1,000"):
        star(user_ref=GUEST, entity_ref="component:default/another")


def test_without_the_api_there_are_no_stars(things: CatalogFolder, guest_client: Client) -> None:
    with override_config({"app": {"extensions": [{"api:catalog/starred-entities": False}]}}):
        assert Page(guest_client, "/catalog").all("button", css="star") == []
        assert guest_client.post("/catalog/-/star", {"star": "component:default/c0"}).status_code == 404


def test_hostile_texts_stay_texts_in_filters_and_rows(folder: CatalogFolder, guest_client: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    text = component("a", system=f"'{hostile}'").replace("type: service", f"type: '{hostile}'")
    folder.write("a.yaml", text.replace("lifecycle: production", f"lifecycle: '{hostile}'"))
    folder.read("a.yaml")
    columns = ["description", "namespace", "targets", "system", "type", "lifecycle"]
    query = {"filters[type]": hostile, "filters[tags]": hostile, "filters[text]": hostile, "find[type]": hostile}
    for asked in ({"columns": columns}, {"columns": columns, "filters[type]": hostile}, query):
        page = Page(guest_client, "/catalog", asked)
        assert page.all("img", src="x") == []
    assert f"Remove the filter Type: {hostile}" in page.links


def test_an_owner_in_a_row_tells_what_it_is(folder: CatalogFolder, guest_client: Client) -> None:
    team = """
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: team-a, title: Team A, description: "Sells <things>"}
        spec: {type: squad, children: []}
        """
    folder.write("a.yaml", f"{component('a')}---{team}")
    folder.read("a.yaml")
    [link] = [one for one in Page(guest_client, "/catalog").all("a", css="entity-ref") if one.text == "Team A"]
    assert (link.attributes["data-peek-type"], link.attributes["data-peek-note"]) == ("squad", "Sells <things>")


def test_the_list_is_read_in_ones_language_and_in_the_words_of_the_configuration(
    things: CatalogFolder, guest_client: Client
) -> None:
    guest_client.cookies["portal_language"] = "de"
    page = Page(guest_client, "/catalog", {"filters[kind]": "component", "filters[lifecycles]": "nothing"})
    assert "0 Komponenten" in page.headings
    assert "Filter entfernen Lebenszyklus: nothing" in page.links
    words = {"de": {"Owner": "Team", "components": "Bausteine"}}
    with override_config({"app": {"extensions": [{"translation:app/configured": {"config": {"messages": words}}}]}}):
        page = Page(guest_client, "/catalog", {"filters[kind]": "all"})
        assert "Team" in headings(page)
        assert "0 Bausteine" in Page(guest_client, "/catalog", {"filters[text]": "nothing"}).headings
