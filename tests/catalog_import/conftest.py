"""A catalog to register in, a web to register from, and requests that stay in the test's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.conftest import CatalogFolder
from tests.catalog.web import CatalogWeb


@pytest.fixture(autouse=True)
def _services(settings: Any) -> None:
    settings.PORTAL_SERVICES = {
        "transport": {"BACKEND": "portal.services.transport.TestClientTransport"},
        "url_reader": {"BACKEND": "tests.catalog.web.WebReader"},
    }


@pytest.fixture
def web() -> Iterator[CatalogWeb]:
    """An empty web."""
    web = CatalogWeb()
    yield web
    web.clear()


@pytest.fixture
def catalog_folder(tmp_path: Path) -> CatalogFolder:
    """The catalog, which settles on request."""
    return CatalogFolder(tmp_path)
