"""A catalog of the test's own behind the transport, which counts what it is asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from pytest_django.fixtures import Settings

from portal.entities import parse_ref, stringify_ref
from portal.services.transport import Response, TransportService
from portal.services.transport.response import Headers

#: Relations and what the other end says.
INVERSES = {
    "ownedBy": "ownerOf",
    "partOf": "hasPart",
    "dependsOn": "dependencyOf",
    "providesApi": "apiProvidedBy",
    "consumesApi": "apiConsumedBy",
    "memberOf": "hasMember",
    "childOf": "parentOf",
}


class FakeCatalog:
    """Entities by ref, served as the catalog's API does; ``calls`` are the paths that were asked for."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []

    def add(self, ref: str, title: str = "", **spec: Any) -> dict[str, Any]:
        """Add an entity, or return the one that is there."""
        kind, namespace, name = parse_ref(ref, default_kind="component")
        metadata = {"name": name, "namespace": namespace, **({"title": title} if title else {})}
        entity = {"kind": kind.capitalize(), "metadata": metadata, "spec": spec, "relations": []}
        return self.entities.setdefault(stringify_ref(entity), entity)

    def relate(self, source: str, relation: str, target: str, *, both: bool = True) -> None:
        """Relate two entities, from both ends; those that aren't there are added."""
        one, other = self.add(source), self.add(target)
        one["relations"].append({"type": relation, "targetRef": stringify_ref(other)})
        if both:
            inverse = INVERSES.get(relation, f"{relation}Inverse")
            other["relations"].append({"type": inverse, "targetRef": stringify_ref(one)})

    def answer(self, path: str, content: bytes) -> Any:
        """Return what the API answers."""
        url = urlsplit(path)
        self.calls.append(url.path)
        answers = {"by-refs": self._by_refs, "by-query": self._by_query, "entity-facets": self._entity_facets}
        return answers[url.path.rpartition("/")[2]](parse_qs(url.query), content)

    def _by_refs(self, query: dict[str, list[str]], content: bytes) -> Any:
        return {"items": [self.entities.get(ref) for ref in orjson.loads(content)["entityRefs"]]}

    def _by_query(self, query: dict[str, list[str]], content: bytes) -> Any:
        [text] = query.get("fullTextFilterTerm", [""])
        kinds = {"domain", "system"}
        found = [
            entity
            for entity in self.entities.values()
            if (text and text in entity["metadata"]["name"]) or (not text and entity["kind"].lower() in kinds)
        ]
        return {"items": found, "totalItems": len(found), "pageInfo": {}}

    def _entity_facets(self, query: dict[str, list[str]], content: bytes) -> Any:
        kinds = [entity["kind"] for entity in self.entities.values()]
        return {"facets": {"kind": [{"value": kind, "count": kinds.count(kind)} for kind in dict.fromkeys(kinds)]}}


class FakeTransport(TransportService):
    """Reaches a catalog, and nothing else."""

    def __init__(self, *, catalog: FakeCatalog) -> None:
        self._catalog = catalog

    def _send(
        self, plugin_id: str, method: str, path: str, headers: dict[str, str], content: bytes, timeout: float
    ) -> Response:
        assert plugin_id == "catalog"
        return Response(200, Headers({}), orjson.dumps(self._catalog.answer(path, content)))


@pytest.fixture
def catalog(settings: Settings) -> FakeCatalog:
    """An empty catalog in the place of the real one."""
    fake = FakeCatalog()
    backend = "tests.catalog_graph.conftest.FakeTransport"
    settings.PORTAL_SERVICES = {"transport": {"BACKEND": backend, "OPTIONS": {"catalog": fake}}}
    return fake


@pytest.fixture
def shop(catalog: FakeCatalog) -> FakeCatalog:
    """A cart with an owner, a system, an API and a database, which have a little around them."""
    catalog.add("component:cart", "Shopping cart")
    catalog.add("group:team-a", profile={"displayName": "Team A"})
    catalog.relate("component:cart", "ownedBy", "group:team-a")
    catalog.relate("component:cart", "partOf", "system:shop")
    catalog.relate("component:cart", "providesApi", "api:cart-api")
    catalog.relate("component:cart", "dependsOn", "resource:db")
    catalog.relate("component:web", "consumesApi", "api:cart-api")
    catalog.relate("system:shop", "partOf", "domain:trade")
    catalog.relate("resource:db", "ownedBy", "group:team-a")
    return catalog
