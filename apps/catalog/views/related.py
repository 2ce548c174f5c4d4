"""The entities that an entity has relations to: a page of each relation, loaded together when one is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import orjson
from django.http import QueryDict

from apps.catalog.queries import entities_by_refs
from apps.catalog.queries.briefs import EntityBrief, brief_of, entity_briefs, existing_refs
from apps.catalog.queries.trees import GroupTree, group_tree
from apps.catalog.views.links import EntityLink, entity_link, entity_links
from apps.catalog.views.rows import Column, EntityRow, entity_rows, refs_beside
from portal.credentials import Credentials
from portal.entities import Entity, ref_of
from portal.extensions.presentation import title_of

#: Relations to what may be thousands, and is counted instead of loaded.
COUNTED = frozenset({"ownerOf"})
#: So many entities of a relation are shown at first.
SHORT = 10
#: So many are on a page, once somebody asks for all of them.
LONG = 50
#: So many refs are looked up to see whether they lead somewhere. More are left alone, as in Backstage.
MAX_CHECKED = 1000

_PAGE = re.compile(r"pages\[(?P<key>[\w.-]+)\]")


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """A page of what an entity has one relation to. ``number`` counts from 1; 0 is the short list that comes first.

    ``missing`` are links to what isn't there. ``key`` is the page's name in the address, ``pages[<key>]=<number>``.
    """

    key: str
    total: int
    number: int
    entities: list[Entity]
    missing: list[EntityLink]

    @property
    def first(self) -> int:
        """The number of the first on the page."""
        return (self.number - 1) * LONG + 1 if self.number else 1

    @property
    def last(self) -> int:
        """The number of the last on the page."""
        return min(self.total, self.number * LONG if self.number else SHORT)


class RelatedEntities:
    """What an entity is related to, as far as it exists and may be seen.

    However much that is: one statement for the entities on the pages that are shown, one for what their rows name, and
    one to see which refs lead nowhere. ``query`` is the query string of the page.
    """

    def __init__(self, entity: Entity, credentials: Credentials, query: QueryDict | None = None) -> None:
        self.entity = entity
        self.ref = str(ref_of(entity))
        self.credentials = credentials
        self.pages = _page_numbers(query or QueryDict())

    def refs(self, relation: str, kind: str | None = None) -> Sequence[str]:
        """Return the refs that the entity has a relation to, in order; ``kind`` leaves those of one kind."""
        if kind is not None:
            return self._by_kind.get((relation, kind), ())
        return self._by_relation.get(relation, ())

    def page(self, relation: str, kind: str | None = None) -> RelatedPage:
        """Return the page of a relation that the address asks for."""
        key, refs = _key(relation, kind), self.refs(relation, kind)
        number = self._number(key, len(refs))
        shown = _slice(refs, number)
        found = [self._by_ref[ref] for ref in shown if ref in self._by_ref]
        if len(refs) <= len(shown):
            # All of it is at hand. Longer lists stand in order of their refs.
            found.sort(key=lambda entity: title_of(entity).casefold())
        missing = entity_links((ref for ref in shown if ref not in self._by_ref), {})
        return RelatedPage(key, len(refs), number, found, missing)

    def among(self, refs: Sequence[str]) -> list[Entity]:
        """Return the entities of some refs, in their order; those that aren't loaded yet take a statement."""
        unloaded = [ref for ref in refs if ref not in self._by_ref]
        found = zip(unloaded, entities_by_refs(unloaded, credentials=self.credentials) if unloaded else (), strict=True)
        loaded = {ref: orjson.loads(text) for ref, text in found if text is not None}
        return [entity for ref in refs if (entity := self._by_ref.get(ref) or loaded.get(ref)) is not None]

    def rows(self, entities: Iterable[Entity], columns: Sequence[Column]) -> list[EntityRow]:
        """Return the rows of a table of these entities."""
        return entity_rows(entities, columns, self.known)

    def links(self, relation: str, kind: str | None = None) -> list[EntityLink]:
        """Return links to what is on the short list; one to an entity that doesn't exist says so."""
        return entity_links(self.refs(relation, kind)[:SHORT], self.known)

    def others(self, relation: str, kind: str | None = None) -> list[EntityLink]:
        """Return links to what isn't on the short list; nothing is known of these but their refs."""
        return entity_links(self.refs(relation, kind)[SHORT:LONG])

    def link(self, ref: str) -> EntityLink:
        """Return the link to a ref that rows or trees of this page name."""
        return entity_link(ref, self.known)

    @cached_property
    def known(self) -> Mapping[str, EntityBrief]:
        """Briefs of everything that this page may link to, by ref. What isn't there doesn't exist."""
        own = {ref: brief_of(entity) for ref, entity in self._by_ref.items()} | {self.ref: brief_of(self.entity)}
        beside = refs_beside(self._by_ref.values()) | {one.owner for one in own.values()} | self._refs_of_tree
        return {**own, **entity_briefs(beside - own.keys() - {""}, credentials=self.credentials)}

    @cached_property
    def tree(self) -> GroupTree:
        """The groups around a group; for other kinds, nothing. One statement."""
        return group_tree(self.ref) if self.entity["kind"] == "Group" else GroupTree(self.ref)

    @cached_property
    def missing(self) -> list[EntityLink]:
        """Links to the refs that lead nowhere; none if there are too many to look."""
        refs = list(dict.fromkeys(ref for name in self._shown_relations for ref in self._by_relation[name]))
        if len(refs) > MAX_CHECKED:
            return []
        unsure = [ref for ref in refs if ref not in self.known]
        there = existing_refs(unsure, credentials=self.credentials)
        return entity_links((ref for ref in unsure if ref not in there), {})

    @cached_property
    def _by_relation(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for relation in self.entity.get("relations") or ():
            found.setdefault(relation["type"], []).append(relation["targetRef"])
        return found

    @cached_property
    def _by_kind(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for relation in self._shown_relations:
            for ref in self._by_relation[relation]:
                found.setdefault((relation, ref.partition(":")[0]), []).append(ref)
        return found

    @property
    def _shown_relations(self) -> list[str]:
        return [name for name in self._by_relation if name not in COUNTED]

    @cached_property
    def _by_ref(self) -> dict[str, Entity]:
        wanted: dict[str, None] = {}
        for (relation, kind), refs in self._by_kind.items():
            key = _key(relation, kind)
            wanted |= dict.fromkeys(_slice(refs, self._number(key, len(refs))))
        for relation in self._shown_relations:
            refs = self._by_relation[relation]
            number = self._number(relation, len(refs))
            wanted |= dict.fromkeys((*refs[:SHORT], *_slice(refs, number)))
        if not wanted:
            return {}
        found = entities_by_refs(list(wanted), credentials=self.credentials)
        return {ref: orjson.loads(text) for ref, text in zip(wanted, found, strict=True) if text is not None}

    @property
    def _refs_of_tree(self) -> set[str]:
        return {*self.tree.above, *self.tree.below[:MAX_CHECKED]}

    def _number(self, key: str, total: int) -> int:
        """Return which page is asked for; one beyond the end is the last."""
        return min(self.pages.get(key, 0), max(1, -(-total // LONG)))


def _key(relation: str, kind: str | None) -> str:
    return f"{relation}.{kind}" if kind else relation


def _slice(refs: Sequence[str], number: int) -> Sequence[str]:
    return refs[(number - 1) * LONG : number * LONG] if number else refs[:SHORT]


def _page_numbers(query: QueryDict) -> dict[str, int]:
    """Read ``pages[<key>]=<number>``. What no page can have, such as a number of a hundred digits, is left out."""
    return {
        match["key"]: int(value)
        for name, value in query.items()
        if (match := _PAGE.fullmatch(name)) and isinstance(value, str) and value.isdecimal() and len(value) < 8
    }
