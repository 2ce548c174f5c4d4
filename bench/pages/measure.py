"""The measurement of pages: first their SQL statements are counted, then they are timed as they are in production."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench.arithmetic import ratio
from bench.pages.browser import browser, look_at
from bench.pages.choice import Page, pages
from bench.pages.server import API_PATH, answers, server_ms, statements
from bench.portal import NotMeasured, OwnPortal, Portal

#: Counts statements, and is nothing that anybody would want in production.
COUNTING = "bench.pages.counting:application"

Progress = Callable[[str], None]


def measure_own_pages(
    portal: OwnPortal, locations: Sequence[Path], only: Sequence[str], progress: Progress
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the pages of a portal whose catalog is filled, each with its figures; it is started anew twice."""
    portal.stop()
    portal.start_application(COUNTING, locations)
    counts = {page.name: count_statements(portal, page) for page in pages(portal, only)}
    portal.stop()
    portal.start(locations)
    yield from measure_pages(portal, only, progress, counts)


def measure_pages(
    portal: Portal, only: Sequence[str], progress: Progress, counts: Mapping[str, int | None] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the pages of a running portal, each with its figures; ``counts`` are SQL statements, if they are known."""
    chosen, api_ms = pages(portal, only), server_ms(portal, API_PATH)
    with browser() as started:
        for page in chosen:
            progress(f"page {page.name}")
            yield page.name, _figures(started, portal, page, api_ms) | {"statements": (counts or {}).get(page.name)}


def count_statements(portal: Portal, page: Page) -> int | None:
    """Return the SQL statements of a page that was asked for before; None if the server doesn't say."""
    return statements(answers(portal, page.path, rounds=1)[-1])


def _figures(started: Browser, portal: Portal, page: Page, api_ms: float) -> dict[str, Any]:
    looks = asdict(look_at(started, portal, page.path))
    html, status = looks.pop("html"), looks.pop("status")
    if status != page.status:
        raise NotMeasured(f"{page.path} answers {status} in the browser, and not {page.status}.")
    on_server = server_ms(portal, page.path)
    return looks | {
        "path": page.path,
        "html_bytes": len(html),
        "in_first_html": page.shows in html.decode(errors="replace"),
        "server_ms": on_server,
        "server_ratio": ratio(on_server, api_ms),
    }
