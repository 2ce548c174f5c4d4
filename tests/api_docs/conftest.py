"""A catalog with an API of each type. Requests to it stay in the test's transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, folder

__all__ = ["folder"]

OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "2.1", "description": "Sells **things**."},
    "servers": [{"url": "https://api.shop.example/v2"}, {"url": "/relative"}],
    "paths": {
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "tags": ["Orders"],
                "summary": "Read an order",
                "responses": {
                    "200": {
                        "description": "The order",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Order"},
                                "example": {"id": 7},
                            }
                        },
                    }
                },
            },
            "delete": {"tags": ["Orders"], "deprecated": True, "responses": {"204": {"description": "It is gone"}}},
        }
    },
    "components": {
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "state": {"type": "string", "enum": ["new", "paid"]},
                    "replaces": {"$ref": "#/components/schemas/Order"},
                },
            }
        }
    },
}
ASYNCAPI = """
asyncapi: 3.0.0
info: {title: Lights, version: 1.0.0}
channels:
  measured:
    address: light/{id}/measured
    messages: {brightness: {$ref: '#/components/messages/Brightness'}}
operations:
  receive:
    action: receive
    summary: How bright it is
    channel: {$ref: '#/channels/measured'}
components:
  messages:
    Brightness: {name: brightness, payload: {type: object, properties: {lumens: {type: integer}}}}
"""
GRAPHQL = """
type Query {
  "One product"
  product(id: ID!): Product
}
type Product { name: String! old: String @deprecated(reason: "use name") }
"""
PROTO = """
syntax = "proto3";
package shop.v1;
service Prices {
  // Says what a product costs.
  rpc Get (PriceRequest) returns (stream Price);
}
message PriceRequest { string sku = 1; }
message Price { int64 cents = 1; enum Currency { EUR = 0; } }
"""
DEFINITIONS = {
    "shop-api": ("openapi", json.dumps(OPENAPI)),
    "light-events": ("asyncapi", ASYNCAPI),
    "products": ("graphql", GRAPHQL),
    "prices": ("grpc", PROTO),
    "calls": ("trpc", '{"procedures": []}'),
    "quotes": ("wsdl", "<definitions>&</definitions>"),
}
DATABASES = ["default", "api_docs", "catalog"]

AddApi = Callable[..., None]


def api(name: str, type: str, definition: str | None, **metadata: Any) -> dict[str, Any]:
    """Return an API as a file has it."""
    spec = {"type": type, "lifecycle": "production", "owner": "team-a", "system": "shop"}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "API",
        "metadata": {"name": name, **metadata},
        "spec": spec if definition is None else {**spec, "definition": definition},
    }


@pytest.fixture(autouse=True)
def _same_thread(settings: Any) -> None:
    settings.PORTAL_SERVICES = {"transport": {"BACKEND": "portal.services.transport.TestClientTransport"}}


@pytest.fixture
def add(folder: CatalogFolder) -> AddApi:
    """Add APIs to the catalog: ``add(api(…), …)``."""

    def add_apis(*apis: dict[str, Any]) -> None:
        folder.write("apis.yaml", "\n---\n".join(json.dumps(one) for one in apis))
        folder.read("apis.yaml")

    return add_apis


@pytest.fixture
def apis(add: AddApi) -> None:
    """Put an API of each type into the catalog."""
    add(*(api(name, kind, text, tags=[kind]) for name, (kind, text) in DEFINITIONS.items()))


def configured(*entries: object) -> Any:
    """Configure extensions, as ``app.extensions`` does."""
    return override_config({"app": {"extensions": list(entries)}})
