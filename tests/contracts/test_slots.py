"""Every slot of every plugin: attach, order, disable, override, children that fail, or are configured wrongly.

What blueprints keep to by themselves is tried in ``tests/portal/test_extensions_blueprints.py``, in a tree of toys;
here they stand in the slots of the installed portal, with what else is in it.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest

from portal.extensions import ExtensionSpec, PageContext, Tree, get_tree, render_slot, resolve
from portal.extensions.discovery import installed_extensions
from portal.extensions.tree import TRUNK, Node
from tests.portal.test_extensions_blueprints import made_of

SLOTS = [
    (node.id, name)
    for node in get_tree().nodes.values()
    for name in node.spec.extension.inputs
    if not node.spec.origin.startswith("tests.")
]


def child(parent: str, slot: str, name: str, **facts: Any) -> ExtensionSpec:
    """Return an extension of the slot's first blueprint, of the parent's plugin, with nothing to do with an entity."""
    node = get_tree().nodes[parent]
    blueprint = node.spec.extension.inputs[slot].blueprints[0]
    stated = {"namespace": "toys", "attach_to": (parent, slot), "path": f"/toys-{name}", "route_ref": None, **facts}
    if blueprint.kind == "api":
        stated |= {"ref": None, "faults": lambda self: ()}
    return ExtensionSpec(made_of(blueprint, name, **stated), node.plugin_id, "acme.toys")


def tree_with(parent: str, *specs: ExtensionSpec, config: list[Any] | None = None) -> Tree:
    """Resolve the installed portal with these. Whoever sits in a slot for one makes room; the parent is on."""
    node = get_tree().nodes[parent]
    sitting = [
        {one.id: False}
        for name, slot in node.spec.extension.inputs.items()
        if slot.singleton and any(spec.extension.attach_to == (parent, name) for spec in specs)
        for one in node.attachments.get(name, ())
    ]
    mentioned = [] if parent == "root" else [parent]
    return resolve([*installed_extensions(), *specs], [*mentioned, *sitting, *(config or [])])


def toys(tree: Tree, parent: str, slot: str) -> list[str | None]:
    return [
        node.spec.extension.name for node in tree.children(parent, slot) if node.id.rpartition(":")[2][:5] == "toys/"
    ]


def is_single(parent: str, slot: str) -> bool:
    return get_tree().nodes[parent].spec.extension.inputs[slot].singleton


def is_trunk(parent: str, slot: str) -> bool:
    """Say whether what sits in the slot holds all pages, so that nothing else is put there by configuration."""
    return any(node.id in TRUNK for node in attached(parent, slot))


def attached(parent: str, slot: str) -> list[Node]:
    return get_tree().nodes[parent].attachments.get(slot, [])


FREE_SLOTS = [one for one in SLOTS if not is_trunk(*one)]
each_slot = pytest.mark.parametrize(("parent", "slot"), FREE_SLOTS, ids=lambda part: part)


@each_slot
def test_it_takes_children_in_the_order_of_the_configuration(parent: str, slot: str):
    one, two = child(parent, slot, "one"), child(parent, slot, "two")
    if is_single(parent, slot):
        assert toys(tree_with(parent, one), parent, slot) == ["one"]
        assert toys(tree_with(parent, one, two, config=[two.id]), parent, slot) == ["two"]
        return
    assert toys(tree_with(parent, one, two), parent, slot) == ["one", "two"]
    tree = tree_with(parent, one, two, config=[two.id])
    assert toys(tree, parent, slot) == ["two", "one"]
    assert len(tree.children(parent, slot)) >= 2


@each_slot
def test_its_children_can_be_disabled(parent: str, slot: str):
    one = child(parent, slot, "one")
    tree = tree_with(parent, one, config=[{one.id: False}])
    assert toys(tree, parent, slot) == []
    assert tree.nodes[one.id].reason == "disabled in app.extensions"


@each_slot
def test_its_children_can_be_replaced_by_a_module(parent: str, slot: str):
    one = child(parent, slot, "one")
    other = ExtensionSpec(child(parent, slot, "one").extension, one.plugin_id, "acme.module", is_module=True)
    tree = tree_with(parent, one, other)
    assert [node.spec.origin for node in tree.children(parent, slot) if node.id == one.id] == ["acme.module"]


@each_slot
def test_a_child_that_fails_is_left_out_and_named_while_the_others_stay(parent: str, slot: str):
    bad, good = child(parent, slot, "bad", __init__=_fail), child(parent, slot, "good")
    before = [node.id for node in attached(parent, slot) if node.is_active and not is_single(parent, slot)]
    tree = tree_with(parent, bad, good)
    assert toys(tree, parent, slot) == ["good"]
    assert set(before) <= {node.id for node in tree.children(parent, slot)}
    assert [problem.id for problem in tree.problems if problem.obj == bad.id] == ["portal.E211"]


@each_slot
def test_a_child_that_fails_to_render_is_replaced_by_a_card(parent: str, slot: str):
    facts = {"is_visible": lambda self, page: True}
    bad = child(parent, slot, "bad", render=_fail, **facts)
    tree = tree_with(parent, bad)
    node = tree.nodes[parent]
    html = render_slot(Node(node.spec, node.id, active={slot: (tree.nodes[bad.id],)}), slot, PageContext(HttpRequest()))
    assert f"<code>{bad.id}</code> failed" in html


@each_slot
def test_a_child_that_is_configured_wrongly_is_left_out_and_named(parent: str, slot: str):
    one = child(parent, slot, "one", config_schema={"size": {"type": "integer"}})
    tree = tree_with(parent, one, config=[{one.id: {"config": {"size": "big"}}}])
    assert toys(tree, parent, slot) == []
    [problem] = [problem for problem in tree.problems if problem.obj == one.id]
    assert problem.id == "portal.E208"
    assert "config.size" in problem.msg
    assert tree.get(parent) is not None or is_single(parent, slot)


def test_every_slot_is_tried():
    assert {("entity-content:catalog/overview", "cards"), ("page:home", "widgets"), ("app/nav", "content")} <= set(
        SLOTS
    )
    assert [one for one in SLOTS if one not in FREE_SLOTS] == [
        ("root", "app"),
        ("app", "root"),
        ("app/root", "children"),
        ("app/layout", "content"),
    ]


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("no luck")
