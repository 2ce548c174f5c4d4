"""The browser, and the portal that it walks."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import FLAGS, chromium
from tests.journeys.portal import RunningPortal, running_portal
from tests.service_fixtures import require


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
    with running_portal(tmp_path_factory.mktemp("portal")) as running:
        # Relations come last, and are seen from both ends.
        service, database = "/catalog/default/component/booking-service", "/catalog/default/resource/booking-db"
        running.wait_for(service, database)
        running.wait_for(database, service)
        yield running
