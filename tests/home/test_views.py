"""The home page: what is on it, and how people arrange it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.home.models import Arrangement
from apps.home.operations import HEIGHTS, WIDTHS
from portal.config import override_config
from portal.testing.rendering import SOMEBODY
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page
from tests.home.conftest import Stars

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "home"])

HOME = "/home"
EDIT = "/home/edit"
EVIL = "<script>alert(1)</script>"
WIDGETS = ["search-bar", "starred-entities", "toolkit"]
#: Widgets that aren't shown unless somebody chooses them.
CHOICES = ["welcome-title", "world-clock"]


@pytest.fixture(autouse=True)
def _stars(stars: Stars) -> None:
    """Have stars on every page here."""


def shown(page: Page) -> list[str]:
    """Return the names of the widgets on a page."""
    prefix = "home-page-widget:home/"
    return [one.removeprefix(prefix) for one in page.extensions if one.startswith(prefix)]


def change(client: Client, do: str, widget: str = "", **headers: str) -> Any:
    """Press a button of the page that arranges."""
    return client.post(EDIT, {"do": do, "widget": f"home-page-widget:home/{widget}"}, headers=headers)


def test_without_an_arrangement_the_widgets_are_as_they_come(client: Client):
    page = Page(client, HOME)
    assert shown(page) == WIDGETS
    assert page.all("form", role="search")[0].attributes["action"] == "/catalog"
    assert page.links["Register a component"] == "/catalog-import"


def test_a_person_moves_hides_and_widens_widgets_and_nobody_else_sees_it(client: Client, signed_in: Any):
    assert change(client, "up", "toolkit").status_code == 302
    assert shown(Page(client, HOME)) == ["search-bar", "toolkit", "starred-entities"]
    change(client, "down", "toolkit")
    change(client, "hide", "search-bar")
    change(client, "12", "toolkit")
    page = Page(client, HOME)
    assert shown(page) == WIDGETS[1:]
    assert [element.attributes["data-width"] for element in page.all(css="home-widget")] == ["6", "12"]
    assert shown(Page(signed_in("user:default/other"), HOME)) == WIDGETS
    change(client, "show", "search-bar")
    assert shown(Page(client, HOME)) == WIDGETS


@pytest.mark.parametrize(("place", "expected"), [(0, 0), (1, 1), (2, 2), (9999, 4)])
def test_a_widget_is_put_into_a_place(client: Client, place: int, expected: int):
    change(client, f"to-{place}", "starred-entities")
    widgets = [row["widget"] for row in Arrangement.objects.get().widgets]
    assert widgets.index("home-page-widget:home/starred-entities") == expected
    assert len(set(widgets)) == len(WIDGETS + CHOICES)


def test_a_widget_at_an_end_stays_there(client: Client):
    change(client, "up", "search-bar")
    change(client, "down", "world-clock")
    assert shown(Page(client, HOME)) == WIDGETS
    widgets = [row["widget"] for row in Arrangement.objects.get().widgets]
    assert widgets == [f"home-page-widget:home/{name}" for name in [*WIDGETS, *CHOICES]]


def test_a_widget_gets_a_height_and_what_does_not_fit_is_reached_by_keys(client: Client):
    change(client, "4-rows", "toolkit")
    (tall,) = [one for one in Page(client, HOME).all(css="home-widget") if "data-height" in one.attributes]
    assert tall.attributes["data-height"] == "4"
    assert tall.attributes["tabindex"] == "0"
    change(client, "0-rows", "toolkit")
    assert not [one for one in Page(client, HOME).all(css="home-widget") if "data-height" in one.attributes]


def test_an_arrangement_from_before_there_were_heights_still_holds(client: Client):
    widgets = [{"widget": "home-page-widget:home/toolkit", "visible": True, "width": 12}]
    Arrangement.objects.create(user_ref=SOMEBODY.subject, widgets=widgets)
    assert shown(Page(client, HOME))[0] == "toolkit"


def test_what_the_configuration_holds_fast_people_can_not_change(client: Client):
    fast = {"component": "toolkit", "movable": False, "deletable": False, "resizable": False}
    with override_config({"app": {"extensions": [{"page:home": {"config": {"defaultConfig": [fast]}}}]}}):
        for do in ("up", "down", "to-0", "hide", "12", "4-rows"):
            assert change(client, do, "toolkit").status_code == 400
        assert not Arrangement.objects.exists()
        page = Page(client, EDIT)
        assert not page.all(id="home-page-widget:home/toolkit-up")
        assert not page.all(id="home-page-widget:home/toolkit-shown")
        assert page.all(id="home-page-widget:home/search-bar-up")
        assert change(client, "show", "search-bar").status_code == 302


def test_defaults_are_restored(client: Client):
    change(client, "hide", "toolkit")
    assert "Restore defaults" in Page(client, EDIT).text
    change(client, "restore")
    assert shown(Page(client, HOME)) == WIDGETS
    assert not Arrangement.objects.exists()
    assert "Restore defaults" not in Page(client, EDIT).text


def test_a_page_without_widgets_says_where_they_are(client: Client):
    for name in WIDGETS:
        change(client, "hide", name)
    page = Page(client, HOME)
    assert shown(page) == []
    assert page.links["Choose some"] == EDIT


@pytest.mark.parametrize(
    ("do", "widget"),
    [("up", "nothing"), ("sideways", "toolkit"), ("", "toolkit"), ("5", "toolkit"), ("to-x", "toolkit")],
)
def test_what_makes_no_sense_is_refused(client: Client, do: str, widget: str):
    assert change(client, do, widget).status_code == 400
    assert not Arrangement.objects.exists()


def test_with_htmx_the_list_comes_back_as_it_is_now(client: Client):
    response = change(client, "hide", "toolkit", **{"HX-Request": "true", "HX-Target": "home-edit"})
    html = response.content.decode()
    assert html.lstrip().startswith('<div id="home-edit"')
    assert "<li data-hidden>" in html


def test_each_size_has_a_button_and_the_present_one_is_marked(client: Client):
    page = Page(client, EDIT)
    sizes = [element.attributes for element in page.all("button", css="segment")]
    assert len(sizes) == (len(WIDTHS) + len(HEIGHTS)) * (len(WIDGETS) + len(CHOICES))
    present = [size["value"] for size in sizes if "aria-current" in size]
    assert present == ["12", "0-rows", "6", "0-rows", "6", "0-rows", "12", "0-rows", "6", "0-rows"]


def test_the_configuration_says_what_people_see_at_first(client: Client):
    places = [
        {"component": "home-page-widget:home/search-bar", "row": 1},
        {"component": "no"},
        {"component": "toolkit", "width": 4, "height": 3, "row": 0, "column": 8},
    ]
    with override_config({"app": {"extensions": [{"page:home": {"config": {"defaultConfig": places}}}]}}):
        page = Page(client, HOME)
        assert shown(page) == ["toolkit", "search-bar"]
        assert [element.attributes["data-width"] for element in page.all(css="home-widget")] == ["4", "12"]
        assert [element.attributes.get("data-height") for element in page.all(css="home-widget")] == ["3", None]
        assert "Your starred entities hidden" in Page(client, EDIT).text


def test_a_widget_is_configured_and_disabled(client: Client):
    tools = [{"label": EVIL, "url": "https://wiki.example/", "icon": "book-open"}]
    extensions = [
        {"home-page-widget:home/toolkit": {"config": {"title": "Links", "tools": tools}}},
        {"home-page-widget:home/search-bar": False},
    ]
    with override_config({"app": {"extensions": extensions}}):
        page = Page(client, HOME)
    assert "search-bar" not in shown(page)
    assert "Links" in page.headings
    assert page.links[EVIL] == "https://wiki.example/"
    assert EVIL not in page.html


def test_a_tool_that_is_no_address_is_left_out_with_its_widget(client: Client):
    tools = [{"label": "x", "url": "javascript:alert(1)"}]
    with override_config({"app": {"extensions": [{"home-page-widget:home/toolkit": {"config": {"tools": tools}}}]}}):
        assert "javascript:" not in Page(client, HOME).html


def test_a_logo_is_there_if_it_is_configured(client: Client):
    widget = {"home-page-widget:home/company-logo": {"config": {"logo": "https://cdn.example/logo.svg"}}}
    with override_config({"app": {"extensions": [widget]}, "organization": {"name": "Acme"}}):
        images = [(one.attributes["src"], one.attributes["alt"]) for one in Page(client, HOME).all("img")]
    assert ("https://cdn.example/logo.svg", "Acme") in images


def test_starred_entities_bear_the_names_that_they_have(client: Client, stars: Stars, tmp_path: Any):
    catalog = CatalogFolder(tmp_path)
    catalog.write("all.yaml", component("cart").replace("name: cart", f"name: cart\n          title: {EVIL!r}"))
    catalog.read("all.yaml")
    stars.refs = ["component:default/cart", "component:default/gone"]
    page = Page(client, HOME)
    assert page.links[EVIL] == "/catalog/default/component/cart"
    assert EVIL not in page.html
    assert "gone" not in page.text


def test_without_stars_the_widget_says_what_to_do(client: Client):
    page = Page(client, HOME)
    assert "Click the star beside an entity's name" in page.text
    assert page.links["Open the catalog"] == "/catalog"


def test_the_page_does_a_fixed_number_of_statements(
    client: Client, stars: Stars, tmp_path: Any, django_assert_max_num_queries: Any
):
    catalog = CatalogFolder(tmp_path)
    catalog.write("all.yaml", "---".join(component(f"c-{number}") for number in range(30)))
    catalog.read("all.yaml")
    stars.refs = [f"component:default/c-{number}" for number in range(30)]
    with django_assert_max_num_queries(3):
        page = Page(client, HOME)
    assert "and 22 more" in page.text
