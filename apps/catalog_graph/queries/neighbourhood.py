"""The entities around some others, as far as the one who asks may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from portal.clients import CatalogClient
from portal.entities import TITLE_FIELDS, Entity

#: What of an entity a graph shows.
FIELDS = (*TITLE_FIELDS, "relations")


@dataclass(frozen=True, slots=True)
class Scope:
    """What to look for: from ``roots`` (canonical refs) to ``depth``; None goes as far as ``Limits`` allow.

    Of ``kinds`` (lowercase) and ``relations``, none means all.
    """

    roots: tuple[str, ...]
    depth: int | None = None
    kinds: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()

    def relations_of(self, entity: Entity) -> Iterator[tuple[str, str]]:
        """Yield type and target of the relations that are looked for, each once."""
        for kind, ref in dict.fromkeys((one["type"], one["targetRef"]) for one in entity.get("relations") or ()):
            if self._wants(kind, ref):
                yield kind, ref

    def _wants(self, relation: str, ref: str) -> bool:
        if self.relations and relation not in self.relations:
            return False
        return not self.kinds or ref in self.roots or ref.partition(":")[0] in self.kinds


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is looked at: entities, levels, and entities by one relation of one entity."""

    entities: int = 300
    levels: int = 12
    by_relation: int = 25


@dataclass(slots=True)
class Neighbourhood:
    """Entities by ref, in the order in which they were found; None for one that isn't there or may not be seen.

    ``followed`` are the refs whose relations were followed. ``is_cut`` says that limits kept out what belongs to it.
    """

    entities: dict[str, Entity | None] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    is_cut: bool = False


def explore(client: CatalogClient, scope: Scope, limits: Limits) -> Neighbourhood:
    """Return what is around the roots. It takes one request for each level, and never more than ``limits.levels``."""
    found = Neighbourhood()
    level = list(dict.fromkeys(scope.roots))[: limits.entities]
    depth = limits.levels if scope.depth is None else min(scope.depth, limits.levels)
    for number in range(depth + 1):
        entities = client.get_entities_by_refs(level, fields=FIELDS)
        found.entities |= zip(level, entities, strict=True)
        if number == depth:
            found.is_cut |= depth != scope.depth and any(_beyond(found, scope, level))
            break
        found.followed.update(level)
        level = _next_level(found, scope, limits, level)
        if not level:
            break
    return found


def _next_level(found: Neighbourhood, scope: Scope, limits: Limits, level: Sequence[str]) -> list[str]:
    """Return the refs that are found from a level and are new, as many as there may be."""
    new = dict.fromkeys(_beyond(found, scope, level, limits.by_relation))
    room = limits.entities - len(found.entities)
    found.is_cut |= len(new) > room
    return list(islice(new, room))


def _beyond(found: Neighbourhood, scope: Scope, level: Sequence[str], by_relation: int | None = None) -> Iterator[str]:
    for ref in level:
        targets: dict[str, list[str]] = {}
        for relation, target in scope.relations_of(found.entities[ref] or {}):
            if target not in found.entities:
                targets.setdefault(relation, []).append(target)
        for new in targets.values():
            yield from new[:by_relation]
