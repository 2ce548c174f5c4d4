"""The catalog graph keeps to what every plugin keeps to."""

from __future__ import annotations

from typing import ClassVar

import pytest

from portal.testing import PluginConformance
from tests.catalog_graph.conftest import FakeCatalog


class TestCatalogGraph(PluginConformance):
    plugin = "apps.catalog_graph"
    own_rooms = ("layout",)
    page_parameters: ClassVar = {
        "/catalog-graph/-/card/:namespace/:kind/:name": {"namespace": "default", "kind": "component", "name": "cart"}
    }

    @pytest.fixture(autouse=True)
    def _entities(self, shop: FakeCatalog) -> None:
        """Have something to draw."""
