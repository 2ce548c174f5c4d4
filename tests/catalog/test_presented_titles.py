"""What entities are called where an integrator replaces the API that presents them: the same on every page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from portal.entities import Entity, EntityRef, ref_of
from portal.extensions import get_tree
from portal.extensions.utility import EntityPresentation, EntityPresentationApi
from tests.catalog.conftest import CatalogFolder

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "catalog_graph", "api_docs", "home"])

ENTITIES = """
    apiVersion: backstage.io/v1alpha1
    kind: Component
    metadata: {name: cart, title: The cart}
    spec: {type: service, lifecycle: production, owner: team-a, system: shop, providesApis: [cart-api]}
    ---
    apiVersion: backstage.io/v1alpha1
    kind: API
    metadata: {name: cart-api, title: The API}
    spec: {type: openapi, lifecycle: production, owner: team-a, system: shop, definition: 'openapi: 3.0.0'}
    ---
    apiVersion: backstage.io/v1alpha1
    kind: System
    metadata: {name: shop, title: The shop}
    spec: {owner: team-a}
    ---
    apiVersion: backstage.io/v1alpha1
    kind: Group
    metadata: {name: team-a}
    spec: {type: team, children: [], profile: {displayName: The team}}
    ---
    apiVersion: backstage.io/v1alpha1
    kind: User
    metadata: {name: jane}
    spec: {memberOf: [team-a], profile: {displayName: The person}}
"""
#: What entities are called by the catalog's own rules.
TITLES = re.compile(r"The (?:cart|API|shop|team|person)\b")


class Renamed(EntityPresentationApi):
    """Calls entities by their names in brackets."""

    def of(
        self, entity: Entity | EntityRef, *, default_kind: str | None = None, default_namespace: str = "default"
    ) -> EntityPresentation:
        """Return the name in brackets."""
        ref = entity if isinstance(entity, EntityRef) else ref_of(entity)
        return EntityPresentation(f"[{ref.name}]", f"more of [{ref.name}]", ref, "box")


@pytest.fixture
def renamed(folder: CatalogFolder, settings: Any, monkeypatch: pytest.MonkeyPatch) -> CatalogFolder:
    """A shop whose entities go by other names."""
    settings.PORTAL_SERVICES = {"transport": {"BACKEND": "portal.services.transport.TestClientTransport"}}
    folder.write("all.yaml", ENTITIES)
    folder.read("all.yaml", rules=[{"allow": ["Component", "API", "System", "Group", "User"]}])
    node = get_tree().nodes["api:catalog/entity-presentation"]
    monkeypatch.setattr(node.extension, "api", Renamed())
    return folder


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/catalog?filters[kind]=component", ["cart", "team-a", "shop"]),
        ("/catalog?filters[kind]=user", ["jane"]),
        ("/catalog/-/options/owners?filters[kind]=component", ["team-a"]),
        ("/catalog/-/export?format=csv&filters[kind]=component", ["cart"]),
        ("/catalog/default/component/cart", ["cart", "team-a", "shop", "cart-api"]),
        ("/catalog/default/component/cart?inspect=colocated", ["cart", "jane"]),
        ("/catalog/default/system/shop", ["shop", "cart", "cart-api"]),
        ("/catalog/default/group/team-a", ["team-a", "jane"]),
        ("/catalog/default/user/jane", ["jane", "team-a"]),
        ("/catalog-graph?rootEntityRefs[]=component:default/cart", ["cart", "team-a", "cart-api"]),
        ("/catalog-graph?text=cart", ["cart"]),
        ("/api-docs?scope=all", ["cart-api", "team-a", "shop"]),
        ("/-/palette?q=cart", ["cart"]),
    ],
)
def test_entities_are_called_alike_on_every_page(
    renamed: CatalogFolder, guest_client: Client, path: str, names: list[str]
) -> None:
    response: Any = guest_client.get(path)
    assert response.status_code == 200
    text = unescape((response.getvalue() if response.streaming else response.content).decode())
    assert [name for name in names if f"[{name}]" not in text] == []
    assert TITLES.findall(text) == []


def test_what_more_there_is_to_say_is_a_tooltip(renamed: CatalogFolder, guest_client: Client) -> None:
    html = guest_client.get("/catalog/default/component/cart").content.decode()
    assert '<h1 title="more of [cart]">[cart]</h1>' in html


def test_what_somebody_starred_is_called_so_on_their_home_page(renamed: CatalogFolder, guest_client: Client) -> None:
    token = {"X-CSRFToken": guest_client.cookies["greenroom_csrf"].value}
    guest_client.post("/catalog/-/star", {"star": "component:default/cart"}, headers=token)
    assert "[cart]" in guest_client.get("/home").content.decode()
