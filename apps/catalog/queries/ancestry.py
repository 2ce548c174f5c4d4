"""Ancestry: which entities led to an entity."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.catalog.models import FinalEntity, RefreshEdge
from apps.catalog.queries.entities import entity_by_ref
from apps.catalog.queries.sql import condition
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.entities import EntityRef


@dataclass
class Ancestor:
    """An entity on the way, as stored JSON text, and what led to it."""

    entity: str
    parents: list[str] = field(default_factory=list)


def entity_ancestry(ref: EntityRef, *, credentials: Credentials) -> list[Ancestor]:
    """Return the entity and its ancestors, nearest first, by two queries for each generation.

    An ancestor that may not be seen hides what lies above it. Raises ``NotFoundError`` for the entity itself.
    """
    seen = condition(visible_to(credentials), id_field="entity_id")
    found = {str(ref): Ancestor(entity_by_ref(ref, credentials=credentials))}
    generation = [str(ref)]
    while generation:
        edges = list(
            RefreshEdge.objects.filter(target_entity_ref__in=generation, source_entity_ref__isnull=False)
            .order_by("source_entity_ref")
            .values_list("target_entity_ref", "source_entity_ref")
        )
        parents = {source for _, source in edges}
        visible = dict(
            FinalEntity.objects.filter(seen, entity_ref__in=parents).values_list("entity_ref", "final_entity")
        )
        for target, source in edges:
            if source in visible:
                found[target].parents.append(source)
        generation = sorted(visible.keys() - found.keys())
        found |= {parent: Ancestor(visible[parent]) for parent in generation}
    return list(found.values())
