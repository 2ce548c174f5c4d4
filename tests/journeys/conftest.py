"""The browser, and the portal that it walks."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import FLAGS, chromium
from tests.journeys.portal import RunningPortal, filled_portal
from tests.service_fixtures import require

# Playwright gives an action half a minute and an expectation five seconds, which a busy machine may need for one page.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Tell Playwright which browser to start: the one that is installed, never a download."""
    # Playwright's event loop stays on this thread until the session ends, and Django would take every later test's
    # queries for queries of asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {"executable_path": require(chromium), "headless": True, "args": FLAGS}


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """A portal with the example catalog, filled."""
    with filled_portal(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Tell Playwright what visitors are like: they want no motion, so that nobody sees a page between two states."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page; the test fails if it logs an error: a script that broke, a policy that was violated, a missing file."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    assert errors == []
