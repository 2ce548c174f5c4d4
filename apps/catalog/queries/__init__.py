"""Everything that reads the catalog for somebody: filtered by what they may see, and as the stored JSON text."""

from apps.catalog.queries.ancestry import entity_ancestry
from apps.catalog.queries.cursors import Cursor, FullText, Order
from apps.catalog.queries.entities import (
    count_entities,
    entities_by_refs,
    entity_by_ref,
    entity_by_uid,
    list_entities,
    list_entity_groups,
)
from apps.catalog.queries.explain import explain_entity
from apps.catalog.queries.explain_location import explain_location, parse_place
from apps.catalog.queries.explanations import Explanation, Verdict
from apps.catalog.queries.facets import entity_facets
from apps.catalog.queries.fields import Projection
from apps.catalog.queries.filters import EVERYTHING, NOTHING, AllOf, AnyOf, Filter, HasPrefix, Matches, NoneOf, both
from apps.catalog.queries.grammar import parse_filters, parse_orders, parse_predicate
from apps.catalog.queries.locations import (
    LocationCursor,
    LocationPage,
    location_of_entity,
    query_locations,
    registered_location,
    registered_locations,
)
from apps.catalog.queries.offset_pages import list_entities_by_offset, parse_after
from apps.catalog.queries.paging import EntityPage, query_entities
from apps.catalog.queries.unprocessed import failed_entities, pending_entities
from apps.catalog.queries.visibility import require_on_entity, visible_to

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "AllOf",
    "AnyOf",
    "Cursor",
    "EntityPage",
    "Explanation",
    "Filter",
    "FullText",
    "HasPrefix",
    "LocationCursor",
    "LocationPage",
    "Matches",
    "NoneOf",
    "Order",
    "Projection",
    "Verdict",
    "both",
    "count_entities",
    "entities_by_refs",
    "entity_ancestry",
    "entity_by_ref",
    "entity_by_uid",
    "entity_facets",
    "explain_entity",
    "explain_location",
    "failed_entities",
    "list_entities",
    "list_entities_by_offset",
    "list_entity_groups",
    "location_of_entity",
    "parse_after",
    "parse_filters",
    "parse_orders",
    "parse_place",
    "parse_predicate",
    "pending_entities",
    "query_entities",
    "query_locations",
    "registered_location",
    "registered_locations",
    "require_on_entity",
    "visible_to",
]
