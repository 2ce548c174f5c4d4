"""Somebody looks at entities with a real browser: in both themes, on a phone, by the keyboard, and without scripts."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import assert_accessible
from tests.journeys.portal import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COMPONENT = "/catalog/default/component/booking-service"
GROUP = "/catalog/default/group/team-booking"
PATHS = [
    COMPONENT,
    GROUP,
    "/catalog/default/user/mei.tanaka",
    "/catalog/default/system/booking",
    f"{COMPONENT}?inspect=overview",
    f"{COMPONENT}?inspect=ancestry",
    f"{COMPONENT}?inspect=colocated",
    f"{COMPONENT}?inspect=yaml",
    f"{COMPONENT}?unregister=1",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(page: Page, portal: RunningPortal, path: str, scheme: Literal["light", "dark"]):
    page.emulate_media(color_scheme=scheme)
    page.goto(portal.url + path)
    assert_accessible(page)


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_shows_it_without_scrolling_sideways(page: Page, portal: RunningPortal, path: str):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(portal.url + path)
    assert_accessible(page)


def test_a_dialog_opens_over_the_page_and_its_address_comes_and_goes(page: Page, portal: RunningPortal):
    page.goto(portal.url + COMPONENT)
    page.locator(".page-actions summary").click()
    page.get_by_role("link", name="Inspect entity").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Identity")
    expect(page).to_have_url(f"{portal.url}{COMPONENT}?inspect=overview")

    dialog.get_by_role("link", name="Raw YAML").click()
    expect(dialog).to_contain_text("kind: Component")
    expect(page).to_have_url(f"{portal.url}{COMPONENT}?inspect=yaml")

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(portal.url + COMPONENT)


def test_the_focus_stays_in_the_dialog_and_returns_to_the_menu(page: Page, portal: RunningPortal):
    page.goto(portal.url + COMPONENT)
    summary = page.locator(".page-actions summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Unregister entity").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete this entity?")
    expect(page.locator("#entity-dialog-title")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        # The browser's own controls come between the last and the first.
        assert page.evaluate("document.activeElement === document.body || document.activeElement.closest('dialog')")
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_dialog_of_an_address_is_modal_and_closes_to_the_page(page: Page, portal: RunningPortal):
    page.goto(f"{portal.url}{COMPONENT}?inspect=json")
    page.wait_for_function("document.getElementById('entity-dialog').matches(':modal')")
    page.get_by_role("dialog").get_by_role("link", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_url(portal.url + COMPONENT)


def test_a_link_tells_the_keyboard_what_it_leads_to(page: Page, portal: RunningPortal):
    page.goto(portal.url + COMPONENT)
    page.locator(".breadcrumbs a").last.focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-peek]')"):
            break
    tooltip = page.get_by_role("tooltip")
    expect(tooltip).to_contain_text("Booking Team")
    expect(tooltip).to_contain_text("group:default/team-booking")
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()


def test_a_refresh_tells_how_it_went(page: Page, portal: RunningPortal):
    page.goto(portal.url + COMPONENT)
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("status").filter(has_text="read again;")).to_contain_text("nothing has changed")


def test_ownership_is_switched_in_place(page: Page, portal: RunningPortal):
    page.goto(f"{portal.url}/catalog/default/group/technology")
    card = page.locator("#card-ownership")
    card.get_by_role("link", name="With subgroups").click()
    expect(card.get_by_role("link", name="With subgroups")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile("aggregated"))
    expect(card).to_contain_text("Together with the groups below.")


def test_dialogs_work_without_scripts(new_context, portal: RunningPortal):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal.url + COMPONENT)
    page.locator(".page-actions summary").click()
    page.get_by_role("link", name="Inspect entity").click()
    expect(page.get_by_role("dialog")).to_contain_text("Identity")
    page.get_by_role("link", name="Raw JSON").click()
    expect(page.get_by_role("dialog")).to_contain_text('"kind": "Component"')
    page.get_by_role("dialog").get_by_role("link", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
