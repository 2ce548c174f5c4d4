"""The drawing of a graph as templates need it: shapes, texts, and where nodes lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple, Self

from django.utils.translation import ngettext

from apps.catalog_graph import routes
from apps.catalog_graph.forms import STEPS
from apps.catalog_graph.layout import Box, Direction, Line, Point, Route, arrange
from apps.catalog_graph.queries import Graph, Node, NodeState
from apps.catalog_graph.views.lettering import printable, shortened, width_of
from portal.entities import parse_ref
from portal.extensions.icons import kind_icon
from portal.routes.urls import url_for

#: Sizes of the drawing, in pixels.
TITLE_SIZE, LABEL_SIZE, LABEL_LINE = 13.0, 11.0, 15.0
NODE_HEIGHT, ICON_ROOM, PADDING, OPEN_ROOM = 36.0, 24.0, 12.0, 28.0
WIDEST_TITLE, WIDEST_LABEL = 210.0, 260.0
#: Bold letters are wider.
BOLD = 1.08
#: How far an arrow's head reaches back from its tip, and to each side.
HEAD_LENGTH, HEAD_SIDE = 7.0, 4.0

LinkOf = Callable[[str], str]
Relations = Sequence[tuple[str, ...]]

#: Somebody goes back to a graph, reads it in words, or other people look at it: layouts are kept.
_arranged = lru_cache(maxsize=16)(arrange)


@dataclass(frozen=True, slots=True)
class PictureNode:
    """A node as it is drawn: its upper left corner and size, the shortened title, and what it leads to.

    ``url`` is where the node leads, ``entity_url`` where its second, smaller link does; either may be empty.
    """

    id: str
    ref: str
    #: Its position among the nodes.
    number: int
    x: float
    y: float
    width: float
    height: float
    text: str
    title: str
    kind: str
    kind_title: str
    state: str
    #: The name of the kind's icon; empty if it is of none.
    icon: str = ""
    #: How many entities it stands for, where it is one for several.
    count: int = 0
    url: str = ""
    entity_url: str = ""

    @property
    def text_x(self) -> float:
        """Where the text begins, from the node's left border."""
        return PADDING + (ICON_ROOM if self.kind else 0)

    @property
    def open_x(self) -> float:
        """Where the smaller link begins, from the node's left border."""
        return self.width - OPEN_ROOM


@dataclass(frozen=True, slots=True)
class PictureEdge:
    """An edge as it is drawn: the data of its path, and what it says, the first line at ``label``."""

    source: PictureNode
    target: PictureNode
    path: str
    label: Point
    lines: Sequence[str]
    relations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lettering:
    """What an edge says: a line for each of its relations, as there is room, with the one from the other end.

    ``size`` is what the lines take together, ``spoken`` are the relations in full.
    """

    lines: Sequence[str]
    size: tuple[float, float]
    spoken: Sequence[str]

    @classmethod
    def of(cls, relations: Relations) -> Self:
        """Return the lettering of an edge with these relations."""
        lines = [" / ".join(_shortened(relation)) for relation in relations]
        width = max(width_of(line, LABEL_SIZE) for line in lines) + 8
        return cls(lines, (width, LABEL_LINE * len(lines)), [printable(" / ".join(one)) for one in relations])

    def around(self, centre: Point) -> Point:
        """Return where the first line is when all of them are around a centre."""
        return Point(centre.x, centre.y - LABEL_LINE * (len(self.lines) - 1) / 2)


class ViewBox(NamedTuple):
    """The part of the plane that an ``<svg>`` shows."""

    x: float
    y: float
    width: float
    height: float

    def __str__(self) -> str:
        return " ".join(f"{number:g}" for number in self)


@dataclass(frozen=True, slots=True)
class LegendItem:
    """What a colour and an icon mean."""

    kind: str
    icon: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, what its signs mean, and the same in words: edges by their source."""

    width: float
    height: float
    nodes: Sequence[PictureNode]
    edges: Sequence[PictureEdge]

    @property
    def sentences(self) -> list[tuple[PictureNode, list[PictureEdge]]]:
        """The edges by the node that they lead away from, in the order of the nodes."""
        edges = sorted(self.edges, key=lambda edge: edge.source.number)
        groups = (list(group) for _, group in groupby(edges, lambda edge: edge.source.number))
        return [(group[0].source, group) for group in groups]

    @property
    def legend(self) -> list[LegendItem]:
        """The kinds that occur, in order of their titles."""
        titles = {node.kind: node.kind_title for node in self.nodes if node.kind}
        return [LegendItem(kind, kind_icon(kind), title) for kind, title in sorted(titles.items())]

    @property
    def icons(self) -> list[str]:
        """The icons that are drawn."""
        return sorted({node.icon for node in self.nodes if node.icon})

    def view_box(self, least_width: float, least_height: float) -> ViewBox:
        """Return what an ``<svg>`` is to show: everything, with so much around it that it isn't enlarged."""
        width, height = max(self.width, least_width), max(self.height, least_height)
        return ViewBox((self.width - width) / 2, (self.height - height) / 2, width, height)

    @property
    def states(self) -> set[str]:
        """What kinds of nodes occur, beside entities."""
        return {node.state for node in self.nodes}

    @property
    def entity_count(self) -> int:
        """How many nodes stand for one entity."""
        return sum(node.state != NodeState.MORE for node in self.nodes)


