"""The catalog keeps to what every plugin keeps to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from django.http import QueryDict
from pytest_django.fixtures import Settings

from apps.catalog.forms import CatalogQuery
from apps.catalog.views.index import CatalogState
from apps.catalog.views.related import RelatedEntities
from portal.credentials import Credentials
from portal.extensions import CatalogFilter, Node
from portal.testing import SAMPLE_ENTITIES, SOMEBODY, PluginConformance, sample_entity
from tests.catalog.conftest import CatalogFolder, component

WEB = {"namespace": "default", "kind": "component", "name": "web-shop"}
ENTITY_PAGE = "/catalog/:namespace/:kind/:name"

#: What the samples lack for some extensions: the kind of the sample, and what it has there instead.
CHANGED: Mapping[str, tuple[str, dict[str, Any]]] = {
    "entity-card:org/group-hierarchy": (
        "group",
        {"relations": [{"type": "childOf", "targetRef": "group:default/company"}]},
    ),
    "entity-icon-link:techdocs/read-docs": (
        "component",
        {"metadata": {"annotations": {"backstage.io/techdocs-ref": "dir:."}}},
    ),
}


class TestCatalog(PluginConformance):
    plugin = "apps.catalog"
    own_rooms = ("processing",)
    page_parameters = {
        ENTITY_PAGE: WEB,
        f"{ENTITY_PAGE}/*": WEB,
        f"{ENTITY_PAGE}/-/refresh": WEB,
        "/catalog/-/options/:param": {"param": "owners"},
    }

    @pytest.fixture(autouse=True)
    def _samples(self, folder: CatalogFolder, settings: Settings) -> None:
        files = {sample_entity("location")["spec"]["target"]: component("found")}
        backend = {"BACKEND": "portal.testing.FakeUrlReader", "OPTIONS": {"files": files}}
        settings.PORTAL_SERVICES = {"url_reader": backend}
        for entity in SAMPLE_ENTITIES:
            given = {name: entity[name] for name in ("apiVersion", "kind", "spec")}
            metadata = {name: value for name, value in entity["metadata"].items() if name not in {"uid", "etag"}}
            folder.write(f"{entity['kind']}.yaml", json.dumps({**given, "metadata": metadata}))
        folder.read("*.yaml")

    def values_for(self, node: Node) -> Iterator[Mapping[str, Any]]:
        """Add what the pages of the catalog pass on besides the entity."""
        given: Iterable[Mapping[str, Any]] = super().values_for(node)
        if node.id in CHANGED:
            kind, changes = CHANGED[node.id]
            sample = sample_entity(kind)
            given = [
                {"entity": {**sample, **changes, "metadata": {**sample["metadata"], **changes.get("metadata", {})}}}
            ]
        for values in given:
            if isinstance(node.extension, CatalogFilter):
                yield {"catalog": CatalogState(CatalogQuery.parse(QueryDict()), "/catalog", {})}
            elif "entity" in values:
                yield {**values, "related": RelatedEntities(values["entity"], Credentials(SOMEBODY))}
            else:
                yield values
