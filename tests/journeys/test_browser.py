"""Somebody looks around the catalog with a real browser."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import assert_accessible
from tests.journeys.portal import RunningPortal, manage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LIST = "/catalog?filters[kind]=component"
ENTITY = "/catalog/default/component/booking-service"


def test_the_list_leads_to_an_entity_and_on_to_a_related_one(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog")
    main = page.get_by_role("main")

    main.get_by_role("link", name="Booking Service", exact=True).first.click()
    expect(page).to_have_url(portal.url + ENTITY)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Booking Service")

    main.get_by_role("link", name="booking-db").first.click()
    expect(page).to_have_url(portal.url + "/catalog/default/resource/booking-db")
    main.get_by_role("link", name="Booking Service").first.click()
    expect(page).to_have_url(portal.url + ENTITY)


def test_the_list_is_narrowed_by_typing_and_the_address_remembers_it(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog")
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name="Seat Picker", exact=True)).to_be_visible()

    main.get_by_role("searchbox").first.fill("pricing")
    expect(main.get_by_role("link", name="Seat Picker", exact=True)).to_have_count(0)
    expect(main.get_by_role("link", name="Pricing Service", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("pricing"))

    page.reload()
    expect(main.get_by_role("link", name="Pricing Service", exact=True)).to_be_visible()
    expect(main.get_by_role("link", name="Seat Picker", exact=True)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/catalog",
        ENTITY,
        f"{ENTITY}/history",
        "/catalog/default/group/team-booking",
        "/catalog/locations",
        "/catalog/why?ref=component:default/booking-service",
        "/catalog/why?ref=component:default/booking",
        "/catalog/why?q=nonsense",
        "/visualizer",
    ],
)
def test_axe_finds_nothing(page: Page, portal: RunningPortal, path: str, scheme: Literal["light", "dark"]):
    page.emulate_media(color_scheme=scheme)
    page.goto(portal.url + path)
    assert_accessible(page)


def test_somebody_finds_out_why_an_entity_is_missing(page: Page, portal: RunningPortal):
    page.goto(portal.url + "/catalog")
    main = page.get_by_role("main")
    main.get_by_role("searchbox").first.fill("no such thing")
    main.get_by_role("link", name="Should something be here that isn't?").click()
    main.get_by_label("The ref of an entity, or the address of a file").fill("component:booking-servise")
    main.get_by_role("button", name="Find out").click()
    expect(main.get_by_role("status")).to_contain_text("The catalog knows nothing of it")
    main.get_by_role("link", name="component:default/booking-service").click()
    expect(page).to_have_url(portal.url + ENTITY)


def test_a_refresh_is_asked_for_and_watched(page: Page, portal: RunningPortal):
    page.goto(f"{portal.url}/catalog/why?ref=component:default/booking-service")
    main = page.get_by_role("main")
    main.get_by_role("button", name="Refresh now", exact=True).first.click()
    expect(main.get_by_role("status")).to_contain_text("It is being looked at again")
    # The page looks by itself until that is over.
    expect(page.locator("#why-result[hx-get]")).to_have_count(0)
    expect(main.get_by_role("status")).to_contain_text("It is in the catalog.")


def test_the_catalog_reads_without_scripts(new_context, portal: RunningPortal):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(portal.url + "/catalog")
    page.get_by_role("main").get_by_role("link", name="Booking Service", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Booking Service")


@pytest.fixture(scope="module")
def administrator(portal: RunningPortal) -> tuple[str, str]:
    """An account of the admin: name and password."""
    name, password = "root", "curtain-up-1"
    credentials = {"DJANGO_SUPERUSER_PASSWORD": password}
    arguments = ["createsuperuser", "--noinput", "--username", name, "--email", "root@example.com"]
    manage(arguments, {**portal.environment, **credentials})
    return name, password


def test_an_entity_is_written_in_the_admin_and_changed_from_its_page(
    page: Page, portal: RunningPortal, administrator: tuple[str, str]
):
    name, password = administrator
    page.goto(portal.url + "/admin/catalog/adminentity/add/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    text = page.get_by_label("Entity")
    expect(text).to_have_value(re.compile("kind: Component"))
    example = text.input_value()

    text.fill(example.replace("kind: Component", "kind: Componant"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#content")).to_contain_text("No processor recognized the entity")
    text.fill(example.replace("name: example", "name: stage-door"))
    page.get_by_role("button", name="Save", exact=True).click()
    link = page.get_by_role("list").get_by_role("link", name="component:default/stage-door").first
    expect(link).to_be_visible()
    portal.wait_for("/catalog/default/component/stage-door", "stage-door")
    link.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("stage-door")
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Entity")).to_have_value(re.compile("name: stage-door"))