def picture_of(graph: Graph, *, direction: Direction, curve: str, graph_url: LinkOf | None = None) -> Picture:
    """Draw a graph.

    ``graph_url`` gives where the graph of another root is; without it, nodes lead to their entities.
    """
    shapes = {node.id: _shape(number, node, graph_url) for number, node in enumerate(graph.nodes)}
    boxes = tuple(Box(shape.id, shape.width, shape.height) for shape in shapes.values())
    # Most edges say the same.
    letterings = {relations: Lettering.of(relations) for relations in {edge.relations for edge in graph.edges}}
    lines = tuple(Line(edge.source, edge.target, *letterings[edge.relations].size) for edge in graph.edges)
    drawing = _arranged(boxes, lines, direction)
    nodes = {
        place.id: replace(
            shapes[place.id], x=round(place.x - place.width / 2, 1), y=round(place.y - place.height / 2, 1)
        )
        for place in drawing.places
    }
    edges = [
        PictureEdge(
            nodes[edge.source],
            nodes[edge.target],
            path_of(route, horizontal=direction.is_horizontal, curve=curve),
            letterings[edge.relations].around(route.label),
            letterings[edge.relations].lines,
            letterings[edge.relations].spoken,
        )
        for edge, route in zip(graph.edges, drawing.routes, strict=True)
    ]
    return Picture(drawing.width, drawing.height, list(nodes.values()), edges)


def path_of(route: Route, *, horizontal: bool, curve: str) -> str:
    """Return a route as the data of an SVG path: straight within pairs of points, bent between them, then an arrow.

    The arrow is part of the path: a browser takes as long for a marker as for a path.
    """
    points = route.points
    parts, before = [f"M{_at(points[0])}", *_straight(points[0], points[1])], points[0]
    for number in range(2, len(points), 2):
        begin, end, straight_to = points[number - 1], points[number], points[number + 1]
        middle = (begin.x + end.x) / 2 if horizontal else (begin.y + end.y) / 2
        first = Point(middle, begin.y) if horizontal else Point(begin.x, middle)
        second = Point(middle, end.y) if horizontal else Point(end.x, middle)
        if curve == STEPS:
            parts.append(f"L{_at(first)}L{_at(second)}L{_at(end)}")
        else:
            parts.append(f"C{_at(first)} {_at(second)} {_at(end)}")
        parts += _straight(end, straight_to)
        before = second if end == straight_to else end
    return "".join([*parts, _head(before, points[-1])])


def _straight(begin: Point, end: Point) -> list[str]:
    return [f"L{_at(end)}"] if begin != end else []


def _head(before: Point, tip: Point) -> str:
    """Return the head of an arrow at the end of a path, which comes there along one of the axes."""
    if abs(tip.x - before.x) > abs(tip.y - before.y):
        back = HEAD_LENGTH if before.x > tip.x else -HEAD_LENGTH
        return f"m{back:g},{-HEAD_SIDE:g} {-back:g},{HEAD_SIDE:g} {back:g},{HEAD_SIDE:g}"
    back = HEAD_LENGTH if before.y > tip.y else -HEAD_LENGTH
    return f"m{-HEAD_SIDE:g},{back:g} {HEAD_SIDE:g},{-back:g} {HEAD_SIDE:g},{back:g}"


def _at(point: Point) -> str:
    return f"{point.x:g},{point.y:g}"


def _shape(number: int, node: Node, graph_url: LinkOf | None) -> PictureNode:
    """Return a node with its size, at no place yet."""
    is_root = node.state == NodeState.ROOT
    title = printable(node.title) or node.ref
    if node.state == NodeState.MORE:
        title = ngettext("%(count)d more", "%(count)d more", node.count) % {"count": node.count}
    size = TITLE_SIZE * (BOLD if is_root else 1)
    text = shortened(title, size, WIDEST_TITLE)
    url, entity_url = _links(node, graph_url)
    width = PADDING + (ICON_ROOM if node.kind else 0) + width_of(text, size) + (OPEN_ROOM if entity_url else PADDING)
    return PictureNode(
        id=node.id,
        ref=node.ref,
        number=number,
        x=0,
        y=0,
        width=round(width),
        height=NODE_HEIGHT,
        text=text,
        title=title,
        kind=node.kind,
        kind_title=printable(node.kind_title),
        state=node.state,
        icon=kind_icon(node.kind) if node.kind else "",
        count=node.count,
        url=url,
        entity_url=entity_url,
    )


def _links(node: Node, graph_url: LinkOf | None) -> tuple[str, str]:
    ref = parse_ref(node.ref)
    entity_url = url_for(routes.catalog_entity, namespace=ref.namespace, kind=ref.kind, name=ref.name) or ""
    match node.state:
        case NodeState.MISSING:
            return "", ""
        case NodeState.MORE | NodeState.ROOT:
            return entity_url, ""
        case _:
            return (graph_url(node.ref), entity_url) if graph_url is not None else (entity_url, "")


def _shortened(relation: Sequence[str]) -> Iterator[str]:
    room = WIDEST_LABEL / len(relation)
    return (shortened(printable(one), LABEL_SIZE, room) for one in relation)
