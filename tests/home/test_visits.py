"""What people have visited: noted while a page is made, written when it is on its way."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from apps.home import operations
from apps.home.models import Visit
from apps.home.operations import forget_visits, note_visit, write_visits
from portal.config import override_config
from portal.testing import FakeLogger
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page
from tests.home.conftest import Stars

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "home"])

JANE = "user:default/jane"
CART = "/catalog/default/component/cart"


@pytest.fixture
def shop(tmp_path: Any) -> CatalogFolder:
    """A catalog with a cart."""
    catalog = CatalogFolder(tmp_path)
    catalog.write("all.yaml", component("cart").replace("name: cart", "name: cart\n          title: Shopping cart"))
    catalog.read("all.yaml")
    return catalog


def rows() -> list[tuple[str, str, str, int]]:
    """Return what is remembered, by path."""
    return list(Visit.objects.order_by("path").values_list("path", "title", "entity_ref", "hits"))


def test_nothing_is_remembered_unless_the_extensions_are_mentioned(client: Client, shop: CatalogFolder, stars: Stars):
    client.get("/catalog")
    assert rows() == []
    assert "Recently visited" not in Page(client, "/home").headings


@pytest.mark.usefixtures("remembered", "stars")
def test_a_page_is_remembered_with_its_title_and_counted(client: Client, shop: CatalogFolder):
    for _ in range(2):
        client.get("/catalog", {"filters[kind]": "api"})
    client.get(CART)
    client.get(f"{CART}/history")
    assert rows() == [
        ("/catalog", "Catalog", "", 2),
        (CART, "Shopping cart", "component:default/cart", 2),
    ]


@pytest.mark.usefixtures("remembered", "stars")
def test_the_home_page_shows_what_was_visited_by_its_present_name(client: Client, shop: CatalogFolder):
    client.get(CART)
    client.get(CART)
    client.get("/catalog")
    shop.write("all.yaml", component("cart").replace("name: cart", "name: cart\n          title: Basket"))
    shop.refresh()
    page = Page(client, "/home")
    recent, most = [element.text for element in page.all("ul", css="home-list")]
    assert recent.startswith("Catalog just now")
    assert most.startswith("Basket service · 2 times")
    assert page.links["Basket"] == CART
    assert not Visit.objects.filter(path="/home").exists()


@pytest.mark.usefixtures("remembered", "stars")
def test_entities_that_are_gone_or_hidden_are_left_out(client: Client, shop: CatalogFolder, fake_permissions: Any):
    client.get(CART)
    client.get("/catalog/default/component/never-there")
    assert "never-there" not in Page(client, "/home").text
    fake_permissions.deny("catalog.entity.read")
    assert "Shopping cart" not in Page(client, "/home").text


@pytest.mark.usefixtures("remembered", "stars")
def test_fragments_errors_and_programs_are_no_visits(client: Client, service_client: Client, shop: CatalogFolder):
    client.get("/catalog", headers={"HX-Request": "true", "HX-Target": "catalog-results"})
    client.get("/nowhere")
    service_client.get("/catalog")
    assert rows() == []


@pytest.mark.usefixtures("remembered", "stars")
def test_visits_of_others_are_nobodys_business(client: Client, signed_in: Any, shop: CatalogFolder):
    signed_in("user:default/other").get(CART)
    assert "Shopping cart" not in Page(client, "/home").text


@pytest.mark.usefixtures("remembered", "stars")
def test_titles_are_no_markup(client: Client):
    note_visit(JANE, path="/x", title="<script>alert(1)</script>")
    write_visits()
    assert "<script>alert" not in Page(client, "/home").html


def test_a_visit_costs_one_statement_and_a_new_page_two(django_assert_num_queries: Any):
    # Each within a savepoint of the test's transaction.
    note_visit(JANE, path="/x", title="X")
    with django_assert_num_queries(2 + 2, using="home"):
        write_visits()
    note_visit(JANE, path="/x", title="X")
    with django_assert_num_queries(1 + 2, using="home"):
        write_visits()


def test_a_database_that_cannot_be_written_to_costs_the_visit_and_nothing_else(
    fake_logger: FakeLogger, monkeypatch: pytest.MonkeyPatch
):
    def fail(noted: object) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(operations, "_write", fail)
    note_visit(JANE, path="/x", title="X")
    write_visits()
    assert [line.event for line in fake_logger.lines] == ["A visit could not be written"]
    assert rows() == []


def test_a_visit_that_another_thread_writes_meanwhile_is_no_error(monkeypatch: pytest.MonkeyPatch):
    class Contended(deque[Any]):
        """A queue that had something in it a moment ago."""

        def __bool__(self) -> bool:
            return True

    monkeypatch.setattr(operations, "_waiting", Contended())
    note_visit(JANE, path="/x", title="X")
    write_visits()
    assert rows() == [("/x", "X", "", 1)]


def test_old_visits_and_those_beyond_the_limit_are_forgotten():
    now = timezone.now()
    Visit.objects.create(user_ref="user:default/old", path="/old", title="Old", last_at=now - timedelta(days=91))
    for number in range(5):
        Visit.objects.create(user_ref=JANE, path=f"/{number}", title="x", last_at=now - timedelta(minutes=number))
    with override_config({"home": {"visits": {"limit": 3}}}):
        assert forget_visits() == 3
    assert [path for path, *_ in rows()] == ["/0", "/1", "/2"]


@pytest.mark.usefixtures("remembered", "stars")
def test_people_have_their_visits_forgotten(client: Client):
    now = timezone.now()
    Visit.objects.create(user_ref=JANE, path="/x", title="x", last_at=now)
    Visit.objects.create(user_ref="user:default/other", path="/x", title="x", last_at=now)
    client.post("/home/edit", {"do": "forget"})
    assert not Visit.objects.filter(user_ref=JANE, path="/x").exists()
    assert Visit.objects.filter(user_ref="user:default/other").exists()
