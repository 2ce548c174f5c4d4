"""The wire client that other plugins use, against the real API through the real transport."""

from __future__ import annotations

from typing import Any

import pytest

from portal.clients import catalog
from portal.config import override_config
from portal.credentials import AccessRestriction, Credentials, ServicePrincipal, UserPrincipal
from portal.errors import InputError, NotAllowedError, NotFoundError
from tests.catalog.conftest import CatalogFolder, component


@pytest.fixture(autouse=True)
def _same_thread(settings: Any) -> None:
    """Keep requests in the test's transaction."""
    settings.PORTAL_SERVICES = {"transport": {"BACKEND": "portal.services.transport.TestClientTransport"}}


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    """Seven components and an API."""
    api = """
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata: {name: web-api}
        spec: {type: openapi, lifecycle: production, owner: team-b, definition: x}
        """
    folder.write("all.yaml", "---".join([*(component(f"c-{number}") for number in range(7)), api]))
    folder.read("all.yaml")
    return folder


def test_an_entity_is_found_by_any_form_of_its_ref(shop: CatalogFolder) -> None:
    for ref in ("component:c-1", "Component:Default/C-1"):
        entity = catalog.get_entity(ref)
        assert entity is not None
        assert entity["metadata"]["name"] == "c-1"
    assert catalog.get_entity("component:nope") is None
    with pytest.raises(InputError):
        catalog.get_entity("no-kind")


def test_many_are_found_in_their_order(shop: CatalogFolder) -> None:
    found = catalog.get_entities_by_refs(["api:web-api", "component:nope", "component:c-2"], fields=["kind"])
    assert found == [{"kind": "API"}, None, {"kind": "Component"}]


def test_pages_lead_to_each_other(shop: CatalogFolder) -> None:
    page = catalog.query_entities(filter="kind=component", order_by=[("metadata.name", "desc")], limit=3)
    assert [entity["metadata"]["name"] for entity in page.items] == ["c-6", "c-5", "c-4"]
    assert page.total == 7
    after = catalog.query_entities(cursor=page.next_cursor, limit=3)
    assert [entity["metadata"]["name"] for entity in after.items] == ["c-3", "c-2", "c-1"]
    assert after.previous_cursor


def test_everything_is_walked_a_page_at_a_time(shop: CatalogFolder) -> None:
    walked = catalog.iter_entities(filter=["kind=component", "kind=api"], fields=["metadata.name"], page_size=3)
    names = [entity["metadata"]["name"] for entity in walked]
    assert sorted(names) == [*(f"c-{number}" for number in range(7)), "web-api"]
    assert catalog.count_entities(filter="kind=component") == 7


def test_full_text_and_facets(shop: CatalogFolder) -> None:
    page = catalog.query_entities(full_text="web", full_text_fields=["metadata.name"])
    assert [entity["metadata"]["name"] for entity in page.items] == ["web-api"]
    assert catalog.get_facets(["kind"], filter="kind=api,kind=component") == {"kind": {"API": 1, "Component": 7}}


def test_ancestry(shop: CatalogFolder) -> None:
    (entity, parents), *_ = catalog.get_ancestry("component:c-1")
    assert entity["metadata"]["name"] == "c-1"
    assert parents[0].startswith("location:default/generated-")
    with pytest.raises(NotFoundError):
        catalog.get_ancestry("component:nope")


def test_on_behalf_of_a_person_it_sees_what_they_may(shop: CatalogFolder, settings: Any) -> None:
    settings.PORTAL_SERVICES = settings.PORTAL_SERVICES | {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
        }
    }
    jane = Credentials(UserPrincipal("user:default/jane", ("user:default/jane",)))
    with override_config({"permission": {"enabled": True}}):
        hers = catalog.acting_for("search", jane)
        assert hers.get_entity("component:c-1") is None
        assert hers.get_entity("api:web-api") is not None
        assert catalog.acting_for("search").get_entity("component:c-1") is not None


def test_a_restricted_programs_word_isnt_passed_on(shop: CatalogFolder) -> None:
    ci = Credentials(ServicePrincipal("ci", (AccessRestriction("search"),)))
    with pytest.raises(NotAllowedError):
        catalog.acting_for("search", ci).get_entity("component:c-1")
