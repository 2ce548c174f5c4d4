"""What the tests of registered locations share: files on the web, and requests about them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.test import Client

from tests.catalog.conftest import component
from tests.catalog.web import CatalogWeb

BASE = "/api/catalog/locations"
SHOP = "https://git.example/shop.yaml"
TOOLS = "https://git.example/tools.yaml"
NOBODY = "00000000-0000-0000-0000-000000000000"


def write_files(web: CatalogWeb) -> None:
    """Put files where locations may point."""
    more = """
        apiVersion: backstage.io/v1alpha1
        kind: Location
        metadata: {name: more}
        spec: {targets: [./shop.yaml]}
        """
    web.write(SHOP, component("cart") + "---" + component("till"))
    web.write(TOOLS, component("hammer") + "---" + more)


def ask(client: Client, method: str, path: str = "", body: Any = None, *, status: int = 200) -> Any:
    """Send a request below ``/locations`` and return the JSON of the answer, None if it has no body."""
    data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    response = getattr(client, method)(f"{BASE}{path}", **data)
    assert response.status_code == status, response.content
    return response.json() if response.content else None


def register(client: Client, target: str = SHOP, query: str = "", *, status: int = 201) -> Any:
    """Register a location by URL."""
    return ask(client, "post", query, {"type": "url", "target": target}, status=status)


def entity_ref(target: str) -> str:
    """Return the ref of a location's entity."""
    return f"location:default/generated-{hashlib.sha1(f'url:{target}'.encode()).hexdigest()}"
