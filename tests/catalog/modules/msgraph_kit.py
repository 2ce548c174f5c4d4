"""What the tests of the Microsoft Graph module configure, and what it finds."""

from __future__ import annotations

from typing import Any

from tests.catalog.modules.graph_host import FakeGraph
from tests.catalog.modules.kit import installed, refresh, unprocessed

MODULE = "apps.catalog.modules.msgraph"
NAME = "MicrosoftGraphOrgEntityProvider:acme"
ROOT = "group:default/acme_ltd._test"


def config(graph: FakeGraph, **changes: Any) -> dict[str, Any]:
    """Return a configuration with one provider."""
    return {"catalog": {"providers": {"microsoftGraphOrg": {"acme": graph.provider(**changes)}}}}


def found(graph: FakeGraph, **changes: Any) -> dict[str, dict[str, Any]]:
    """Run a provider and return what it has found."""
    with installed(MODULE, config(graph, **changes)):
        refresh(NAME)
    return unprocessed()


def users_in(entities: dict[str, Any]) -> set[str]:
    """Return the names of the users among entities."""
    return {ref.partition("/")[2] for ref in entities if ref.startswith("user:")}
