"""Entities: refs, locations, rules, relations, files, search rows. Plain Python; an entity is a plain ``dict`` of JSON.

This is the public door; others import from here.
"""

from portal.entities.annotations import (
    ANNOTATION_EDIT_URL,
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    ANNOTATION_ORPHAN,
    ANNOTATION_SOURCE_LOCATION,
    ANNOTATION_VIEW_URL,
)
from portal.entities.documents import MAX_BYTES, Document, parse_documents
from portal.entities.entity import DEFAULT_NAMESPACE, Entity
from portal.entities.envelope import validate_entity, validate_envelope
from portal.entities.formats import DEFAULT_FORMATS, FieldFormats, Format
from portal.entities.hashing import stable_hash
from portal.entities.javascript import js_text
from portal.entities.kinds import (
    BUILTIN_LAYERS,
    KINDS,
    EntityModel,
    Kind,
    KindRegistry,
    ModelLayer,
    RelationField,
    compile_layers,
    validate_kind,
)
from portal.entities.locations import (
    LocationRef,
    is_script_url,
    is_unsafe_link,
    location_entity_name,
    location_of,
    origin_location_of,
    parse_location_ref,
    source_location_of,
)
from portal.entities.policies import Policy, apply_policies, group_default_parent
from portal.entities.predicates import Predicate, check_predicate, matches, value_at
from portal.entities.presentation import TITLE_FIELDS, entity_subtitle, entity_title, initials_of
from portal.entities.refs import EntityRef, RefLike, humanize_ref, parse_ref, ref_of, stringify_ref
from portal.entities.relations import Relation, relations_of, sort_relation_arrays
from portal.entities.search_index import MAX_KEY_LENGTH, MAX_VALUE_LENGTH, SearchRow, require_indexable, search_rows

__all__ = [
    "ANNOTATION_EDIT_URL",
    "ANNOTATION_LOCATION",
    "ANNOTATION_ORIGIN_LOCATION",
    "ANNOTATION_ORPHAN",
    "ANNOTATION_SOURCE_LOCATION",
    "ANNOTATION_VIEW_URL",
    "BUILTIN_LAYERS",
    "DEFAULT_FORMATS",
    "DEFAULT_NAMESPACE",
    "KINDS",
    "MAX_BYTES",
    "MAX_KEY_LENGTH",
    "MAX_VALUE_LENGTH",
    "TITLE_FIELDS",
    "Document",
    "Entity",
    "EntityModel",
    "EntityRef",
    "FieldFormats",
    "Format",
    "Kind",
    "KindRegistry",
    "LocationRef",
    "ModelLayer",
    "Policy",
    "Predicate",
    "RefLike",
    "Relation",
    "RelationField",
    "SearchRow",
    "apply_policies",
    "check_predicate",
    "compile_layers",
    "entity_subtitle",
    "entity_title",
    "group_default_parent",
    "humanize_ref",
    "initials_of",
    "is_script_url",
    "is_unsafe_link",
    "js_text",
    "location_entity_name",
    "location_of",
    "matches",
    "origin_location_of",
    "parse_documents",
    "parse_location_ref",
    "parse_ref",
    "ref_of",
    "relations_of",
    "require_indexable",
    "search_rows",
    "sort_relation_arrays",
    "source_location_of",
    "stable_hash",
    "stringify_ref",
    "validate_entity",
    "validate_envelope",
    "validate_kind",
    "value_at",
]
