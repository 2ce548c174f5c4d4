"""Who wins where two extensions have one id: modules over plugins, later ones over earlier ones, and nobody else."""

from __future__ import annotations

from portal.extensions import Extension
from tests.portal.trees import Root, Thing, contents, problem_ids, spec, thing, tree_of


def test_a_module_replaces_an_extension_of_its_plugin_in_its_place():
    better = thing("ball", text="better")
    tree = tree_of(thing("ball"), thing("car"), spec(better, origin="apps.toys.modules.better", is_module=True))
    assert contents(tree) == ["thing:toys/ball", "thing:toys/car"]
    assert tree.nodes["thing:toys/ball"].spec.extension is better
    assert tree.problems == ()


def test_the_later_of_two_modules_wins():
    first, second = thing("ball"), thing("ball")
    tree = tree_of(thing("ball"), spec(first, origin="one", is_module=True), spec(second, origin="two", is_module=True))
    assert tree.nodes["thing:toys/ball"].spec.extension is second


def test_a_module_brings_extensions_of_its_own():
    tree = tree_of(thing("ball"), spec(thing("kite"), origin="one", is_module=True))
    assert contents(tree) == ["thing:toys/ball", "thing:toys/kite"]


def test_a_second_extension_of_one_id_is_refused_and_both_ends_are_named():
    first, second = thing("ball"), thing("ball")
    tree = tree_of(first, second)
    assert tree.nodes["thing:toys/ball"].spec.extension is first
    [problem] = tree.problems
    assert problem.id == "portal.E202"
    assert "'thing:toys/ball'" in problem.msg
    assert "apps.toys" in problem.msg


def test_another_plugin_cannot_replace_an_extension():
    theirs = type("Theirs", (Thing,), {"name": "ball", "namespace": "toys"})
    tree = tree_of(thing("ball"), spec(theirs, "sports", is_module=True, origin="sports.modules.x"))
    assert tree.nodes["thing:toys/ball"].spec.extension is not theirs
    assert problem_ids(tree) == ["portal.E202"]


def test_the_root_cannot_be_replaced():
    other = type("OtherRoot", (Extension,), {"namespace": "root"})
    tree = tree_of(spec(other, "app", origin="one", is_module=True))
    assert tree.nodes["root"].spec.extension is Root
    assert problem_ids(tree) == ["portal.E213"]


def test_a_module_of_the_plugin_whose_id_an_extension_bears_may_replace_it():
    borrowed = spec(thing("one", namespace="toys"), "app", origin="portal")
    tree = tree_of(borrowed, spec(thing("one"), "toys", origin="acme.toys", is_module=True))
    assert problem_ids(tree) == []
    assert tree.nodes["thing:toys/one"].spec.origin == "acme.toys"


def test_a_module_of_another_plugin_may_not_and_is_told_which_one_may():
    tree = tree_of(thing("one"), spec(thing("one", namespace="toys"), "other", origin="acme.other", is_module=True))
    [problem] = tree.problems
    assert problem.id == "portal.E202"
    assert problem.hint is not None
    assert "into a module of plugin 'toys'" in problem.hint
