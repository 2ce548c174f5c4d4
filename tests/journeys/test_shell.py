"""Somebody moves through the portal by keys, and sets it up to their liking."""

import gzip
import re
import urllib.request
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.journeys.pages import assert_accessible, assert_fits
from tests.journeys.portal import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE: ViewportSize = {"width": 390, "height": 844}
#: What a page may load, compressed, in bytes.
MOST_BYTES = 100_000


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/settings/general", "/settings/feature-flags", "/styleguide", "/-/shortcuts", "/visualizer/plugins"]
)
def test_axe_finds_nothing(
    page: Page, portal: RunningPortal, path: str, scheme: Literal["light", "dark"], size: dict[str, int]
):
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)
    page.goto(portal.url + path)
    assert_accessible(page)


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_palette_and_the_help_are_accessible(
    page: Page, portal: RunningPortal, scheme: Literal["light", "dark"], size: dict[str, int]
):
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)
    page.goto(portal.url + "/settings/general")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette").get_by_role("option").first).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Catalog")
    assert_accessible(page)


def test_an_entity_is_found_by_keys_alone(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/settings/general")
    page.keyboard.press("Control+k")
    page.keyboard.type("booking serv")
    expect(page.locator("#palette").get_by_role("option", name="Booking Service")).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(portal.url + "/catalog/default/component/booking-service")


def test_the_palette_moves_by_arrows_and_does_things(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/settings/general")
    page.keyboard.press("/")
    options = page.locator("#palette").get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.type("night")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_two_keys_lead_to_a_page_and_typing_is_left_alone(page: Page, portal: RunningPortal):
    # The first key is forgotten after a while, by the clock of the page.
    page.clock.install(time=0)
    page.goto(portal.url + "/settings/general")
    page.clock.pause_at(60)
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.clock.resume()
    page.wait_for_url("**/catalog")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox").first
    expect(search).to_be_focused()
    page.keyboard.type("g s?")
    expect(search).to_have_value("g s?")
    expect(page).to_have_url(re.compile("/catalog"))


def test_the_sidebar_collapses_stays_so_and_shifts_nothing_when_it_opens(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/settings/general")
    page.get_by_role("button", name="Collapse sidebar").click()
    page.reload()
    sidebar, main = page.locator(".sidebar"), page.get_by_role("main")
    expect(page.locator("html")).to_have_attribute("data-sidebar", "collapsed")
    page.mouse.move(800, 300)
    expect(sidebar).to_have_css("width", "64px")
    before = main.bounding_box()
    sidebar.hover()
    expect(sidebar).to_have_css("width", "224px")
    assert main.bounding_box() == before
    page.keyboard.press("[")
    expect(page.locator("html")).to_have_attribute("data-sidebar", "pinned")


def test_a_phone_has_a_bar_with_everything_behind_more(page: Page, portal: RunningPortal):
    page.set_viewport_size(PHONE)
    page.goto(portal.url + "/catalog")
    bar = page.get_by_role("navigation", name="Pages")
    expect(bar.get_by_role("link", name="Catalog", exact=True)).to_be_visible()
    bar.get_by_text("More").click()
    bar.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()


@pytest.mark.parametrize("path", ["/home", "/catalog", "/api-docs", "/catalog/locations", "/home/edit"])
def test_what_plugins_add_to_a_header_finds_room_on_a_phone(page: Page, portal: RunningPortal, path: str):
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(portal.url + path)
    page.locator(".page-header").evaluate(
        """(header) => header.insertAdjacentHTML("beforeend",
        '<div class="plugin-actions"><button class="button button-quiet">Ask for support</button></div>')"""
    )
    assert_fits(page)


def test_the_actions_of_a_page_stand_beside_each_other_on_a_phone(page: Page, portal: RunningPortal):
    page.set_viewport_size(PHONE)
    page.goto(portal.url + "/catalog/locations")
    boxes = [action.bounding_box() for action in page.locator(".page-actions > .button").all()]
    assert len(boxes) == 2
    assert len({box["y"] for box in boxes if box}) == 1


def test_the_language_is_chosen_and_remembered(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/settings/general")
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", name="Einstellungen", level=1)).to_be_visible()
    page.goto(portal.url + "/settings/feature-flags")
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_everything_can_be_set_without_scripts(new_context: Any, portal: RunningPortal):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal.url + "/settings/general")
    page.get_by_role("main").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("main").get_by_role("button", name="Collapsed").click()
    expect(page.locator("html")).to_have_attribute("data-sidebar", "collapsed")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("heading", name="Einstellungen", level=1)).to_be_visible()


@pytest.mark.parametrize("path", ["/settings/general", "/catalog"])
def test_scripts_and_styles_are_small_and_nothing_shifts(page: Page, portal: RunningPortal, path: str):
    page.goto(portal.url)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) "
        "window.shift += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(portal.url + path)
    page.wait_for_load_state("networkidle")
    addresses = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => /\\.(js|css)$/.test(new URL(one.name).pathname))"
        ".map((one) => one.name)"
    )
    sizes = [len(gzip.compress(urllib.request.urlopen(address).read())) for address in addresses]
    assert addresses
    assert sum(sizes) < MOST_BYTES
    assert page.evaluate("window.shift") == 0
