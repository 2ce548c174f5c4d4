"""What is put in order and given a place: nodes, and on the way of each edge a piece for every layer that it passes.

Layers are counted twice as far here: nodes are on the even ones, labels on the odd ones, so that there is room for a
label in the middle of every edge. ``along`` is the direction that the layers follow each other in, ``across`` the
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from apps.catalog_graph.layout.coordinates import Extent
from apps.catalog_graph.layout.cycles import edges_to_turn
from apps.catalog_graph.layout.geometry import Box, Line, Link
from apps.catalog_graph.layout.layers import layers_of

#: What stays free between neighbours in a layer, half of it on each side.
NODE_SPACE, LABEL_SPACE, BEND_SPACE = 14.0, 8.0, 12.0
#: How far a loop reaches from its node.
LOOP_REACH = 18.0
#: How straight an edge is to be where it ends at a node, and where it passes a layer.
NODE_PULL, BEND_PULL = 1.0, 24.0


class Size(NamedTuple):
    """A size with regard to the layers."""

    along: float
    across: float


class Chain(NamedTuple):
    """An edge's way through the layers: its items from the earliest to the latest, and which of them has the label."""

    items: list[int]
    label: int
    is_turned: bool


class Sheet:
    """The items of a graph; the first are its nodes, in their order.

    ``layers``, ``extents``, ``sizes`` and ``thickness`` (what an item needs of its layer's) are by item. ``links`` lead
    from one layer to the next and have ``pulls``. ``chains`` are by line, None for those that begin and end at one
    node, which are in ``loops`` of that node.
    """

    def __init__(self, boxes: Sequence[Box], lines: Sequence[Line], *, is_horizontal: bool) -> None:
        positions = {box.id: position for position, box in enumerate(boxes)}
        ends = [(positions[line.source], positions[line.target]) for line in lines]
        sizes = [_size(line.width, line.height, is_horizontal) for line in lines]
        self.sizes = [_size(box.width, box.height, is_horizontal) for box in boxes]
        self.thickness = [size.along for size in self.sizes]
        self.extents = [_extent(size.across, NODE_SPACE) for size in self.sizes]
        self.links: list[Link] = []
        self.pulls: list[float] = []
        self.chains: list[Chain | None] = [None] * len(lines)
        #: By node: the line, and how far beyond the node's border the loop and then its label lie.
        self.loops: list[list[tuple[int, float, float]]] = [[] for _ in boxes]
        between = [number for number, (source, target) in enumerate(ends) if source != target]
        turned = edges_to_turn(len(boxes), [ends[number] for number in between])
        forwards = [
            ends[number][::-1] if position in turned else ends[number] for position, number in enumerate(between)
        ]
        self.layers = [2 * layer for layer in layers_of(len(boxes), forwards)]
        for position, number in enumerate(between):
            self.chains[number] = self._chain(*forwards[position], sizes[number], is_turned=position in turned)
        for number, (source, target) in enumerate(ends):
            if source == target:
                self._loop(source, number, sizes[number])

    def _chain(self, source: int, target: int, label: Size, *, is_turned: bool) -> Chain:
        first, last = self.layers[source], self.layers[target]
        middle = (first + last) // 2
        labelled = middle if middle % 2 else middle - 1
        items, label_item = [source], source
        for layer in range(first + 1, last):
            if layer == labelled:
                label_item = self._add(layer, label, LABEL_SPACE)
                items.append(label_item)
            else:
                items.append(self._add(layer, Size(0, 0), BEND_SPACE))
        items.append(target)
        for one, other in pairwise(items):
            self.links.append((one, other))
            self.pulls.append(NODE_PULL if one == source or other == target else BEND_PULL)
        return Chain(items, label_item, is_turned)

    def _add(self, layer: int, size: Size, space: float) -> int:
        self.layers.append(layer)
        self.sizes.append(size)
        self.thickness.append(size.along)
        self.extents.append(_extent(size.across, space))
        return len(self.layers) - 1

    def _loop(self, node: int, line: int, label: Size) -> None:
        before = self.extents[node].before
        reach = sum(depth for _, _, depth in self.loops[node][-1:]) + LOOP_REACH
        depth = reach + label.across
        self.loops[node].append((line, reach, depth))
        self.extents[node] = Extent(before, _extent(self.sizes[node].across, NODE_SPACE).after + depth)
        self.thickness[node] = max(self.thickness[node], label.along)


def _size(width: float, height: float, is_horizontal: bool) -> Size:
    return Size(width, height) if is_horizontal else Size(height, width)


def _extent(across: float, space: float) -> Extent:
    half = (across + space) / 2
    return Extent(half, half)
