"""The catalog's list: what its filters offer and count, stars, columns, order, pages, views kept by people, exports."""

from __future__ import annotations

import csv
import io
import tracemalloc
from functools import partial
from typing import Any

import hypothesis
import orjson
import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from apps.catalog.models import SavedView, Star
from apps.catalog.operations import apply_full_mutation
from apps.catalog.operations.saved_views import MAX_VIEWS, save_view
from apps.catalog.operations.stars import MAX_STARS, star
from portal.config import override_config
from portal.errors import InputError
from portal.extensions import get_api
from portal.extensions.starred import starred_entities_api
from tests.catalog.conftest import CatalogFolder, component, provided
from tests.catalog.pages import Page

GUEST = "user:default/guest"
#: Type, lifecycle, owner, tags and namespace of each component.
THINGS = [
    ("service", "production", "team-a", ("java", "grpc"), "default"),
    ("service", "experimental", "team-b", ("java",), "default"),
    ("website", "production", "team-b", ("web",), "default"),
    ("library", "deprecated", "team-a", (), "internal"),
    ("service", "production", "team-a", ("java", "web"), "internal"),
    ("website", "experimental", "user:default/jane", ("grpc", "web", "java"), "default"),
]
STARRED = {1, 4, 5}


def thing(number: int) -> str:
    """Return the YAML of one of the things."""
    kind, lifecycle, owner, tags, namespace = THINGS[number]
    return f"""
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {{name: c{number}, namespace: {namespace}, tags: [{", ".join(tags)}]}}
        spec: {{type: {kind}, lifecycle: {lifecycle}, owner: '{owner if ":" in owner else f"group:default/{owner}"}'}}
        """


@pytest.fixture
def things(folder: CatalogFolder) -> CatalogFolder:
    """The things, some of them starred by the guest."""
    folder.write("things.yaml", "---".join(thing(number) for number in range(len(THINGS))))
    folder.read("things.yaml")
    for number in STARRED:
        star(user_ref=GUEST, entity_ref=f"component:{THINGS[number][4]}/c{number}")
    return folder


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


def fields(number: int) -> dict[str, set[str]]:
    """Return what each filter looks at in one of the things."""
    kind, lifecycle, owner, tags, namespace = THINGS[number]
    owner = owner if ":" in owner else f"group:default/{owner}"
    user = {"all"} | ({"starred"} if number in STARRED else set())
    user |= {"owned"} if owner == "group:default/team-a" else set()
    return {
        "type": {kind},
        "lifecycles": {lifecycle},
        "owners": {owner},
        "tags": set(tags),
        "namespace": {namespace},
        "user": user,
    }


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


# --- Columns, order, density ---


def headings(page: Page) -> list[str]:
    """Return the heads of the columns."""
    return [header.text for header in page.all("th", role="columnheader")]


def test_columns_are_chosen_in_the_address(things: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"columns": ["namespace", "owner", "nonsense"]})
    assert headings(page) == ["Name", "Namespace", "Owner", "Actions"]
    assert headings(Page(guest_client, "/catalog", {"columns": "name"})) == ["Name", "Actions"]


def test_columns_and_density_are_remembered_for_a_kind(things: CatalogFolder, guest_client: Client) -> None:
    query = {"columns": ["name", "owner"], "density": "compact", "remember": "1"}
    page = Page(guest_client, "/catalog", query, HX_Request="true", HX_Target="catalog-results")
    assert page.response["HX-Push-Url"] == "/catalog"
    later = Page(guest_client, "/catalog")
    assert headings(later) == ["Name", "Owner", "Actions"]
    assert later.all("table")[0].attributes["data-density"] == "compact"
    assert headings(Page(guest_client, "/catalog", {"filters[kind]": "location"})) == [
        "Name",
        "Type",
        "Targets",
        "Actions",
    ]


@pytest.mark.parametrize("kept", ["nonsense", "[1]", '{"component": 5, "density": []}', '{"component": "x y"}'])
def test_what_a_browser_makes_up_is_left_out(things: CatalogFolder, guest_client: Client, kept: str) -> None:
    guest_client.cookies["portal_catalog"] = kept
    assert len(Page(guest_client, "/catalog").names) == len(THINGS)


