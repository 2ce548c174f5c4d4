"""Somebody narrows, arranges, keeps and takes away the catalog's list with a real browser, by mouse and by keyboard."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import assert_accessible, assert_fits
from tests.journeys.portal import RunningPortal
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

#: At most so many answers make the page.
MOST_REQUESTS = 12

#: A machine so many times slower shows what a fast one hides: parts that are drawn before the rest has come.
SLOWDOWN = 6
#: How much moved by itself on the page.
SHIFTS = """
new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 300);
})
"""


def places(page: Page) -> list[tuple[float, float]]:
    """Where on the page begins what is there whatever the list holds."""
    stays = page.locator("#catalog-title, [name='filters[type]'][value=service], #catalog-display")
    boxes = [one.bounding_box() for one in stays.all()]
    return [(box["x"], box["y"]) for box in boxes if box]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_in_the_list_and_its_menus(
    page: Page, portal: RunningPortal, scheme: Literal["light", "dark"], width: int
):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in ("/catalog?filters[kind]=all&filters[tags]=go", "/catalog?filters[text]=nothing+like+it"):
        page.goto(portal.url + path)
        if width < 1000:
            page.locator(".drawer > summary").click()
        for menu in ("#catalog-views", "#catalog-display"):
            page.locator(f"{menu} > summary").click()
            assert_accessible(page)
        assert_fits(page)


def test_the_list_is_narrowed_by_keyboard_and_nothing_moves(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog")
    total = page.locator("#catalog-title").inner_text()
    before = places(page)
    box = page.locator("[name='filters[type]'][value=service]")
    box.focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"filters\[type\]=service"))
    expect(page.locator("#catalog-title")).not_to_have_text(total)
    expect(page.locator("#catalog-active")).to_have_text("1")
    expect(box).to_be_focused()
    # What others would leave is counted anew.
    left = int(page.locator("#catalog-title").inner_text().split()[0])
    counts = page.locator("#options-lifecycles .count")
    wait_until(lambda: sum(int(text) for text in counts.all_inner_texts()) == left, counts.all_inner_texts)
    assert places(page) == before

    page.get_by_role("link", name="Remove the filter Type: service").press("Enter")
    expect(page.locator("#catalog-title")).to_have_text(total)
    expect(page.locator("#catalog-title")).to_be_focused()
    page.go_back()
    expect(page).to_have_url(re.compile(r"filters\[type\]=service"))
    expect(page.locator("#catalog-title")).not_to_have_text(total)


@pytest.mark.parametrize("width", [800, 1100, 1280])
def test_the_search_stays_where_it_is_however_long_the_title(page: Page, portal: RunningPortal, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(portal.url + "/catalog")
    search = page.get_by_role("searchbox", name="Search this list")
    before = search.bounding_box()
    page.locator("#catalog-title").evaluate("(title) => title.lastElementChild.textContent = 'x'")
    assert search.bounding_box() == before
    page.locator("#catalog-title").evaluate("(title) => title.lastElementChild.textContent = 'components'")
    assert search.bounding_box() == before


def test_a_star_is_set_by_keyboard_and_counted(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog?filters[text]=seat+picker")
    star = page.get_by_role("button", name="Star component:default/seat-picker")
    star.focus()
    page.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    expect(page.locator("#options-user").get_by_text("Starred", exact=False).locator("..")).to_contain_text("1")
    page.goto(portal.url + "/catalog?filters[user]=starred")
    expect(page.locator(".entity-title")).to_have_text(["Seat Picker"])
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(page.get_by_role("heading", name="Nothing is starred here")).to_be_visible()


def test_what_the_teams_of_a_visitor_own_is_theirs(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog?filters[user]=owned")
    expect(page.locator("#catalog-results").get_by_role("link", name="Platform Team").first).to_be_visible()


def test_columns_are_chosen_remembered_and_sorted_by(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog")
    page.locator("#catalog-display > summary").press("Enter")
    page.locator("#catalog-display input[value=namespace]").check()
    expect(page.get_by_role("columnheader", name="Namespace")).to_be_visible()
    page.get_by_label("Compact").check()
    expect(page.locator(".table-index")).to_have_attribute("data-density", "compact")
    page.get_by_role("button", name="Remember columns and density").click()
    expect(page).not_to_have_url(re.compile("columns|density"))
    page.goto(portal.url + "/catalog")
    expect(page.get_by_role("columnheader", name="Namespace")).to_be_visible()
    expect(page.locator(".table-index")).to_have_attribute("data-density", "compact")

    page.get_by_role("columnheader", name="Owner").get_by_role("link").press("Enter")
    expect(page).to_have_url(re.compile("sort=owner"))
    expect(page.get_by_role("columnheader", name="Owner")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#catalog-sort")).to_have_value("owner")


def test_a_list_is_kept_and_opened_again(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog?filters[type]=website")
    rows = page.locator(".entity-title").all_inner_texts()
    page.locator("#catalog-views > summary").click()
    page.get_by_label("Keep this list as").fill("Our websites")
    page.get_by_role("button", name="Save view").click()
    page.goto(portal.url + "/catalog")
    page.locator("#catalog-views > summary").click()
    page.get_by_role("link", name="Our websites").click()
    expect(page.locator(".entity-title")).to_have_text(rows)
    page.locator("#catalog-views > summary").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#catalog-views")).not_to_contain_text("Our websites")


def test_an_export_is_the_list(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog?filters[type]=website")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "catalog-export.csv"
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 1 + page.locator(".entity-title").count()


def test_the_list_is_small(page: Page, portal: RunningPortal):
    sizes: list[tuple[str, int]] = []
    page.on("response", lambda answer: sizes.append((answer.url, len(answer.body()))))
    page.goto(portal.url + "/catalog", wait_until="networkidle")
    assert len(sizes) <= MOST_REQUESTS, sizes


@pytest.mark.parametrize("path", ["/", "/catalog", "/catalog/default/component/booking-service"])
def test_nothing_moves_by_itself(page: Page, portal: RunningPortal, path: str):
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(portal.url + path, wait_until="networkidle")
    assert page.evaluate(SHIFTS) == 0


def test_the_list_is_narrowed_and_sorted_without_scripts(new_context, portal: RunningPortal):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal.url + "/catalog")
    page.locator("[name='filters[type]'][value=website]").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page).to_have_url(re.compile("website"))
    chosen = page.locator(".entity-title").count()
    expect(page.locator("#catalog-title")).to_contain_text(str(chosen))
    page.get_by_role("columnheader", name="Owner").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Owner")).to_have_attribute("aria-sort", "ascending")
    star = page.get_by_role("button", name=re.compile("^Star ")).first
    star.click()
    expect(page.get_by_role("button", name=re.compile("^Star ")).first).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name=re.compile("^Star ")).first.click()
    expect(page.get_by_role("button", name=re.compile("^Star ")).first).to_have_attribute("aria-pressed", "false")
