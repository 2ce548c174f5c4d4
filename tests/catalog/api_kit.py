"""What the tests of the catalog's API share: a small catalog, and questions to it."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from tests.catalog.conftest import CatalogFolder

BASE = "/api/catalog"


def fill(folder: CatalogFolder) -> CatalogFolder:
    """Make a small catalog: three components, an API and a group."""
    folder.write(
        "shop.yaml",
        """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: cart
          title: Shopping cart
          tags: [java, grpc]
          labels: {tier: gold}
          annotations: {github.com/project-slug: acme/cart}
        spec: {type: service, lifecycle: production, owner: team-a, providesApis: [cart-api], size: 2.5}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: Web, tags: [java]}
        spec: {type: website, lifecycle: Experimental, owner: team-b}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: tool, namespace: internal}
        spec: {type: Service, lifecycle: production, owner: team-a, retired: null}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata: {name: cart-api}
        spec: {type: openapi, lifecycle: production, owner: team-a, definition: 'openapi: 3.0.0'}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: team-a}
        spec: {type: team, children: []}
        """,
    )
    folder.read("shop.yaml")
    return folder


def get(client: Client, path: str, **query: Any) -> Any:
    """GET a route below the catalog's and return its JSON; anything but 200 fails."""
    response = client.get(f"{BASE}{path}", query)
    body = response.getvalue()
    assert response.status_code == 200, body
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return json.loads(body)


def post(client: Client, path: str, body: Any, *, status: int = 200) -> Any:
    """POST JSON and return the JSON of the answer."""
    response = client.post(f"{BASE}{path}", json.dumps(body), content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def names(entities: list[dict[str, Any]]) -> list[str]:
    """Return the names, in order."""
    return [entity["metadata"]["name"] for entity in entities]
