"""The third step: order each layer such that few edges cross."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from apps.catalog_graph.layout.geometry import Link

#: Sweeps through all layers, half of them forwards: how many there are at least and at most, how many may be in vain,
#: and how many items they may look at together. Large graphs have to be content with fewer.
FEWEST_SWEEPS, MOST_SWEEPS = 4, 16
PATIENCE = 4
EFFORT = 30_000


def ordered_layers(layers: Sequence[int], links: Sequence[Link]) -> list[list[int]]:
    """Return the nodes of each layer in their order. Every link leads from one layer to the next.

    Each sweep sorts each layer by where its neighbours in the layer before are on average (Sugiyama's barycentres); the
    order with the fewest crossings is kept.
    """
    count = len(layers)
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        after[source].append(target)
        before[target].append(source)
    order = _as_found(layers, before, after)
    best, fewest = [list(layer) for layer in order], crossings(order, after)
    in_vain = 0
    for sweep in range(min(MOST_SWEEPS, max(FEWEST_SWEEPS, EFFORT // max(1, count)))):
        if not fewest or in_vain == PATIENCE:
            break
        forwards = sweep % 2 == 0
        _sort(order if forwards else order[::-1], before if forwards else after, count)
        number = crossings(order, after)
        in_vain += 1
        if number < fewest:
            best, fewest, in_vain = [list(layer) for layer in order], number, 0
    return best


def crossings(order: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """Return how many pairs of links cross between neighbouring layers."""
    place = [0] * len(after)
    for layer in order:
        for position, node in enumerate(layer):
            place[node] = position
    return sum(_crossings(layer, after, place) for layer in order)


def _crossings(layer: Sequence[int], after: Sequence[Sequence[int]], place: Sequence[int]) -> int:
    """Count for each link how many that begin before it end behind it."""
    ends: list[int] = []
    for node in layer:
        targets = after[node]
        # Most are on the way of one edge.
        ends += [place[targets[0]]] if len(targets) == 1 else sorted([place[target] for target in targets])
    found = 0
    earlier: list[int] = []
    # Inserting into a list moves what is behind, but a layer is short, and that is faster than any tree in Python.
    for number, end in enumerate(ends):
        position = bisect_right(earlier, end)
        found += number - position
        earlier.insert(position, end)
    return found


def _as_found(
    layers: Sequence[int], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]
) -> list[list[int]]:
    """Return the layers in the order in which a depth-first search finds their nodes: what is connected is close."""
    order: list[list[int]] = [[] for _ in range(max(layers, default=-1) + 1)]
    is_found = [False] * len(layers)
    for start in sorted(range(len(layers)), key=layers.__getitem__):
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if is_found[node]:
                continue
            is_found[node] = True
            order[layers[node]].append(node)
            waiting += [other for other in (*reversed(after[node]), *reversed(before[node])) if not is_found[other]]
    return order


def _sort(order: list[list[int]], towards: Sequence[Sequence[int]], count: int) -> None:
    """Sort each layer but the first by the layer before it. A node without neighbours there keeps its place."""
    place = [0] * count
    for layer in order:
        wanted: dict[int, float] = {}
        for position, node in enumerate(layer):
            others = towards[node]
            match len(others):
                case 0:
                    wanted[node] = position
                case 1:
                    wanted[node] = place[others[0]]
                case number:
                    wanted[node] = sum([place[other] for other in others]) / number
        layer.sort(key=wanted.__getitem__)
        for position, node in enumerate(layer):
            place[node] = position
