"""Each rule says the same of an entity at hand as it does of the database."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from apps.catalog.models import FinalEntity
from apps.catalog.queries.filters import Matches
from apps.catalog.queries.sql import condition
from portal.services import permissions_registry
from tests.catalog.conftest import CatalogFolder

ENTITIES = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: cart
  labels: {tier: Gold}
  annotations: {github.com/project-slug: acme/cart}
  tags: [java]
spec: {type: service, lifecycle: production, owner: team-a, flags: [x, Y], nested: {deep: 1}}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: cart-api, labels: {tier: silver}}
spec: {type: openapi, lifecycle: production, owner: user:jane, definition: x}
"""


@pytest.mark.parametrize(
    ("rule", "params", "matches"),
    [
        ("HAS_ANNOTATION", {"annotation": "github.com/project-slug"}, {"cart"}),
        ("HAS_ANNOTATION", {"annotation": "github.com/project-slug", "value": "ACME/cart"}, {"cart"}),
        ("HAS_ANNOTATION", {"annotation": "github.com/project-slug", "value": "other"}, set()),
        ("HAS_ANNOTATION", {"annotation": "github"}, set()),
        ("HAS_LABEL", {"label": "tier"}, {"cart", "cart-api"}),
        ("HAS_LABEL", {"label": "tier", "value": "gold"}, {"cart"}),
        ("HAS_METADATA", {"key": "tags", "value": "java"}, {"cart"}),
        ("HAS_METADATA", {"key": "tags"}, {"cart"}),
        ("HAS_SPEC", {"key": "flags", "value": "y"}, {"cart"}),
        ("HAS_SPEC", {"key": "nested.deep", "value": "1"}, {"cart"}),
        ("HAS_SPEC", {"key": "type"}, {"cart", "cart-api"}),
        ("IS_ENTITY_KIND", {"kinds": ["API", "System"]}, {"cart-api"}),
        ("IS_ENTITY_KIND", {"kinds": []}, set()),
        ("IS_ENTITY_OWNER", {"claims": ["User:default/jane"]}, {"cart-api"}),
        ("IS_ENTITY_OWNER", {"claims": ["group:default/team-a", "user:default/jane"]}, {"cart", "cart-api"}),
    ],
)
def test_a_rule_means_the_same_at_hand_and_in_the_database(
    folder: CatalogFolder, rule: str, params: dict[str, Any], matches: set[str]
) -> None:
    folder.write("all.yaml", ENTITIES)
    folder.read("all.yaml")
    found = permissions_registry.rule("catalog-entity", rule)
    rows = FinalEntity.objects.exclude(entity_ref__startswith="location:")
    at_hand = {
        entity["metadata"]["name"]
        for entity in map(orjson.loads, rows.values_list("final_entity", flat=True))
        if found.apply(entity, params)
    }
    asked = rows.filter(condition(Matches(*found.to_query(params)), id_field="entity_id"))
    in_database = {ref.rpartition("/")[2] for ref in asked.values_list("entity_ref", flat=True)}
    assert at_hand == in_database == matches
