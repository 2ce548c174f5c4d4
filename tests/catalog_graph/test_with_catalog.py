"""The graph of the real catalog, asked through its API: what somebody may not see isn't in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.config import override_config
from portal.permissions import ALLOW, DENY, Decision, Permission, PermissionPolicy, PolicyUser
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.conftest import folder as folder  # noqa: PLC0414 (a fixture)
from tests.catalog.pages import Page

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "catalog_graph"])


class SeeNothing(PermissionPolicy):
    """Lets nobody read entities."""

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        """Deny the one permission."""
        return DENY if permission.name == "catalog.entity.read" else ALLOW


@pytest.fixture(autouse=True)
def _same_thread(settings: Any) -> None:
    """Keep requests in the test's transaction."""
    settings.PORTAL_SERVICES = {"transport": {"BACKEND": "portal.services.transport.TestClientTransport"}}


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    """Two components, one of which depends on the other and on what isn't there."""
    folder.write("all.yaml", f"{component('cart', dependsOn='[component:web, resource:nope]')}---{component('web')}")
    folder.read("all.yaml")
    return folder


def states(page: Page) -> dict[str, str]:
    """Return the states of nodes by their texts."""
    nodes = page.all("g", css="graph-node")
    texts = [text for text in page.all("text") if text.attributes.get("y") == "18"]
    return {text.text: node.attributes["data-state"] for node, text in zip(nodes, texts, strict=True)}


def test_a_graph_of_the_catalog(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog-graph?rootEntityRefs[]=component:cart")
    assert states(page) == {"cart": "root", "web": "entity", "nope": "missing", "team-a": "missing"}


def test_its_card_is_on_the_entity(shop: CatalogFolder, guest_client: Client) -> None:
    page = Page(guest_client, "/catalog/default/component/cart")
    assert "entity-card:catalog-graph/relations" in page.extensions
    assert "entity-context-menu-item:catalog-graph/view-graph" in page.extensions
    [place] = [one.attributes["hx-get"] for one in page.all("div") if "hx-get" in one.attributes]
    assert states(Page(guest_client, place))["cart"] == "root"


def test_what_somebody_may_not_see_is_not_in_it(shop: CatalogFolder, guest_client: Client, settings: Any) -> None:
    with override_config({"permission": {"enabled": True}}):
        settings.PORTAL_SERVICES = {
            **settings.PORTAL_SERVICES,
            "permissions": {
                "BACKEND": "portal.services.permissions.PolicyPermissions",
                "OPTIONS": {"policy": "tests.catalog_graph.test_with_catalog.SeeNothing"},
            },
        }
        page = Page(guest_client, "/catalog-graph?rootEntityRefs[]=component:cart")
    assert "Not in the catalog" in page.text
    assert page.all("g", css="graph-node") == []
