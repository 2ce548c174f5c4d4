"""The second step: give each node a layer, such that every edge leads to a later one."""

from __future__ import annotations

from collections.abc import Sequence

from apps.catalog_graph.layout.geometry import Link


def layers_of(count: int, links: Sequence[Link]) -> list[int]:
    """Return the layer of each node, beginning with 0. ``links`` has no cycles.

    A node is as early as what leads to it allows. One that more leads away from than to is then moved as late as it may
    be, which shortens more edges than it makes longer.
    """
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        after[source].append(target)
        before[target].append(source)
    order = _in_order(before, after)
    layers = [0] * count
    for node in order:
        layers[node] = max((layers[source] + 1 for source in before[node]), default=0)
    for node in reversed(order):
        if len(after[node]) > len(before[node]):
            layers[node] = min(layers[target] for target in after[node]) - 1
    return layers


def _in_order(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> list[int]:
    """Return the nodes such that each comes after all that lead to it."""
    missing = [len(sources) for sources in before]
    order = [node for node, number in enumerate(missing) if not number]
    for node in order:
        for target in after[node]:
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    return order
