"""The tree in words: for ``manage.py extensions``, for the visualizer, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.extensions.tree import ROOT_ID, Node, State, Tree


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the drawn tree: an input (``node`` is None) or an extension, ``depth`` levels in."""

    depth: int
    text: str
    node: Node | None = None


def lines_of(tree: Tree) -> Iterator[Line]:
    """Yield the tree line by line, what isn't active included; at the end what hangs from nothing."""
    if tree.root is not None:
        yield from _lines_below(tree.root, 0)
    elsewhere = [node for node in tree.nodes.values() if node.parent is None and node.id != ROOT_ID]
    if elsewhere:
        yield Line(0, "(attached to nothing)")
    for node in elsewhere:
        yield from _lines_below(node, 1)


def _lines_below(node: Node, depth: int) -> Iterator[Line]:
    yield Line(depth, node.id, node)
    for input_name in inputs_of(node):
        children = node.attachments.get(input_name, [])
        if children:
            yield Line(depth + 1, input_name)
        for child in children:
            yield from _lines_below(child, depth + 2)


def inputs_of(node: Node) -> list[str]:
    """Return the names of a node's inputs: those declared, then those that something is attached to nevertheless."""
    return list(dict.fromkeys([*node.spec.extension.inputs, *node.attachments]))


def as_text(tree: Tree, *, inactive_only: bool = False) -> str:
    """Return the tree as text, one extension a line: its id, who brought it, and why it isn't active."""
    if inactive_only:
        lines = [Line(0, node.id, node) for node in tree.nodes.values() if not node.is_active]
    else:
        lines = list(lines_of(tree))
    drawn = [("  " * line.depth + line.text, line.node) for line in lines]
    width = max((len(text) for text, node in drawn if node is not None), default=0)
    return "\n".join(text if node is None else f"{text:<{width}}  {_remark(node)}" for text, node in drawn)


def _remark(node: Node) -> str:
    remarks = [] if node.is_active else [f"{node.state.value}: {node.reason}"]
    remarks += [f"if {node.condition}"] if node.condition else []
    return "  ".join([node.spec.origin, *(f"[{remark}]" for remark in remarks)])


def as_json(tree: Tree) -> dict[str, Any]:
    """Return the tree as plain data: ``{"extensions": [...], "problems": [...]}``."""
    return {
        "extensions": [_node_as_json(node) for node in tree.nodes.values()],
        "problems": [
            {"id": problem.id, "extension": problem.obj, "message": problem.msg, "hint": problem.hint}
            for problem in tree.problems
        ],
    }


def _node_as_json(node: Node) -> dict[str, Any]:
    extension = node.spec.extension
    place = None if node.attach_to is None else {"id": node.attach_to[0], "input": node.attach_to[1]}
    return {
        "id": node.id,
        "plugin": node.plugin_id,
        "origin": node.spec.origin,
        "class": f"{extension.__module__}.{extension.__qualname__}",
        "attachTo": place,
        "state": node.state.value,
        "reason": node.reason or None,
        "if": node.enabled_if,
        "config": dict(node.config if node.state is State.ACTIVE else node.given_config),
        "configSchema": dict(extension.config_schema),
        "inputs": {name: slot.describe() for name, slot in extension.inputs.items()},
    }