def test_the_list_is_sorted_by_a_column_and_back(things: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog", {"sort": "type"})
    assert page.names == ["internal/c3", "c0", "c1", "internal/c4", "c2", "c5"]
    assert [header.text for header in page.all("th", aria_sort="ascending")] == ["Type"]
    turned = Page(guest_client, page.links["Type"])
    assert turned.names == page.names[::-1]
    assert turned.links["Type"] == "/catalog?sort=type"
    assert turned.links["Name"] == "/catalog"


def test_what_has_no_value_comes_last_either_way(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", "---".join([component("a"), component("b", system="x"), component("c", system="y")]))
    folder.read("a.yaml")
    assert Page(guest_client, "/catalog", {"sort": "system"}).names == ["b", "c", "a"]
    assert Page(guest_client, "/catalog", {"sort": "-system"}).names == ["c", "b", "a"]


@pytest.mark.parametrize("sort", ["nonsense", "tags", "-", "name;drop"])
def test_an_order_that_makes_no_sense_is_left_out(things: CatalogFolder, guest_client: Client, sort: str) -> None:
    assert Page(guest_client, "/catalog", {"sort": sort}).names[0] == "c0"


def test_a_row_leads_to_its_file(folder: CatalogFolder, guest_client: Client) -> None:
    annotations = """
          annotations:
            backstage.io/view-url: https://git.example/a
            backstage.io/edit-url: javascript:alert(1)"""
    folder.write("a.yaml", component("a").replace("name: a", f"name: a{annotations}", 1))
    folder.read("a.yaml")
    page = Page(guest_client, "/catalog")
    assert page.links["See the file of component:default/a"] == "https://git.example/a"
    assert "javascript:" not in page.html


# --- Pages ---


@pytest.mark.parametrize("sort", ["", "-owner"])
def test_cursors_walk_the_whole_list_and_back(folder: CatalogFolder, guest_client: Client, sort: str) -> None:
    folder.write("many.yaml", "---".join(component(f"c{number:02}") for number in range(25)))
    folder.read("many.yaml")
    config = {"app": {"extensions": [{"page:catalog": {"config": {"pagination": {"mode": "cursor", "limit": 10}}}}]}}
    with override_config(config):
        pages = [Page(guest_client, "/catalog", {"sort": sort} if sort else {})]
        assert "10 of 25" in pages[0].text
        assert "Previous" not in pages[0].links
        while "Next" in pages[-1].links:
            pages.append(Page(guest_client, pages[-1].links["Next"]))
        walked = [name for page in pages for name in page.names]
        assert sorted(walked) == [f"c{number:02}" for number in range(25)]
        assert walked == (sorted(walked, reverse=True) if sort else sorted(walked))
        back = Page(guest_client, pages[-1].links["Previous"])
        assert back.names == pages[-2].names
        assert Page(guest_client, back.links["Previous"]).names == pages[0].names


@pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "W10=", "é", "WyJhIiwiYiIsInNpZGV3YXlzIl0="])
def test_a_cursor_that_is_not_ours_gives_the_first_page(
    things: CatalogFolder, guest_client: Client, cursor: str
) -> None:
    config = {"app": {"extensions": [{"page:catalog": {"config": {"pagination": {"mode": "cursor"}}}}]}}
    with override_config(config):
        assert len(Page(guest_client, "/catalog", {"cursor": cursor}).names) == len(THINGS)


# --- Views ---


def save(client: Client, name: str, **fields: str) -> Any:
    """Send the form that keeps a list."""
    return client.post("/catalog/-/views", {"action": "save", "name": name, "query": "filters[type]=website", **fields})


def test_a_list_is_kept_opened_changed_and_forgotten(things: CatalogFolder, guest_client: Client) -> None:
    assert save(guest_client, "Our <b>sites</b>")["Location"] == "/catalog?filters[type]=website"
    view = SavedView.objects.get()
    assert guest_client.get("/catalog", {"view": str(view.id)})["Location"] == "/catalog?filters[type]=website"
    page = Page(guest_client, "/catalog")
    assert page.links["Our <b>sites</b>"] == f"/catalog?view={view.id}"

    save(guest_client, "Websites", id=str(view.id), query="filters[type]=website&sort=-owner&offset=40&evil=1")
    view.refresh_from_db()
    assert (view.name, view.query) == ("Websites", "filters[type]=website&sort=-owner")
    guest_client.post("/catalog/-/views", {"action": "delete", "id": str(view.id)})
    assert not SavedView.objects.exists()


def test_the_catalog_opens_with_ones_default_view(things: CatalogFolder, guest_client: Client) -> None:
    save(guest_client, "Websites", default="on")
    page = Page(guest_client, "/catalog")
    assert page.names == ["c2", "c5"]
    assert page.links["Clear all"] == "/catalog?view=none"
    assert len(Page(guest_client, "/catalog", {"view": "none"}).names) == len(THINGS)
    save(guest_client, "Others", default="on", query="filters[type]=library")
    assert list(SavedView.objects.filter(is_default=True).values_list("name", flat=True)) == ["Others"]


