"""The fifth step: give each layer its place along the drawing, and each edge its way through the layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from apps.catalog_graph.layout.sheet import LOOP_REACH, Chain, Sheet

#: Between two layers, and how much more there is where edges have far to go to the side.
GAP, MORE_GAP, GAP_SHARE = 22.0, 40.0, 0.08


class Spot(NamedTuple):
    """A point with regard to the layers."""

    along: float
    across: float


class Band(NamedTuple):
    """From where to where a layer goes."""

    begin: float
    end: float

    @property
    def middle(self) -> float:
        """Halfway."""
        return (self.begin + self.end) / 2


def bands(order: Sequence[Sequence[int]], sheet: Sheet, places: Sequence[float]) -> list[Band]:
    """Return where the layers are, one after the other."""
    jumps = [0.0] * len(order)
    for source, target in sheet.links:
        number = sheet.layers[source]
        jumps[number] = max(jumps[number], abs(places[source] - places[target]))
    found: list[Band] = []
    begin = 0.0
    for layer, jump in zip(order, jumps, strict=True):
        end = begin + max((sheet.thickness[item] for item in layer), default=0)
        found.append(Band(begin, end))
        begin = end + GAP + min(MORE_GAP, GAP_SHARE * jump)
    return found


def way_of(chain: Chain, sheet: Sheet, bands: Sequence[Band], places: Sequence[float]) -> list[Spot]:
    """Return an edge's way: straight through each layer, so that it passes no node, and bent only between them."""
    way: list[Spot] = []
    for number, item in enumerate(chain.items):
        band, across = bands[sheet.layers[item]], places[item]
        half = sheet.sizes[item].along / 2
        begin = band.middle + half if number == 0 else band.begin
        end = band.middle - half if number == len(chain.items) - 1 else band.end
        way += [Spot(begin, across), Spot(end, across)]
    return way[::-1] if chain.is_turned else way


def loop_at(node: int, number: int, sheet: Sheet, bands: Sequence[Band], places: Sequence[float]) -> list[Spot]:
    """Return the way of a node's loop: out of its side and in again. Later ones are around earlier ones."""
    _, reach, _ = sheet.loops[node][number]
    along, across = sheet.sizes[node]
    middle, border = bands[sheet.layers[node]].middle, places[node] + across / 2
    half = min(along / 4, LOOP_REACH) * (number + 1) / len(sheet.loops[node])
    corners = [(-half, 0.0), (-half, reach), (half, reach), (half, 0.0)]
    return [Spot(middle + aside, border + away) for aside, away in corners]


def label_of_loop(node: int, number: int, sheet: Sheet, bands: Sequence[Band], places: Sequence[float]) -> Spot:
    """Return the centre of a loop's label, outside it."""
    _, reach, depth = sheet.loops[node][number]
    border = places[node] + sheet.sizes[node].across / 2
    return Spot(bands[sheet.layers[node]].middle, border + (reach + depth) / 2)
