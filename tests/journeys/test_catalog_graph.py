"""Somebody looks at how entities hang together with a real browser, with a keyboard, and without scripts."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import assert_accessible, assert_fits
from tests.journeys.portal import RunningPortal
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ENTITY = "/catalog/default/component/booking-service"
GRAPH = "/catalog-graph?rootEntityRefs[]=component:default/booking-service"


def view(page: Page) -> list[float]:
    """Give what is shown of the drawing."""
    box = page.locator("svg.graph").get_attribute("viewBox")
    assert box
    return [float(number) for number in box.split()]


def test_from_an_entity_to_its_graph_and_on(page: Page, portal: RunningPortal):
    page.goto(portal.url + ENTITY)
    card = page.locator("[data-extension='entity-card:catalog-graph/relations']")
    card.scroll_into_view_if_needed()
    expect(card.get_by_role("link", name="Resource booking-db")).to_be_visible()
    card.get_by_role("link", name="View graph").click()
    expect(page).to_have_url(re.compile(re.escape("/catalog-graph?rootEntityRefs[]=component:default/booking-service")))

    page.get_by_role("link", name="Resource booking-db").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("booking-db")
    page.get_by_role("link", name="Open Booking Service").click()
    expect(page).to_have_url(portal.url + ENTITY)


def test_a_click_with_shift_opens_the_entity(page: Page, portal: RunningPortal):
    page.goto(portal.url + GRAPH)
    page.get_by_role("link", name="Resource booking-db").click(modifiers=["Shift"])
    expect(page).to_have_url(portal.url + "/catalog/default/resource/booking-db")


def test_a_filter_draws_anew_and_the_address_remembers_it(page: Page, portal: RunningPortal):
    page.goto(portal.url + GRAPH)
    expect(page.locator(".graph-node[data-kind=resource]").first).to_be_visible()
    page.get_by_role("checkbox", name="API").check()
    expect(page.locator(".graph-node[data-kind=resource]")).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape("selectedKinds[]=api")))
    before = view(page)
    page.get_by_role("button", name="Enlarge").click()
    wait_until(lambda: view(page) != before)

    page.reload()
    expect(page.locator(".graph-node[data-kind=api]").first).to_be_visible()
    expect(page.locator(".graph-node[data-kind=resource]")).to_have_count(0)


def test_the_drawing_is_moved_with_keys(page: Page, portal: RunningPortal):
    page.goto(portal.url + GRAPH)
    page.get_by_role("region", name="Drawing of the graph").focus()
    begin = view(page)
    page.keyboard.press("+")
    wait_until(lambda: view(page)[2] < begin[2])
    larger = view(page)
    page.keyboard.press("ArrowRight")
    wait_until(lambda: view(page)[0] > larger[0])
    page.keyboard.press("ArrowDown")
    wait_until(lambda: view(page)[1] > larger[1])
    page.keyboard.press("0")
    wait_until(lambda: view(page)[2] > larger[2])


def test_the_drawing_is_moved_with_the_mouse(page: Page, portal: RunningPortal):
    page.goto(portal.url + GRAPH)
    frame = page.locator(".graph-canvas").bounding_box()
    assert frame
    begin = view(page)
    page.mouse.move(frame["x"] + 60, frame["y"] + 40)
    page.mouse.down()
    page.mouse.move(frame["x"] + 20, frame["y"] + 20, steps=4)
    page.mouse.up()
    wait_until(lambda: view(page)[0] > begin[0])
    page.mouse.wheel(0, -400)
    wait_until(lambda: view(page)[2] < begin[2])
    expect(page).to_have_url(portal.url + GRAPH)


def test_a_node_is_reached_and_opened_by_keyboard(page: Page, portal: RunningPortal):
    page.goto(portal.url + GRAPH)
    page.get_by_role("region", name="Drawing of the graph").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".graph-node[data-state=root] a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(portal.url + ENTITY)


def test_the_graph_reads_and_is_filtered_without_scripts(new_context, portal: RunningPortal):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal.url + ENTITY)
    card = page.locator("[data-extension='entity-card:catalog-graph/relations']")
    expect(card.get_by_role("link", name="booking-db")).to_be_visible()
    card.get_by_role("link", name="View graph").click()
    page.get_by_role("checkbox", name="Resource").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".graph-node[data-kind=api]")).to_have_count(0)
    page.get_by_text("In words:").click()
    page.get_by_role("link", name="Show them").click()
    expect(page.locator(".graph-words")).to_contain_text("dependsOn / dependencyOf booking-db")


def test_the_graph_is_read_in_words(page: Page, portal: RunningPortal):
    page.goto(portal.url + GRAPH)
    words = page.get_by_text("In words:")
    words.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".graph-words")).to_contain_text("dependsOn / dependencyOf booking-db")
    expect(words).to_be_focused()
    expect(page).to_have_url(portal.url + GRAPH)
    assert_accessible(page)


def test_a_beginning_is_looked_for(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog-graph")
    page.get_by_role("searchbox", name="Look for an entity").fill("booking")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="Booking Service").click()
    expect(page.locator(".graph-node[data-state=root]")).to_contain_text("Booking Service")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", [GRAPH, f"{GRAPH}&maxDepth=3", "/catalog-graph", "/catalog-graph?rootEntityRefs[]=api:x", ENTITY]
)
def test_axe_finds_nothing(page: Page, portal: RunningPortal, path: str, scheme: Literal["light", "dark"]):
    page.emulate_media(color_scheme=scheme)
    page.goto(portal.url + path)
    if path == ENTITY:
        page.locator(".graph-card").scroll_into_view_if_needed()
        expect(page.locator("svg.graph")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_is_wider_than_the_screen(page: Page, portal: RunningPortal, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    for path in (GRAPH, "/catalog-graph", ENTITY):
        page.goto(portal.url + path)
        assert_fits(page)
