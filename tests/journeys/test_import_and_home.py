"""Somebody registers a component with a real browser, arranges the home page, and looks after the portal."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.journeys.pages import assert_accessible
from tests.journeys.portal import RunningPortal, running_portal
from tests.portal.source_hosts.server import Answer, Asked, HttpServer, answer_json

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE: ViewportSize = {"width": 390, "height": 844}
#: What a GitHub says of a repository without any file, which is all that is asked before a pull request is sent.
GITHUB = {
    "/repos/acme/shop": {"default_branch": "main"},
    "/repos/acme/shop/git/trees/0123": {"sha": "0123", "truncated": False, "tree": []},
}
#: What is off unless it is mentioned.
EXTENSIONS = [
    "api:home/visits",
    "app-root-element:home/visit-listener",
    "page:catalog-unprocessed-entities",
    "page:devtools",
]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder, and the address at which its files are served."""
    folder = tmp_path_factory.mktemp("files")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def github() -> Iterator[str]:
    """The address of a GitHub with an empty repository."""

    def respond(asked: Asked) -> Answer:
        if asked.path == "/repos/acme/shop/commits/main":
            return Answer(b"0123")
        return answer_json(GITHUB[asked.path]) if asked.path in GITHUB else answer_json({"message": "Not Found"}, 404)

    server = HttpServer(respond)
    yield f"http://127.0.0.1:{server.port}"
    server.close()