def test_views_of_others_are_seen_if_they_are_shared(things: CatalogFolder, guest_client: Client) -> None:
    save_jane = partial(save_view, owner_ref="user:default/jane", query="filters[type]=library")
    shared = save_jane(name="Libraries", is_shared=True, is_default=True)
    private = save_jane(name="Secrets", is_shared=False, is_default=False)
    page = Page(guest_client, "/catalog")
    assert "Libraries" in page.links
    assert "Secrets" not in page.html
    assert len(page.names) == len(THINGS)
    assert guest_client.get("/catalog", {"view": str(shared.id)}).status_code == 302
    for missing in (str(private.id), "nonsense"):
        assert "isn't shared with you" in Page(guest_client, "/catalog", {"view": missing}).text
    for action in ("save", "delete"):
        fields = {"action": action, "name": "Mine", "query": "", "id": str(shared.id)}
        assert guest_client.post("/catalog/-/views", fields).status_code == 404


def test_a_view_that_cannot_be_kept_says_why(db: None, guest_client: Client) -> None:
    facts: dict[str, Any] = {"owner_ref": GUEST, "query": "", "is_shared": False, "is_default": False}
    for name in (" ", "x" * 101):
        with pytest.raises(InputError, match="1 to 100"):
            save_view(name=name, **facts)
    save_view(name="Mine", **facts)
    with pytest.raises(InputError, match="'Mine' already"):
        save_view(name=" Mine ", **facts)
    SavedView.objects.bulk_create(SavedView(owner_ref=GUEST, name=f"v{n}") for n in range(MAX_VIEWS))
    with pytest.raises(InputError, match="100 views"):
        save_view(name="One more", **facts)
    assert save(guest_client, "x", id="nonsense").status_code == 400
    assert guest_client.post("/catalog/-/views", {"action": "frobnicate"}).status_code == 400


# --- Export ---


def exported(client: Client, **query: Any) -> str:
    """Return the file."""
    response = client.get("/catalog/-/export", query)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


def test_the_list_is_exported_as_it_is_narrowed_and_sorted(things: CatalogFolder, guest_client: Client) -> None:
    query = {"filters[type]": "service", "sort": "-lifecycle", "columns": ["owner", "tags"]}
    rows = list(csv.reader(io.StringIO(exported(guest_client, format="csv", **query))))
    assert rows[0] == ["ref", "name", "owner", "tags", "description"]
    assert [row[1] for row in rows[1:]] == ["internal/c4", "c0", "c1"]
    assert rows[1][2:4] == ["group:default/team-a", "java, web"]
    entities = orjson.loads(exported(guest_client, format="json", **query))
    assert [entity["metadata"]["name"] for entity in entities] == ["c4", "c0", "c1"]


@pytest.fixture
def only_team_b(settings: Any) -> Any:
    """People see what team B owns."""
    policy = {"policy": "tests.catalog.policies.OwnedByTeamB"}
    settings.PORTAL_SERVICES = {
        "permissions": {"BACKEND": "portal.services.permissions.PolicyPermissions", "OPTIONS": policy}
    }
    with override_config({"permission": {"enabled": True}}):
        yield


def test_an_export_holds_what_the_person_may_see(
    things: CatalogFolder, guest_client: Client, only_team_b: None
) -> None:
    assert exported(guest_client, format="csv").count("component:") == 2


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(folder: CatalogFolder, guest_client: Client, text: str) -> None:
    folder.write("a.yaml", component("a").replace("name: a", f'name: a\n          title: "{text}"', 1))
    folder.read("a.yaml")
    rows = list(csv.reader(io.StringIO(exported(guest_client))))
    assert rows[1][1].startswith("'")


def test_exports_are_refused_where_they_make_no_sense(things: CatalogFolder, guest_client: Client) -> None:
    assert guest_client.get("/catalog/-/export", {"format": "xlsx"}).status_code == 400
    config = {"app": {"extensions": [{"page:catalog": {"config": {"exportSettings": {"enabled": False}}}}]}}
    with override_config(config):
        assert guest_client.get("/catalog/-/export").status_code == 404
        assert "CSV" not in Page(guest_client, "/catalog").links


# --- A large catalog ---


@pytest.fixture
def large(folder: CatalogFolder) -> int:
    """Two thousand components of three hundred owners; what is asked of a page doesn't grow with more of them."""
    count = 2_000
    entities = [provided(f"c{n:05}", owner=f"team-{n % 300:03}", type=f"type-{n % 50}") for n in range(count)]
    apply_full_mutation(provider="provider", entities=entities)
    folder.settle()
    return count


def test_a_large_list_is_a_small_page_and_a_steady_stream(
    large: int, guest_client: Client, django_assert_max_num_queries: Any
) -> None:
    query = {"filters[owners]": "team-001", "filters[type]": "type-1", "sort": "-owner"}
    for asked in ({}, query):
        with django_assert_max_num_queries(10, using="catalog"), django_assert_max_num_queries(0):
            page = Page(guest_client, "/catalog", asked)
        assert len(page.response.content) < 100_000
    tracemalloc.start()
    lines = sum(piece.count(b"\n") for piece in guest_client.get("/catalog/-/export").streaming_content)  # type: ignore[attr-defined]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == large + 1
    assert peak < 12_000_000
