"""The entities that an entity has relations to, loaded together when the first is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import orjson

from apps.catalog.queries import entities_by_refs
from apps.catalog.queries.listing import entity_titles
from apps.catalog.views.links import EntityLink, entity_links
from apps.catalog.views.rows import Column, EntityRow, entity_rows, refs_beside, related_refs
from portal.credentials import Credentials
from portal.entities import Entity, entity_title, stringify_ref

#: Relations to what may be thousands, and is counted instead of loaded.
COUNTED = frozenset({"ownerOf"})
#: So many are loaded; a page that lists more isn't read.
MAX_RELATED = 500


class RelatedEntities:
    """What an entity is related to, as far as it exists and may be seen. One query, and one for rows of tables."""

    def __init__(self, entity: Entity, credentials: Credentials) -> None:
        self.entity = entity
        self.credentials = credentials

    def entities(self, relation: str, kind: str | None = None) -> list[Entity]:
        """Return the entities of one relation, by title; ``kind`` leaves those of one kind."""
        found = [self._by_ref[ref] for ref in self._refs(relation, kind) if ref in self._by_ref]
        return sorted(found, key=lambda entity: entity_title(entity).casefold())

    def rows(self, relation: str, columns: Sequence[Column], kind: str | None = None) -> list[EntityRow]:
        """Return the rows of a table of these entities."""
        return entity_rows(self.entities(relation, kind), columns, self._titles_beside)

    def links(self, relation: str, kind: str | None = None) -> list[EntityLink]:
        """Return links to all refs of one relation; one to an entity that doesn't exist says so."""
        return entity_links(self._refs(relation, kind), self.titles)

    @cached_property
    def titles(self) -> dict[str, str]:
        """The titles of the entities that exist, by ref."""
        return {ref: entity_title(entity) for ref, entity in self._by_ref.items()}

    @cached_property
    def missing(self) -> list[EntityLink]:
        """Links to the refs that lead nowhere; none if there are too many to look."""
        if len(self._wanted) > MAX_RELATED:
            return []
        return entity_links((ref for ref in self._wanted if ref not in self._by_ref), self.titles)

    def is_truncated(self, relation: str) -> bool:
        """Say whether some of a relation's entities were not loaded because there are too many."""
        loaded = set(self._wanted[:MAX_RELATED])
        return any(ref not in loaded for ref in related_refs(self.entity, relation))

    def _refs(self, relation: str, kind: str | None) -> list[str]:
        refs = related_refs(self.entity, relation)
        return refs if kind is None else [ref for ref in refs if ref.startswith(f"{kind}:")]

    @cached_property
    def _wanted(self) -> list[str]:
        relations = self.entity.get("relations") or []
        refs = (relation["targetRef"] for relation in relations if relation["type"] not in COUNTED)
        return list(dict.fromkeys(refs))

    @cached_property
    def _by_ref(self) -> dict[str, Entity]:
        wanted = self._wanted[:MAX_RELATED]
        if not wanted:
            return {}
        found = entities_by_refs(wanted, credentials=self.credentials)
        return {ref: orjson.loads(text) for ref, text in zip(wanted, found, strict=True) if text is not None}

    @cached_property
    def _titles_beside(self) -> dict[str, str]:
        own = {**self.titles, stringify_ref(self.entity): entity_title(self.entity)}
        beside = refs_beside(self._by_ref.values()) - own.keys()
        return {**own, **entity_titles(beside, credentials=self.credentials)}
