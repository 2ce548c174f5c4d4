"""Entities as rows of a table: which columns a kind has, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.views.links import EntityLink, entity_link, entity_links
from portal.entities import DEFAULT_NAMESPACE, Entity, entity_title, ref_of


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of entities; ``key`` is the name of an attribute of ``EntityRow``."""

    key: str
    title: str


SYSTEM = Column("systems", "System")
OWNER = Column("owners", "Owner")
TYPE = Column("type", "Type")
LIFECYCLE = Column("lifecycle", "Lifecycle")
TAGS = Column("tags", "Tags")
TARGETS = Column("targets", "Targets")
KIND = Column("kind", "Kind")

#: What follows the name, by kind, as in Backstage. The description stands beneath the name and takes no column.
COLUMNS = {
    "user": (TAGS,),
    "domain": (OWNER, TAGS),
    "system": (OWNER, TAGS),
    "group": (TYPE, TAGS),
    "template": (TYPE, TAGS),
    "location": (TYPE, TARGETS),
    "resource": (SYSTEM, OWNER, TYPE, TAGS),
}
OTHER_COLUMNS = (SYSTEM, OWNER, TYPE, LIFECYCLE, TAGS)
MIXED_COLUMNS = (KIND, *OTHER_COLUMNS)


def columns_for(kind: str | None, *, typed: bool = False) -> tuple[Column, ...]:
    """Return the columns beside the name for entities of a kind; None for a list of several kinds.

    ``typed``: all have the type that was filtered by, so it needs no column. A namespace has none either: it stands
    beside the name of those entities that aren't in the default one.
    """
    columns = MIXED_COLUMNS if kind is None else COLUMNS.get(kind, OTHER_COLUMNS)
    return tuple(column for column in columns if column is not TYPE) if typed else columns


#: How people write the types of APIs.
_TYPE_TITLES = {"openapi": "OpenAPI", "asyncapi": "AsyncAPI", "graphql": "GraphQL", "grpc": "gRPC", "trpc": "tRPC"}


@dataclass(frozen=True, slots=True)
class EntityRow:
    """What a table says about one entity."""

    link: EntityLink
    kind: str
    description: str
    type: str
    lifecycle: str
    owners: list[EntityLink]
    systems: list[EntityLink]
    #: Empty for the default one.
    namespace: str
    tags: list[str]
    targets: list[str]


def entity_row(entity: Entity, titles: Mapping[str, str] | None = None) -> EntityRow:
    """Return the row of an entity. ``titles`` names the owners and systems; those that aren't in it don't exist."""
    ref = ref_of(entity)
    metadata, spec = entity["metadata"], spec_of(entity)
    return EntityRow(
        link=entity_link(ref, {str(ref): entity_title(entity)}),
        kind=entity["kind"],
        description=text_of(metadata.get("description")),
        type=type_title(entity),
        lifecycle=text_of(spec.get("lifecycle")),
        owners=entity_links(related_refs(entity, "ownedBy"), titles),
        systems=entity_links(systems_of(entity), titles),
        namespace="" if ref.namespace == DEFAULT_NAMESPACE else ref.namespace,
        tags=texts_of(metadata.get("tags")),
        targets=texts_of([spec.get("target"), *(spec.get("targets") or [])]),
    )


def entity_rows(entities: Iterable[Entity], titles: Mapping[str, str] | None = None) -> list[EntityRow]:
    """Return the rows of entities, in their order."""
    return [entity_row(entity, titles) for entity in entities]


def refs_beside(entities: Iterable[Entity]) -> set[str]:
    """Return the refs of the owners and systems that rows of these entities name."""
    return {ref for entity in entities for ref in (*related_refs(entity, "ownedBy"), *systems_of(entity))}


def related_refs(entity: Entity, relation: str) -> list[str]:
    """Return the refs that an entity has a relation to, in order."""
    return [found["targetRef"] for found in entity.get("relations") or [] if found["type"] == relation]


def systems_of(entity: Entity) -> list[str]:
    """Return the refs of the systems that an entity is part of."""
    return [ref for ref in related_refs(entity, "partOf") if ref.startswith("system:")]


def spec_of(entity: Entity) -> Mapping[str, Any]:
    """Return the spec, empty if the entity has none: kinds of others may do without."""
    spec = entity.get("spec")
    return spec if isinstance(spec, Mapping) else {}


def type_title(entity: Entity) -> str:
    """Return the type as people write it; empty if the entity has none."""
    written = text_of(spec_of(entity).get("type"))
    return _TYPE_TITLES.get(written.lower(), written) if entity["kind"] == "API" else written


def text_of(value: object) -> str:
    """Return a text as it is, and "" for what a kind that nobody knows may have in its place."""
    return value if isinstance(value, str) else ""


def texts_of(values: object) -> list[str]:
    """Return the texts of a list, and none of what isn't one."""
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
