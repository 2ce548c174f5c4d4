"""The catalog keeps to what every plugin keeps to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from django.http import QueryDict

from apps.catalog.forms import CatalogQuery
from apps.catalog.views.index import CatalogState
from apps.catalog.views.related import RelatedEntities
from portal.credentials import Credentials
from portal.extensions import CatalogFilter, Node
from portal.testing import PluginConformance
from portal.testing.rendering import SOMEBODY
from tests.catalog.conftest import CatalogFolder, component

WEB = {"namespace": "default", "kind": "component", "name": "web"}
ENTITY_PAGE = "/catalog/:namespace/:kind/:name"


class TestCatalog(PluginConformance):
    plugin = "apps.catalog"
    own_rooms = ("processing",)
    page_parameters = {ENTITY_PAGE: WEB, f"{ENTITY_PAGE}/*": WEB}

    @pytest.fixture(autouse=True)
    def _web(self, folder: CatalogFolder) -> None:
        folder.write("web.yaml", component("web"))
        folder.read("web.yaml")

    def values_for(self, node: Node) -> Iterator[Mapping[str, Any]]:
        """Add what the pages of the catalog pass on besides the entity."""
        given: Iterable[Mapping[str, Any]] = super().values_for(node)
        for values in given:
            if isinstance(node.extension, CatalogFilter):
                yield {"catalog": CatalogState(CatalogQuery.parse(QueryDict()), "/catalog", {})}
            else:
                yield {**values, "related": RelatedEntities(values["entity"], Credentials(SOMEBODY))}