@pytest.fixture(scope="module")
def portal(files: tuple[Path, str], github: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """A portal with the example catalog, which may read those files, and whose neighbour is that GitHub."""
    allowed = [{"host": files[1].removeprefix("http://")}]
    neighbours = [{"name": "GitHub", "type": "fetch", "target": f"{github}/repos/acme/shop"}]
    surroundings = {
        "APP_CONFIG_app_extensions": json.dumps(EXTENSIONS),
        "APP_CONFIG_devTools": json.dumps({"externalDependencies": {"endpoints": neighbours}}),
        "APP_CONFIG_backend_reading_allow": json.dumps(allowed),
        "APP_CONFIG_integrations_github": json.dumps(
            [{"host": "github.com", "apiBaseUrl": github, "token": "not-a-token"}]
        ),
    }
    with running_portal(tmp_path_factory.mktemp("portal"), **surroundings) as running:
        running.wait_for("/catalog?filters[kind]=component", "Booking Service")
        yield running


def write(folder: Path, name: str, *components: str) -> None:
    """Write a catalog file with these components."""
    document = """\
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {{name: {name}, description: "Sells what is left"}}
        spec: {{type: service, lifecycle: production, owner: team-booking}}
        """
    (folder / name).write_text("---\n".join(dedent(document).format(name=one) for one in components))


def test_a_component_is_registered_and_opened(page: Page, portal: RunningPortal, files: tuple[Path, str]):
    folder, address = files
    write(folder, "kiosk.yaml", "kiosk")
    page.goto(f"{portal.url}/catalog-import")
    main = page.get_by_role("main")
    main.get_by_label("Repository URL").fill(f"{address}/missing.yaml")
    main.get_by_role("button", name="Analyze").click()
    expect(main.get_by_role("alert")).to_contain_text("missing.yaml")
    main.get_by_label("Repository URL").fill(f"{address}/kiosk.yaml")
    main.get_by_role("button", name="Analyze").click()
    expect(main.get_by_text("The following entities will be added to the catalog:")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/catalog-import\?url="))
    assert_accessible(page)
    main.get_by_role("button", name="Import").click()
    expect(main.get_by_role("status")).to_contain_text("1 entity can be read")
    main.get_by_role("link", name="View Component").click()
    expect(page).to_have_url(f"{portal.url}/catalog/default/component/kiosk")


def test_a_component_is_registered_without_scripts(new_context: Any, portal: RunningPortal, files: tuple[Path, str]):
    folder, address = files
    write(folder, "bar.yaml", "bar", "cloakroom")
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{portal.url}/catalog-import")
    main = page.get_by_role("main")
    main.get_by_label("Repository URL").fill(f"{address}/bar.yaml")
    main.get_by_role("button", name="Analyze").click()
    main.get_by_role("button", name="Import").click()
    # The page comes again by itself.
    expect(main.get_by_role("status")).to_contain_text("2 entities can be read")
    main.get_by_role("link", name="component:default/cloakroom").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("cloakroom")


def test_a_file_for_a_repository_is_previewed_as_it_is_typed(page: Page, portal: RunningPortal):
    page.goto(f"{portal.url}/catalog-import?url=https://github.com/acme/shop")
    main = page.get_by_role("main")
    main.get_by_label("Name of the created component").fill("box-office")
    main.get_by_label("Entity owner").fill("group:default/team-booking")
    main.get_by_label("Entity owner").press("Tab")
    preview = page.locator("#import-preview")
    expect(preview).to_contain_text("name: box-office")
    expect(preview).to_contain_text("The catalog would take it.")
    expect(main.get_by_role("button", name="Create PR")).to_be_visible()
    assert_accessible(page)


def test_the_home_page_is_arranged_by_keyboard_and_remembers_visits(page: Page, portal: RunningPortal):
    page.goto(f"{portal.url}/catalog/default/component/booking-service")
    page.goto(f"{portal.url}/home")
    main = page.get_by_role("main")
    recent = main.get_by_role("region", name="Recently visited")
    expect(recent.get_by_role("link", name="Booking Service")).to_be_visible()
    main.get_by_role("link", name="Arrange").click()
    move = main.get_by_role("button", name="Move Recently visited up")
    move.focus()
    places = page.locator(".home-places > li")
    begin = next(at for at, text in enumerate(places.all_inner_texts()) if "Recently visited" in text)
    assert begin > 0
    # A button has the focus a moment before htmx listens to it.
    page.evaluate("addEventListener('htmx:afterSettle', () => { document.body.dataset.settled += '.'; })")
    for place in reversed(range(begin)):
        page.evaluate("document.body.dataset.settled = ''")
        page.keyboard.press("Enter")
        expect(places.nth(place)).to_contain_text("Recently visited")
        expect(page.locator("body")).to_have_attribute("data-settled", ".")
        expect(move).to_be_focused()
    main.get_by_role("button", name="Hide Toolkit").click()
    expect(main.get_by_role("button", name="Show Toolkit")).to_be_visible()
    main.get_by_role("link", name="Done").click()
    expect(main.get_by_role("heading", level=2).first).to_have_text("Recently visited")
    expect(main.get_by_role("region", name="Toolkit")).to_have_count(0)


def test_a_widget_is_dragged_to_its_place_and_stays_there(page: Page, portal: RunningPortal):
    page.goto(f"{portal.url}/home/edit")
    places = page.locator(".home-places > li")
    names = places.locator("strong").all_inner_texts()

    def drag(begin: int, end: int) -> None:
        grip, goal = (places.nth(at).locator(".home-grip").bounding_box() for at in (begin, end))
        assert grip is not None
        assert goal is not None
        x = grip["x"] + grip["width"] / 2
        page.mouse.move(x, grip["y"] + grip["height"] / 2)
        page.mouse.down()
        page.mouse.move(x, goal["y"] + goal["height"], steps=4)

    drag(0, 2)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(places.locator("strong")).to_have_text(names)

    moved = [*names[1:3], names[0], *names[3:]]
    drag(0, 2)
    with page.expect_response(f"{portal.url}/home/edit"):
        page.mouse.up()
    expect(places.locator("strong")).to_have_text(moved)
    page.reload()
    expect(places.locator("strong")).to_have_text(moved)


def test_a_widget_is_chosen_and_set_up(page: Page, portal: RunningPortal):
    page.goto(f"{portal.url}/home/edit")
    main = page.get_by_role("main")
    main.get_by_role("button", name="Show World clock").click()
    # The list has come anew.
    expect(main.get_by_role("button", name="Hide World clock")).to_be_visible()
    main.get_by_text("Settings World clock").click()
    zones = main.get_by_label("Time zones")
    zones.fill("not a zone")
    main.get_by_role("button", name="Save World clock").click()
    expect(main.locator(".field-error")).to_be_visible()
    expect(zones).to_have_value("not a zone")
    assert_accessible(page)
    zones.fill("Asia/Tokyo")
    main.get_by_role("button", name="Save World clock").click()
    expect(main.locator(".field-error")).to_have_count(0)
    main.get_by_role("link", name="Done").click()
    expect(main.get_by_role("region", name="World clock")).to_contain_text(re.compile(r"Tokyo\s*\d\d:\d\d"))
    assert_accessible(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", "wide"), ("dark", "phone")])
def test_operators_see_how_the_portal_is(
    page: Page, portal: RunningPortal, scheme: Literal["light", "dark"], width: str
):
    page.emulate_media(color_scheme=scheme)
    if width == "phone":
        page.set_viewport_size(PHONE)
    page.goto(f"{portal.url}/devtools")
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", name="This process")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{portal.url}/devtools/config")
    expect(main.get_by_text("not-a-token")).to_have_count(0)
    assert_accessible(page)
    page.goto(f"{portal.url}/devtools/external-dependencies")
    expect(main.get_by_text("healthy", exact=True)).to_be_visible()
    assert_accessible(page)
    page.goto(f"{portal.url}/devtools/scheduled-tasks?plugin=home")
    # It is stopped in case it runs at this very moment.
    main.get_by_role("button", name=re.compile("^(Run|Stop) forget-visits$")).click()
    expect(page.locator(".toast")).to_contain_text("forget-visits")
    assert_accessible(page)


@pytest.mark.parametrize("width", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/home",
        "/home/edit",
        "/catalog-import",
        "/catalog-import/progress",
        "/catalog-import?url=https://github.com/acme/shop",
        "/catalog-unprocessed-entities",
        "/catalog-unprocessed-entities?state=pending",
    ],
)
def test_axe_finds_nothing(page: Page, portal: RunningPortal, path: str, scheme: Literal["light", "dark"], width: str):
    page.emulate_media(color_scheme=scheme)
    if width == "phone":
        page.set_viewport_size(PHONE)
    page.goto(portal.url + path)
    assert_accessible(page)
