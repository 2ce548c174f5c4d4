"""Pages in a headless Chromium: what is loaded, when it is ready, what moves, and how much memory its scripts hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page, Request, sync_playwright

from bench.portal import NotMeasured, Portal
from tests.browser import FLAGS, chromium

PATIENCE_MS = 60_000
#: The width of a phone, of a small screen, and of the screen that times are taken at.
WIDTHS = (390, 1280, 1440)
HEIGHT = 900
#: The best of so many visits counts: whatever else the machine does only adds to it.
ROUNDS = 5
#: A slow machine behind a slow line shows what moves while the parts of a page come one by one.
SLOW_CPU = 6
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}

#: Collects, from before the first script of a page, what Chromium reports of painting and moving.
OBSERVER = """
window.benchPaints = []; window.benchShifts = [];
const described = (node) => !node ? 'a removed node' : node.data ?? node.cloneNode(false).outerHTML;
new PerformanceObserver((list) => window.benchPaints.push(...list.getEntries().map((one) => one.startTime)))
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver((list) => window.benchShifts.push(...list.getEntries().map((one) => ({
  value: one.value, at: one.startTime,
  sources: one.sources.map((source) => [
    described(source.node).slice(0, 120), JSON.stringify(source.previousRect), JSON.stringify(source.currentRect),
  ].join(' ')),
})))).observe({type: 'layout-shift', buffered: true});
"""

#: Loaded, and everything that scripts have fetched by themselves since.
READY = """() => Math.max(performance.getEntriesByType('navigation')[0].loadEventEnd,
  ...performance.getEntriesByType('resource').map((one) => one.responseEnd))"""

Cache = Literal["cold", "warm"]


@dataclass(slots=True)
class Visit:
    """One visit of a page. Times are milliseconds from the start of the navigation."""

    html: bytes
    status: int
    requests: int
    asset_bytes: int
    ready_ms: float
    #: None if nothing had been painted when all was quiet, as on a machine that is busy with other work.
    lcp_ms: float | None
    heap_bytes: int
    #: What Chromium reports: ``value``, ``at`` and ``sources`` of each.
    shifts: Sequence[dict[str, Any]]


@dataclass(slots=True)
class Looks:
    """What a page is like in the browser: the best times of several visits, and everything that ever moved."""

    html: bytes
    status: int
    requests: int
    asset_bytes: int
    cold_ms: float
    warm_ms: float
    lcp_ms: float | None
    heap_bytes: int
    shift: float
    #: What moved, each with the width and the cache of the visit.
    moved: list[str] = field(default_factory=list)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium. Raises ``Unavailable`` if it isn't installed."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
        try:
            yield started
        finally:
            started.close()


def look_at(browser: Browser, portal: Portal, path: str, rounds: int = ROUNDS) -> Looks:
    """Visit a page with an empty cache and with a full one, at full speed and then slowly at each width."""
    visits = [(cache, visit) for _ in range(rounds) for cache, visit in _pair(browser, portal, path, WIDTHS[-1])]
    cold = [visit for cache, visit in visits if cache == "cold"]
    warm = [visit for cache, visit in visits if cache == "warm"]
    seen = [(f"{WIDTHS[-1]} px, {cache}", visit) for cache, visit in visits]
    for width in WIDTHS:
        pair = _pair(browser, portal, path, width, slowly=True)
        seen += [(f"{width} px, {cache}, slow", visit) for cache, visit in pair]
    return Looks(
        html=cold[0].html,
        status=cold[0].status,
        requests=max(visit.requests for visit in cold),
        asset_bytes=max(visit.asset_bytes for visit in cold),
        cold_ms=min(visit.ready_ms for visit in cold),
        warm_ms=min(visit.ready_ms for visit in warm),
        lcp_ms=min((visit.lcp_ms for visit in cold if visit.lcp_ms is not None), default=None),
        heap_bytes=max(visit.heap_bytes for visit in cold + warm),
        shift=max(sum(shift["value"] for shift in visit.shifts) for _, visit in seen),
        moved=list(dict.fromkeys(text for when, visit in seen for text in _moved(when, visit))),
    )


def _moved(when: str, visit: Visit) -> Iterator[str]:
    for shift in visit.shifts:
        yield f"{when}: {shift['value']:.4f} after {shift['at']:.0f} ms: {'; '.join(shift['sources']) or '?'}"


def _pair(
    browser: Browser, portal: Portal, path: str, width: int, *, slowly: bool = False
) -> Iterator[tuple[Cache, Visit]]:
    """Yield a visit with an empty cache, and the next one with what that has left there."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, extra_http_headers=portal.headers)
    try:
        context.add_init_script(OBSERVER)
        page, session = _prepared(context, slowly=slowly)
        yield "cold", _visit(page, session, portal.base + path)
        page.goto("about:blank")
        yield "warm", _visit(page, session, portal.base + path)
    finally:
        context.close()


def _prepared(context: BrowserContext, *, slowly: bool) -> tuple[Page, CDPSession]:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    if slowly:
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_LINE)
    return page, session


def _visit(page: Page, session: CDPSession, url: str) -> Visit:
    """Go to a page, wait until nothing is loaded any more, and take its figures."""
    finished: list[Request] = []

    def collect(request: Request) -> None:
        finished.append(request)

    page.on("requestfinished", collect)
    try:
        response = page.goto(url, wait_until="networkidle")
    except Error as error:
        raise NotMeasured(f"Chromium doesn't show {url}: {error.message.splitlines()[0]}") from error
    page.remove_listener("requestfinished", collect)
    if response is None:
        raise NotMeasured(f"Chromium has no answer of {url}.")
    assets = [one for one in finished if one.resource_type in {"script", "stylesheet"}]
    paints, shifts = page.evaluate("[window.benchPaints, window.benchShifts]")
    ready = page.evaluate(READY)
    session.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return Visit(
        html=response.body(),
        status=response.status,
        # What is named twice, such as an icon, comes from the cache the second time.
        requests=len({(one.method, one.url) for one in finished}),
        asset_bytes=sum(one.sizes()["responseBodySize"] for one in assets),
        ready_ms=ready,
        lcp_ms=max(paints, default=None),
        heap_bytes=int(metrics["JSHeapUsedSize"]),
        shifts=shifts,
    )
