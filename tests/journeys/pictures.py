"""Takes the pictures that README and docs show: ``make pictures``. They are of the example catalog, in both themes."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import FLAGS, chromium
from tests.journeys.portal import ROOT, RunningPortal, filled_portal

IMAGES = ROOT / "docs" / "images"
SERVICE, API = "component/booking-service", "api/booking-api"
PAGES = {
    "home": "/home",
    "catalog": "/catalog",
    "entity": f"/catalog/default/{SERVICE}",
    "api": f"/catalog/default/{API}/definition",
    "graph": "/catalog-graph?rootEntityRefs[]=component:default/booking-service&maxDepth=1",
    "register": "/catalog-import",
    "missing": "/catalog/why?ref=component:default/boxoffice",
    "settings": "/settings/general",
    "visualizer": "/visualizer",
}
DESK, PHONE = (1280, 800), (390, 780)
#: WebP is made by the browser: a third of a PNG, and sharp enough to read.
TO_WEBP = """async (png) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({type: "image/webp", quality: 0.86})).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


def take(page: Page, studio: Page, path: Path) -> None:
    """Take a picture of the page as it is, when nothing of it is under way."""
    page.wait_for_load_state("networkidle")
    png = base64.b64encode(page.screenshot(animations="disabled")).decode()
    path.write_bytes(base64.b64decode(studio.evaluate(TO_WEBP, png)))


def take_all(browser: Browser, portal: RunningPortal, scheme: str) -> None:
    """Take all pictures in one theme."""
    studio = browser.new_page()
    suffix = "-dark" if scheme == "dark" else ""
    for (width, height), paths in ((DESK, PAGES), (PHONE, {"phone": "/catalog"})):
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale="en-GB",
            reduced_motion="reduce",
        )
        for ref in (SERVICE, API, "system/booking", "group/team-booking"):
            page.goto(f"{portal.url}/catalog/default/{ref}")
            star = page.locator(".page-actions .star[aria-pressed=false]")
            if star.count():
                with page.expect_response("**/-/star"):
                    star.click()
        for name, path in paths.items():
            page.goto(portal.url + path)
            take(page, studio, IMAGES / f"{name}{suffix}.webp")
        if (width, height) == DESK:
            page.goto(portal.url + "/catalog")
            page.keyboard.press("Control+k")
            page.keyboard.type("booking")
            page.locator("#palette").get_by_role("option").first.wait_for()
            take(page, studio, IMAGES / f"palette{suffix}.webp")
        page.close()
    studio.close()


def main() -> None:
    """Take the pictures of a portal of one's own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        filled_portal(Path(folder)) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for scheme in ("light", "dark"):
            take_all(browser, portal, scheme)
        browser.close()


if __name__ == "__main__":
    main()
