"""The plugin for APIs keeps to what every plugin keeps to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from portal.extensions import ApiDefinition, ApiDefinitionWidget, Node
from portal.testing import PluginConformance
from tests.api_docs.conftest import DATABASES, DEFINITIONS, api

SHOP = {"namespace": "default", "name": "shop-api"}
MCP = {"remotes": [{"type": "streamable-http", "url": "https://mcp.example"}]}


class TestApiDocs(PluginConformance):
    plugin = "apps.api_docs"
    own_rooms = ("definitions",)
    page_parameters = {
        "/api-docs/definition/:namespace/:name": SHOP,
        "/api-docs/definition/:namespace/:name/interactive": SHOP,
    }
    # Its pages ask the catalog.
    pytestmark = pytest.mark.django_db(databases=DATABASES)

    @pytest.fixture(autouse=True)
    def _apis(self, apis: None) -> None:
        pass

    def values_for(self, node: Node) -> Iterable[Mapping[str, Any]]:
        """Show each widget with a definition of its type."""
        if not isinstance(node.extension, ApiDefinitionWidget):
            return super().values_for(node)
        written = dict(DEFINITIONS.values())
        values = []
        for shown in node.extension.types:
            entity = api("x", shown, written.get(shown))
            entity["spec"] |= MCP
            definition = ApiDefinition(entity, shown, written.get(shown, ""))
            values += [{"definition": definition, "compact": compact, "url": "/x"} for compact in (True, False)]
        return values
