"""The graph to draw: who is in it, and by which relations they hang together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from apps.catalog_graph.queries.neighbourhood import Neighbourhood, Scope
from portal.entities import parse_ref
from portal.extensions.presentation import title_of

#: Two relations that say the same from either end; the first gives the edge its direction.
RelationPair = tuple[str, str]

#: Those of Backstage's model.
RELATION_PAIRS: tuple[RelationPair, ...] = (
    ("ownerOf", "ownedBy"),
    ("consumesApi", "apiConsumedBy"),
    ("apiProvidedBy", "providesApi"),
    ("hasPart", "partOf"),
    ("parentOf", "childOf"),
    ("hasMember", "memberOf"),
    ("dependsOn", "dependencyOf"),
)


class NodeState(StrEnum):
    """What a node stands for."""

    ROOT = "root"
    ENTITY = "entity"
    #: An entity that isn't in the catalog, or that the one who asks may not see.
    MISSING = "missing"
    #: Several entities that there is no room for.
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Node:
    """A node; ``id`` is the entity's ref. One that stands for ``count`` more entities bears the ref of their source."""

    id: str
    ref: str
    title: str
    state: NodeState
    #: The kind as the entity writes it.
    kind_title: str = ""
    count: int = 0

    @property
    def kind(self) -> str:
        """The entity's kind, in lowercase."""
        return "" if self.state == NodeState.MORE else self.ref.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Edge:
    """What relates two nodes: names of relations, each alone or with the one that says the same from the other end."""

    source: str
    target: str
    relations: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges. ``is_cut`` says that there would be more than is shown, beyond what its nodes say."""

    nodes: Sequence[Node] = field(default_factory=list)
    edges: Sequence[Edge] = field(default_factory=list)
    is_cut: bool = False


def graph_of(
    found: Neighbourhood,
    scope: Scope,
    *,
    pairs: Sequence[RelationPair],
    unidirectional: bool = True,
    merge_relations: bool = True,
) -> Graph:
    """Return the graph of a neighbourhood.

    ``unidirectional`` leaves out what the outermost entities say, and how an entity is related to one that is nearer to
    a root and says so itself. ``merge_relations`` makes one edge of two relations that are a pair.
    """
    collected = _Edges(pairs, unidirectional=unidirectional, merge_relations=merge_relations)
    nodes: list[Node] = []
    more: list[Node] = []
    for ref, entity in found.entities.items():
        parsed = parse_ref(ref)
        title = title_of(entity or parsed)
        if entity is None:
            nodes.append(Node(ref, ref, title, NodeState.MISSING, parsed.kind))
            continue
        nodes.append(Node(ref, ref, title, NodeState.ROOT if ref in scope.roots else NodeState.ENTITY, entity["kind"]))
        if unidirectional and ref not in found.followed:
            continue
        left_out: dict[str, None] = {}
        for relation, target in scope.relations_of(entity):
            if target in found.entities:
                collected.add(ref, target, relation)
            elif ref in found.followed:
                left_out[target] = None
                collected.add(ref, _more_of(ref), relation)
        if left_out:
            more.append(Node(_more_of(ref), ref, "", NodeState.MORE, count=len(left_out)))
    return Graph([*nodes, *more], collected.edges(), found.is_cut)


def _more_of(ref: str) -> str:
    return f"more:{ref}"


class _Edges:
    """Collects relations, and joins those between the same two nodes."""

    def __init__(self, pairs: Sequence[RelationPair], *, unidirectional: bool, merge_relations: bool) -> None:
        self._pairs = {relation: pair for pair in reversed(pairs) for relation in pair}
        self._unidirectional = unidirectional
        self._merge = merge_relations
        self._relations: dict[tuple[str, str], dict[tuple[str, ...], None]] = {}
        #: What was said, as said: from whom, to whom.
        self._said: set[tuple[str, str]] = set()

    def add(self, source: str, target: str, relation: str) -> None:
        """Add what the entity ``source`` says of its relation to ``target``."""
        if self._unidirectional and source != target and (target, source) in self._said:
            return
        self._said.add((source, target))
        pair: tuple[str, ...] = self._pairs.get(relation, (relation,)) if self._merge else (relation,)
        ends = (source, target) if pair[0] == relation else (target, source)
        self._relations.setdefault(ends, {})[pair] = None

    def edges(self) -> list[Edge]:
        """Return the edges, in the order in which they were first added."""
        return [Edge(*ends, tuple(relations)) for ends, relations in self._relations.items()]
