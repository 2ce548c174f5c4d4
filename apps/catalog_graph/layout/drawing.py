"""All steps together: from nodes and edges with sizes to places and ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.catalog_graph.layout.coordinates import places_across, straighten
from apps.catalog_graph.layout.geometry import Box, Direction, Drawing, Line, Place, Point, Route
from apps.catalog_graph.layout.ordering import ordered_layers
from apps.catalog_graph.layout.routing import Band, Spot, bands, label_of_loop, loop_at, way_of
from apps.catalog_graph.layout.sheet import Sheet

#: Around everything.
MARGIN = 16.0


def arrange(boxes: Sequence[Box], lines: Sequence[Line], direction: Direction = Direction.LEFT_RIGHT) -> Drawing:
    """Draw a graph. Nodes don't overlap, edges and labels pass beside them.

    Edges lead from earlier layers to later ones but for those that close a cycle. Several edges between two nodes,
    loops, and parts that aren't connected may be there. Raises ``KeyError`` for a line whose end is none of the boxes.
    """
    if not boxes:
        return Drawing(2 * MARGIN, 2 * MARGIN, [], [])
    sheet = Sheet(boxes, lines, is_horizontal=direction.is_horizontal)
    order = ordered_layers(sheet.layers, sheet.links)
    across = places_across(order, sheet.extents, sheet.links, sheet.pulls)
    straighten([chain.items[1:-1] for chain in sheet.chains if chain is not None], order, sheet.extents, across)
    layers = bands(order, sheet, across)
    first = min(place - extent.before for place, extent in zip(across, sheet.extents, strict=True))
    last = max(place + extent.after for place, extent in zip(across, sheet.extents, strict=True))
    to_point = _turner(direction, length=layers[-1].end, first=first, last=last)
    far = layers[-1].end + 2 * MARGIN, last - first + 2 * MARGIN
    width, height = far if direction.is_horizontal else far[::-1]
    return Drawing(
        _rounded(width),
        _rounded(height),
        [_place(box, node, sheet, layers, across, to_point) for node, box in enumerate(boxes)],
        _routes(lines, sheet, layers, across, to_point),
    )


def _turner(direction: Direction, *, length: float, first: float, last: float) -> Callable[[Spot], Point]:
    """Return what turns a point of the layers into one of the drawing."""
    is_against, is_horizontal = direction in {Direction.RIGHT_LEFT, Direction.BOTTOM_TOP}, direction.is_horizontal

    def to_point(spot: Spot) -> Point:
        along = _rounded(MARGIN + (length - spot.along if is_against else spot.along))
        across = _rounded(MARGIN + spot.across - first)
        return Point(along, across) if is_horizontal else Point(across, along)

    return to_point


def _place(
    box: Box,
    node: int,
    sheet: Sheet,
    layers: Sequence[Band],
    across: Sequence[float],
    to_point: Callable[[Spot], Point],
) -> Place:
    layer = sheet.layers[node]
    centre = to_point(Spot(layers[layer].middle, across[node]))
    return Place(box.id, centre.x, centre.y, box.width, box.height, layer // 2)


def _routes(
    lines: Sequence[Line],
    sheet: Sheet,
    layers: Sequence[Band],
    across: Sequence[float],
    to_point: Callable[[Spot], Point],
) -> list[Route]:
    found: dict[int, Route] = {}
    for node, loops in enumerate(sheet.loops):
        for number, (line, _, _) in enumerate(loops):
            points = [to_point(spot) for spot in loop_at(node, number, sheet, layers, across)]
            label = to_point(label_of_loop(node, number, sheet, layers, across))
            found[line] = Route(lines[line].source, lines[line].target, points, label)
    for number, chain in enumerate(sheet.chains):
        if chain is not None:
            points = [to_point(spot) for spot in way_of(chain, sheet, layers, across)]
            label = to_point(Spot(layers[sheet.layers[chain.label]].middle, across[chain.label]))
            found[number] = Route(lines[number].source, lines[number].target, points, label, chain.is_turned)
    return [found[number] for number in range(len(lines))]


def _rounded(value: float) -> float:
    # A tenth of a pixel can't be seen, and a drawing has thousands of numbers.
    return round(value, 1)
