"""The catalog's list as people arrange it: columns, order, pages, views that they keep, exports."""

from __future__ import annotations

import csv
import io
import tracemalloc
from functools import partial
from typing import Any

import orjson
import pytest
from django.db.models import QuerySet
from django.test import Client

from apps.catalog.models import SavedView
from apps.catalog.operations import apply_full_mutation
from apps.catalog.operations.saved_views import MAX_VIEWS, save_view
from portal.config import override_config
from portal.errors import InputError
from tests.catalog.conftest import CatalogFolder, component, provided
from tests.catalog.listing_kit import GUEST, THINGS, fill, headings
from tests.catalog.pages import Page


@pytest.fixture
def things(folder: CatalogFolder) -> CatalogFolder:
    return fill(folder)


# --- Columns, order, density ---


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


def test_a_name_that_no_database_can_keep_is_refused(things: CatalogFolder, guest_client: Client) -> None:
    answer = save(guest_client, "Our\0 sites")
    assert answer.status_code == 400
    assert "The form holds a NUL character" in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_second_click_is_a_conflict_and_not_a_broken_database(
    things: CatalogFolder, guest_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(guest_client, "Sites")
    # The first click is stored after the second has looked.
    monkeypatch.setattr(QuerySet, "exists", lambda self: False)
    assert save(guest_client, "Sites").status_code == 409
    assert SavedView.objects.count() == 1


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
