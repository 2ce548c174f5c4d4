"""Somebody looks for an API and reads its definition with a real browser."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import assert_accessible
from tests.journeys.portal import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

API = "/catalog/default/api/{}/definition"
BOOKING = API.format("booking-api")


def test_an_api_is_found_and_read(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/api-docs")
    main = page.get_by_role("main")
    main.get_by_role("group", name="Type").get_by_label("GraphQL").check()
    expect(page).to_have_url(re.compile(r"filters\[type\]=graphql"))
    expect(main.get_by_role("row")).to_have_count(2)
    main.get_by_role("link", name="Remove the filter Type: GraphQL").click()

    page.keyboard.press("/")
    page.keyboard.type("hold, confirm")
    main.get_by_role("link", name="Booking API", exact=True).click()
    main.get_by_role("link", name="Definition", exact=True).click()
    expect(page).to_have_url(portal.url + BOOKING)

    main.get_by_text("Hold seats for ten minutes").click()
    expect(main.get_by_text("performanceId").first).to_be_visible()
    main.get_by_role("link", name="Source", exact=True).click()
    expect(main.get_by_text("openapi: 3.0.3")).to_be_visible()


def test_swagger_ui_runs_in_its_frame_in_the_colours_of_the_page(page: Page, portal: RunningPortal):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{portal.url}{BOOKING}?view=try")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Hold seats for ten minutes")).to_be_visible()
    expect(frame.locator("html.dark-mode")).to_have_count(1)
    page.emulate_media(color_scheme="light")
    expect(frame.locator("html.dark-mode")).to_have_count(0)
    # Nothing may be sent from it, and it belongs to nobody.
    frame.get_by_text("Hold seats for ten minutes").click()
    expect(frame.get_by_role("button", name="Try it out")).to_have_count(0)
    assert frame.locator("html").evaluate("() => self.origin") == "null"


def test_a_definition_reads_without_scripts(new_context, portal: RunningPortal):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal.url + BOOKING)
    page.get_by_text("Hold seats for ten minutes").click()
    expect(page.get_by_text("performanceId").first).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.parametrize(
    "path",
    [
        "/api-docs",
        "/api-docs?filters[text]=nothing",
        BOOKING,
        f"{BOOKING}?view=source",
        f"{BOOKING}?view=try",
        API.format("booking-events"),
        API.format("seat-map-api"),
        API.format("access-control-api"),
    ],
)
def test_axe_finds_nothing(page: Page, portal: RunningPortal, path: str, width: int, scheme: Literal["light", "dark"]):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(portal.url + path)
    for entry in page.locator(".definition-details > summary").all():
        entry.click()
    assert_accessible(page)
