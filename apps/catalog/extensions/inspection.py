"""What the Inspect dialog shows: an entity's fields in order, its relations, its sources, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from apps.catalog.queries.briefs import EntityBrief, entity_briefs
from apps.catalog.queries.removal import colocated_with
from apps.catalog.queries.trees import sources_of
from apps.catalog.views.links import EntityLink, entity_link
from apps.catalog.views.related import RelatedEntities
from apps.catalog.views.rows import type_title
from portal.credentials import Credentials
from portal.entities import (
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    DEFAULT_NAMESPACE,
    Entity,
    ref_of,
)
from portal.extensions.presentation import title_of

#: So many relations of a type are listed.
MAX_LISTED = 50
#: So deep a tree is drawn. What leads to itself would be drawn for ever.
MAX_DEPTH = 12


def facts_of(entity: Entity) -> dict[str, Any]:
    """Return what an entity says about itself, in groups."""
    metadata = entity["metadata"]
    return {
        "identity": [
            (name, value)
            for name, value in (
                ("apiVersion", entity["apiVersion"]),
                ("kind", entity["kind"]),
                ("spec.type", type_title(entity)),
                ("entityRef", str(ref_of(entity))),
                ("uid", metadata.get("uid")),
                ("etag", metadata.get("etag")),
            )
            if value
        ],
        "metadata": [
            (name, value)
            for name, value in (
                ("name", metadata["name"]),
                ("namespace", metadata.get("namespace") or DEFAULT_NAMESPACE),
                ("title", metadata.get("title")),
                ("description", metadata.get("description")),
            )
            if value
        ],
        "annotations": _pairs(metadata.get("annotations")),
        "labels": _pairs(metadata.get("labels")),
        "tags": metadata.get("tags") or [],
        "status": (entity.get("status") or {}).get("items") or [],
    }


def relation_groups(related: RelatedEntities) -> list[dict[str, Any]]:
    """Return the relations by type; of many, the first and how many more there are."""
    types = dict.fromkeys(relation["type"] for relation in related.entity.get("relations") or ())
    return [
        {
            "type": type_,
            "total": len(refs),
            "links": [entity_link(ref) for ref in refs[:MAX_LISTED]],
            "more": max(0, len(refs) - MAX_LISTED),
        }
        for type_ in types
        for refs in [related.refs(type_)]
    ]


@dataclass(slots=True)
class Ancestor:
    """An entity, and those that led to it."""

    link: EntityLink
    sources: list[Ancestor] = field(default_factory=list)


def ancestry_tree(ref: str, *, credentials: Credentials) -> Ancestor:
    """Return an entity with the entities that led to it, as far as they may be seen. Two statements."""
    sources = sources_of(ref)
    refs = {ref, *sources, *(one for found in sources.values() for one in found)}
    return _ancestor(ref, sources, entity_briefs(refs, credentials=credentials), (ref,))


def _ancestor(
    ref: str, sources: Mapping[str, list[str]], known: Mapping[str, EntityBrief], way: tuple[str, ...]
) -> Ancestor:
    above = [one for one in sources.get(ref, ()) if one in known and one not in way] if len(way) < MAX_DEPTH else []
    return Ancestor(entity_link(ref, known), [_ancestor(one, sources, known, (*way, one)) for one in above])


def colocated_groups(entity: Entity, *, credentials: Credentials) -> list[dict[str, Any]]:
    """Return what came from the same file, and from the same registered root. Two statements."""
    groups = []
    for title, annotation in (
        (_("At the same location"), ANNOTATION_LOCATION),
        (_("At the same origin"), ANNOTATION_ORIGIN_LOCATION),
    ):
        found = colocated_with(entity, annotation, credentials=credentials)
        others = [one for one in found.entities if ref_of(one) != ref_of(entity)]
        links = [(entity_link(ref_of(one), {str(ref_of(one)): title_of(one)}), type_title(one)) for one in others]
        groups.append(
            {
                "title": title,
                "found": found,
                "links": links,
                "total": max(0, found.total - 1),
                "more": max(0, found.total - 1 - len(links)),
            }
        )
    return groups


def _pairs(values: object) -> list[tuple[str, str]]:
    return sorted((str(key), str(value)) for key, value in values.items()) if isinstance(values, Mapping) else []
