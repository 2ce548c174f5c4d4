"""What stands above and below an entity: groups of groups, and which entities led to which."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.catalog.queries.sql import Sql
from apps.catalog.queries.statements import fetch

#: So many generations are followed.
MAX_DEPTH = 50
#: So many pairs are read; a larger tree is cut off.
MAX_PAIRS = 5_000


@dataclass(frozen=True, slots=True)
class GroupTree:
    """The groups around one: ``above`` from the nearest to the root, ``children`` by the ref of each group."""

    ref: str
    above: list[str] = field(default_factory=list)
    children: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def below(self) -> list[str]:
        """Every group below, the nearest first, each once."""
        found = dict.fromkeys(walk(self.ref, lambda ref: self.children.get(ref, ())))
        return [ref for ref in found if ref != self.ref]


def group_tree(ref: str) -> GroupTree:
    """Return the groups above and below one, by what the entities say about each other. One statement.

    Whether somebody may see them is for the caller to ask.
    """
    # By the index: the relations of a group are those to its members too, tens of thousands.
    text = (
        "WITH RECURSIVE up(parent, child, depth) AS ("
        "SELECT e.value, f.entity_ref, 1 FROM catalog_finalentity f JOIN catalog_searchentry e "
        "ON e.entity_id = f.entity_id AND e.key = 'relations.childof' WHERE f.entity_ref = %s UNION "
        "SELECT e.value, f.entity_ref, u.depth + 1 FROM up u JOIN catalog_finalentity f ON f.entity_ref = u.parent "
        "JOIN catalog_searchentry e ON e.entity_id = f.entity_id AND e.key = 'relations.childof' WHERE u.depth < %s"
        "), down(parent, child, depth) AS ("
        "SELECT e.value, f.entity_ref, 1 FROM catalog_searchentry e JOIN catalog_finalentity f "
        "ON f.entity_id = e.entity_id WHERE e.key = 'relations.childof' AND e.value = %s UNION "
        "SELECT e.value, f.entity_ref, d.depth + 1 FROM down d JOIN catalog_searchentry e "
        "ON e.key = 'relations.childof' AND e.value = d.child "
        "JOIN catalog_finalentity f ON f.entity_id = e.entity_id WHERE d.depth < %s"
        ") SELECT 0 AS way, parent, child, MIN(depth) AS depth FROM up GROUP BY parent, child "
        "UNION ALL SELECT 1, parent, child, MIN(depth) FROM down GROUP BY parent, child "
        "ORDER BY way, depth, parent, child LIMIT %s"
    )
    rows = fetch(Sql(text, (ref, MAX_DEPTH, ref, MAX_DEPTH, MAX_PAIRS)))
    children: dict[str, list[str]] = {}
    parents: dict[str, list[str]] = {}
    for way, parent, child, _ in rows:
        if way:
            children.setdefault(parent, []).append(child)
        else:
            parents.setdefault(child, []).append(parent)
    # Of several groups above, the first: a group has one parent, unless files contradict each other.
    above = walk(ref, lambda one: parents.get(one, ())[:1])
    return GroupTree(ref, [one for one in above if one != ref], children)


def sources_of(ref: str) -> Mapping[str, list[str]]:
    """Return which entities led to an entity, and to those, and so on: the sources by ref. One statement."""
    text = (
        "WITH RECURSIVE above(target, source, depth) AS (SELECT target_entity_ref, source_entity_ref, 1 "
        "FROM catalog_refreshedge WHERE target_entity_ref = %s AND source_entity_ref IS NOT NULL UNION "
        "SELECT e.target_entity_ref, e.source_entity_ref, a.depth + 1 FROM catalog_refreshedge e "
        "JOIN above a ON e.target_entity_ref = a.source "
        "WHERE e.source_entity_ref IS NOT NULL AND a.depth < %s) "
        "SELECT target, source, MIN(depth) AS depth FROM above GROUP BY target, source "
        "ORDER BY depth, target, source LIMIT %s"
    )
    sources: dict[str, list[str]] = {}
    for target, source, _ in fetch(Sql(text, (ref, MAX_DEPTH, MAX_PAIRS))):
        sources.setdefault(target, []).append(source)
    return sources


def walk(start: str, following: Callable[[str], Sequence[str]]) -> Iterable[str]:
    """Yield what can be reached, the nearest first and each once, ``start`` included; circles end."""
    seen, waiting = {start}, deque([start])
    while waiting:
        current = waiting.popleft()
        yield current
        for one in following(current):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
