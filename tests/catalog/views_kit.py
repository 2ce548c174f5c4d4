"""What the tests of the catalog's pages share: a small catalog with people."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.catalog.conftest import CatalogFolder
from tests.catalog.pages import Page

#: A second document, to stand after a component's.
BROKEN = "---\n        kind: [\n"


def fill(folder: CatalogFolder) -> CatalogFolder:
    """Make a small catalog with people, and with something of most kinds."""
    folder.write(
        "shop.yaml",
        """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: cart
          title: Shopping cart
          description: Remembers **everything**
          tags: [java, grpc]
          labels: {acme.example/tier: gold}
          links: [{url: 'https://grafana.example/cart', title: Dashboard, icon: dashboard}]
          annotations:
            backstage.io/source-location: url:https://git.example/cart/
            backstage.io/edit-url: https://git.example/cart/edit
        spec:
          type: service
          lifecycle: production
          owner: team-a
          system: shop
          providesApis: [cart-api]
          dependsOn: [component:web, resource:db]
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: web, tags: [java]}
        spec: {type: website, lifecycle: experimental, owner: team-b, system: shop, consumesApis: [cart-api]}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: tool, namespace: internal, tags: [grpc]}
        spec: {type: service, lifecycle: production, owner: user:default/jane}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata: {name: cart-api, title: Cart API}
        spec: {type: openapi, lifecycle: production, owner: team-a, definition: 'openapi: 3.0.0'}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Resource
        metadata: {name: db, title: Database}
        spec: {type: database, owner: team-b}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: System
        metadata: {name: shop, title: The shop}
        spec: {owner: team-a}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: team-a}
        spec: {type: team, children: [], profile: {displayName: Team A, email: a@acme.example}}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: {name: team-b}
        spec: {type: team, children: []}
        ---
        apiVersion: backstage.io/v1alpha1
        kind: User
        metadata: {name: jane}
        spec: {profile: {displayName: Jane Doe, email: jane@acme.example}, memberOf: [team-a]}
        """,
    )
    folder.read("shop.yaml")
    return folder


def names(client: Client, **filters: Any) -> list[str]:
    """Return the names in the list for some filters."""
    return Page(client, "/catalog", {f"filters[{name}]": value for name, value in filters.items()}).names
