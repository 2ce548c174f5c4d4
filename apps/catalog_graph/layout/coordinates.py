"""The fourth step: give everything a place along the layers, close to its neighbours and clear of what is beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from apps.catalog_graph.layout.geometry import Link

#: Passes through all layers, forwards and backwards in turn: how many at least and at most, and how many items they may
#: look at together.
FEWEST_PASSES, MOST_PASSES = 2, 8
EFFORT = 16_000
#: How often edges are made straight after that: each time they make room for others.
STRAIGHTENINGS = 2
#: How hard a neighbour pulls at a node that has none in the layer that is looked at: hardly.
STAY = 0.01


class Extent(NamedTuple):
    """How far something reaches from its centre, towards the begin and the end of its layer; what is apart included."""

    before: float
    after: float


def places_across(
    order: Sequence[Sequence[int]], extents: Sequence[Extent], links: Sequence[Link], pulls: Sequence[float]
) -> list[float]:
    """Return where each item's centre is in its layer.

    Layer by layer, items are put to the weighted mean of their neighbours in the layer before, as far as their order
    and their extents allow; ``pulls`` are the weights of the links.
    """
    count = len(extents)
    before: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    after: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for (source, target), pull in zip(links, pulls, strict=True):
        after[source].append((target, pull))
        before[target].append((source, pull))
    places = [0.0] * count
    for layer in order:
        _spread(layer, [0.0] * len(layer), [1.0] * len(layer), extents, places)
    for number in range(min(MOST_PASSES, max(FEWEST_PASSES, EFFORT // max(1, count)))):
        forwards = number % 2 == 0
        for layer in order if forwards else reversed(order):
            _pull(layer, before if forwards else after, extents, places)
    both = [[*one, *other] for one, other in zip(before, after, strict=True)]
    for layer in order:
        _pull(layer, both, extents, places)
    return places


def _pull(
    layer: Sequence[int],
    neighbours: Sequence[Sequence[tuple[int, float]]],
    extents: Sequence[Extent],
    places: list[float],
) -> None:
    wanted, weights = [], []
    for item in layer:
        weight = total = 0.0
        for other, pull in neighbours[item]:
            weight += pull
            total += places[other] * pull
        wanted.append(total / weight if weight else places[item])
        weights.append(weight or STAY)
    _spread(layer, wanted, weights, extents, places)


def _spread(
    layer: Sequence[int],
    wanted: Sequence[float],
    weights: Sequence[float],
    extents: Sequence[Extent],
    places: list[float],
) -> None:
    """Set the places of a layer as close to the wanted ones as distances allow: the least sum of weighted squares.

    Less the room that each needs after those before it, places must only not decrease; that is isotonic regression,
    solved by pooling neighbours that are in each other's way.
    """
    room = [0.0]
    for one, other in pairwise(layer):
        room.append(room[-1] + extents[one].after + extents[other].before)
    # Pools of neighbours at one place: the place, the weight, and how many they are.
    pools: list[tuple[float, float, int]] = []
    for target, offset, weight in zip(wanted, room, weights, strict=False):
        place, size = target - offset, 1
        while pools and pools[-1][0] > place:
            before, before_weight, before_size = pools.pop()
            place = (place * weight + before * before_weight) / (weight + before_weight)
            weight, size = weight + before_weight, size + before_size
        pools.append((place, weight, size))
    pooled = (pool for pool, _, members in pools for _ in range(members))
    for item, offset, pool in zip(layer, room, pooled, strict=False):
        places[item] = pool + offset


def straighten(
    runs: Sequence[Sequence[int]],
    order: Sequence[Sequence[int]],
    extents: Sequence[Extent],
    places: list[float],
) -> None:
    """Put the items of each run in one line, as far as what is beside them leaves room; ``runs`` are ways of edges.

    Where a run can't be straight as a whole, it is in as few parts as there have to be.
    """
    neighbours = _neighbours(order, len(places))
    for _ in range(STRAIGHTENINGS):
        for run in runs:
            part: list[int] = []
            least, most = -math.inf, math.inf
            for item in run:
                low, high = _room_of(item, neighbours, extents, places)
                if part and (low > most or high < least):
                    _line_up(part, least, most, places)
                    part, least, most = [], -math.inf, math.inf
                part.append(item)
                least, most = max(least, low), min(most, high)
            _line_up(part, least, most, places)


def _neighbours(order: Sequence[Sequence[int]], count: int) -> list[tuple[int | None, int | None]]:
    """Return what is before and after each item in its layer."""
    found: list[tuple[int | None, int | None]] = [(None, None)] * count
    for layer in order:
        for before, item, after in zip([None, *layer[:-1]], layer, [*layer[1:], None], strict=True):
            found[item] = before, after
    return found


def _room_of(
    item: int,
    neighbours: Sequence[tuple[int | None, int | None]],
    extents: Sequence[Extent],
    places: Sequence[float],
) -> tuple[float, float]:
    """Return from where to where an item may be while its neighbours stay."""
    before, after = neighbours[item]
    low = -math.inf if before is None else places[before] + extents[before].after + extents[item].before
    high = math.inf if after is None else places[after] - extents[after].before - extents[item].after
    # The two may be a rounding error apart from where it is now.
    return min(low, places[item]), max(high, places[item])


def _line_up(part: Sequence[int], least: float, most: float, places: list[float]) -> None:
    if part:
        middle = sum(places[item] for item in part) / len(part)
        place = min(most, max(least, middle))
        for item in part:
            places[item] = place
