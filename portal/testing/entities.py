"""An entity of each kind, as the catalog serves them, to show things on."""

from __future__ import annotations

import copy
from typing import Any

from portal.entities import Entity


def _entity(
    kind: str, name: str, spec: dict[str, Any], *relations: tuple[str, str], api_version: str = "backstage.io/v1alpha1"
) -> Entity:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "namespace": "default",
            "name": name,
            "title": name.replace("-", " ").capitalize(),
            "description": f"A {kind.lower()} to show things on.",
            "uid": f"00000000-0000-4000-8000-{sum(map(ord, kind)):012d}",
            "etag": f"etag-of-{name}",
            "annotations": {
                "backstage.io/managed-by-location": "url:https://example.com/catalog-info.yaml",
                "backstage.io/managed-by-origin-location": "url:https://example.com/catalog-info.yaml",
                "backstage.io/source-location": "url:https://example.com/",
            },
            "labels": {"example.com/tier": "1"},
            "tags": ["sample"],
            "links": [{"url": "https://example.com/dashboard", "title": "Dashboard", "icon": "dashboard"}],
        },
        "spec": spec,
        "relations": [{"type": relation, "targetRef": target} for relation, target in relations],
    }


#: One entity of each kind that the portal knows. Copy what you change: ``sample_entity`` does.
SAMPLE_ENTITIES: tuple[Entity, ...] = (
    _entity(
        "Component",
        "web-shop",
        {
            "type": "service",
            "lifecycle": "production",
            "owner": "team-a",
            "system": "shop",
            "providesApis": ["orders"],
            "consumesApis": ["payments"],
            "dependsOn": ["component:payments", "resource:orders-db"],
        },
        ("ownedBy", "group:default/team-a"),
        ("partOf", "system:default/shop"),
        ("hasPart", "component:default/web-shop-search"),
        ("providesApi", "api:default/orders"),
        ("consumesApi", "api:default/payments"),
        ("dependsOn", "component:default/payments"),
        ("dependsOn", "resource:default/orders-db"),
    ),
    _entity(
        "API",
        "orders",
        {
            "type": "openapi",
            "lifecycle": "production",
            "owner": "team-a",
            "system": "shop",
            "definition": "openapi: 3.1.0\ninfo: {title: Orders, version: '1'}\npaths: {}\n",
        },
        ("ownedBy", "group:default/team-a"),
        ("partOf", "system:default/shop"),
        ("apiProvidedBy", "component:default/web-shop"),
        ("apiConsumedBy", "component:default/mobile-app"),
    ),
    _entity(
        "Resource",
        "orders-db",
        {"type": "database", "owner": "team-a", "system": "shop"},
        ("ownedBy", "group:default/team-a"),
        ("partOf", "system:default/shop"),
        ("dependencyOf", "component:default/web-shop"),
        ("dependencyOf", "resource:default/reports"),
    ),
    _entity(
        "System",
        "shop",
        {"owner": "team-a", "domain": "sales"},
        ("ownedBy", "group:default/team-a"),
        ("partOf", "domain:default/sales"),
        ("hasPart", "component:default/web-shop"),
        ("hasPart", "api:default/orders"),
        ("hasPart", "resource:default/orders-db"),
    ),
    _entity(
        "Domain",
        "sales",
        {"owner": "team-a"},
        ("ownedBy", "group:default/team-a"),
        ("hasPart", "system:default/shop"),
        ("hasPart", "domain:default/online-sales"),
    ),
    _entity(
        "Group",
        "team-a",
        {
            "type": "team",
            "profile": {"displayName": "Team A", "email": "team-a@example.com"},
            "children": [],
            "members": ["jane"],
        },
        ("hasMember", "user:default/jane"),
        ("ownerOf", "component:default/web-shop"),
        ("ownerOf", "api:default/orders"),
    ),
    _entity(
        "User",
        "jane",
        {"profile": {"displayName": "Jane Doe", "email": "jane@example.com"}, "memberOf": ["team-a"]},
        ("memberOf", "group:default/team-a"),
    ),
    _entity("Location", "elsewhere", {"type": "url", "target": "https://example.com/catalog-info.yaml"}),
    _entity(
        "Template",
        "new-service",
        {
            "type": "service",
            "owner": "team-a",
            "parameters": [],
            "steps": [{"id": "log", "name": "Log", "action": "debug:log", "input": {"message": "Hello"}}],
        },
        ("ownedBy", "group:default/team-a"),
        api_version="scaffolder.backstage.io/v1beta3",
    ),
)


def sample_entity(kind: str) -> Entity:
    """Return a copy of the sample of a kind, in whatever case. Raises ``LookupError`` naming the kinds."""
    for entity in SAMPLE_ENTITIES:
        if entity["kind"].lower() == kind.lower():
            return copy.deepcopy(entity)
    raise LookupError(f"no sample of kind '{kind}'; there are: {', '.join(one['kind'] for one in SAMPLE_ENTITIES)}")
