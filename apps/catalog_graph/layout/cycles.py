"""The first step: turn edges round until there is no cycle."""

from __future__ import annotations

from collections.abc import Sequence

from apps.catalog_graph.layout.geometry import Link


def edges_to_turn(count: int, links: Sequence[Link]) -> set[int]:
    """Return the positions of the links that close a cycle; the graph has none if these are turned round.

    They are those that lead back to where a depth-first search is coming from. It begins where no link leads to, so
    that a graph without cycles is left as it is. ``links`` has no loops.
    """
    leaving: list[list[int]] = [[] for _ in range(count)]
    has_entry = [False] * count
    for position, (source, target) in enumerate(links):
        leaving[source].append(position)
        has_entry[target] = True
    turned: set[int] = set()
    is_done, is_on_path = [False] * count, [False] * count
    for start in sorted(range(count), key=has_entry.__getitem__):
        if is_done[start]:
            continue
        # By hand, not by recursion: a chain may be longer than Python's stack.
        path = [(start, iter(leaving[start]))]
        is_done[start] = is_on_path[start] = True
        while path:
            node, remaining = path[-1]
            leads_on = next(remaining, None)
            if leads_on is None:
                path.pop()
                is_on_path[node] = False
                continue
            target = links[leads_on][1]
            if is_on_path[target]:
                turned.add(leads_on)
            elif not is_done[target]:
                is_done[target] = is_on_path[target] = True
                path.append((target, iter(leaving[target])))
    return turned
