"""The tree: ids, attachment, inputs, and what becomes of extensions that something is wrong with."""

from __future__ import annotations

from typing import Any

import pytest

from portal.extensions import Extension, Input, Page, Relative, State, Theme, resolve
from tests.portal.trees import BigBox, Box, Thing, contents, problem_ids, spec, thing, tree_of


@pytest.mark.parametrize(
    ("attributes", "plugin_id", "expected"),
    [
        ({"kind": "page"}, "catalog", "page:catalog"),
        ({"kind": "page", "name": "entity"}, "catalog", "page:catalog/entity"),
        ({"name": "nav"}, "app", "app/nav"),
        ({"kind": "theme", "name": "dark"}, "app", "theme:app/dark"),
        ({"namespace": "app"}, "app", "app"),
        (
            {"kind": "sub-page", "name": "general", "namespace": "user-settings"},
            "app",
            "sub-page:user-settings/general",
        ),
    ],
)
def test_the_id_is_derived_from_kind_plugin_and_name(attributes: dict[str, Any], plugin_id: str, expected: str):
    example: type[Extension] = type("Example", (Extension,), attributes)
    assert example.id_in(plugin_id) == expected


def test_children_are_in_the_order_of_registration():
    tree = tree_of(thing("ball"), thing("car"), thing("doll"))
    assert contents(tree) == ["thing:toys/ball", "thing:toys/car", "thing:toys/doll"]
    assert tree.problems == ()


def test_an_extension_of_another_plugin_goes_into_the_box_too():
    assert contents(tree_of(spec(thing("ball"), "sports"))) == ["thing:sports/ball"]


def test_a_relative_place_is_in_the_same_plugin():
    small_box = type("SmallBox", (Box,), {"name": "small"})
    marble = thing("marble", attach_to=Relative("box", "small", input="things"))
    assert contents(tree_of(small_box, marble), "box:toys/small") == ["thing:toys/marble"]


def test_an_abstract_class_is_not_an_extension_but_its_subclass_is():
    assert Thing.abstract
    assert not thing("ball").abstract


def test_inputs_and_config_keys_of_the_base_classes_are_kept():
    class Shelf(Box):
        inputs = {"more": Input(Thing)}
        config_schema = {"colour": {"type": "string"}}

    class PaintedShelf(Shelf):
        config_schema = {"height": {"type": "integer"}}

    assert list(PaintedShelf.inputs) == ["things", "more"]
    assert list(PaintedShelf.config_schema) == ["colour", "height"]


def test_a_whole_object_as_config_schema_is_refused():
    with pytest.raises(TypeError, match="write what is under its 'properties'"):
        thing("ball", config_schema={"type": "object", "properties": {}})


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"attach_to": "box:toys/big"}, "attach_to is 'box:toys/big'; it must be a pair"),
        ({"attach_to": ("box:toys/big",)}, "it must be a pair"),
        ({"inputs": {"things": Thing}}, r"inputs\['things'\] is .*; it must be an Input"),
    ],
)
def test_a_fact_of_the_wrong_shape_is_refused_at_once(facts: dict[str, Any], complaint: str):
    with pytest.raises(TypeError, match=complaint):
        thing("ball", **facts)


def test_a_config_schema_that_is_none_leaves_the_extension_out():
    tree = tree_of(thing("ball", config_schema={"size": {"type": "number of things"}}), thing("car"))
    assert contents(tree) == ["thing:toys/car"]
    [problem] = tree.problems
    assert "its config_schema isn't a JSON schema" in problem.msg


# --- What doesn't fit ---


def test_an_unknown_parent_of_an_installed_plugin_is_an_error_that_names_both_ends_and_suggests_the_right_one():
    tree = tree_of(thing("ball", attach_to=("box:toys/bigg", "things")))
    [problem] = tree.problems
    assert problem.id == "portal.E204"
    assert problem.msg == "'thing:toys/ball' is attached to input 'things' of 'box:toys/bigg', which doesn't exist."
    assert problem.hint == "Did you mean 'box:toys/big'?"
    assert tree.nodes["thing:toys/ball"].state is State.FAULTY


def test_a_parent_of_a_plugin_that_is_not_installed_is_a_warning():
    tree = tree_of(spec(thing("ball", attach_to=("page:catalog", "filters"))))
    [problem] = tree.problems
    assert problem.id == "portal.W204"
    assert not problem.is_serious()
    assert "isn't installed" in problem.msg


def test_a_disabled_extension_may_be_attached_to_nothing():
    assert tree_of(thing("ball", attach_to=("box:toys/none", "things"), disabled=True)).problems == ()


def test_an_unknown_input_is_an_error_that_suggests_the_right_one():
    tree = tree_of(thing("ball", attach_to=("box:toys/big", "thing")))
    [problem] = tree.problems
    assert problem.id == "portal.E205"
    assert "'thing:toys/ball'" in problem.msg
    assert "'box:toys/big'" in problem.msg
    assert problem.hint == "Did you mean 'things'?"


def test_a_child_of_another_blueprint_is_an_error_that_says_what_is_accepted():
    tree = tree_of(type("Misfit", (Box,), {"name": "misfit", "attach_to": ("box:toys/big", "things")}))
    [problem] = tree.problems
    assert problem.id == "portal.E206"
    assert problem.msg == "'box:toys/misfit' is of the blueprint Box; input 'things' of 'box:toys/big' accepts Thing."
    assert contents(tree) == []


def test_an_input_may_accept_several_blueprints():
    chest = type("Chest", (Box,), {"name": "big", "inputs": {"things": Input((Thing, Box))}})
    inner = type("Inner", (Box,), {"name": "inner", "attach_to": ("box:toys/big", "things")})
    tree = tree_of(thing("ball"), inner, box=chest)
    assert contents(tree) == ["thing:toys/ball", "box:toys/inner"]


def test_an_internal_input_ignores_other_plugins_with_a_warning():
    private = type("Private", (Box,), {"name": "big", "inputs": {"things": Input(Thing, internal=True)}})
    tree = tree_of(thing("ball"), spec(thing("racket"), "sports"), box=private)
    assert contents(tree) == ["thing:toys/ball"]
    [problem] = tree.problems
    assert problem.id == "portal.W206"
    assert problem.hint == "Put the extension into a module of plugin 'toys'."


def test_an_internal_input_takes_a_module_of_the_same_plugin():
    private = type("Private", (Box,), {"name": "big", "inputs": {"things": Input(Thing, internal=True)}})
    tree = tree_of(spec(thing("kite"), origin="one", is_module=True), box=private)
    assert contents(tree) == ["thing:toys/kite"]


def single(*, optional: bool) -> type[Box]:
    return type(
        "Single", (Box,), {"name": "big", "inputs": {"things": Input(Thing, singleton=True, optional=optional)}}
    )


def test_a_singleton_takes_the_first_and_reports_the_second():
    tree = tree_of(thing("ball"), thing("car"), box=single(optional=True))
    assert contents(tree) == ["thing:toys/ball"]
    [problem] = tree.problems
    assert problem.id == "portal.E209"
    assert "'thing:toys/car'" in problem.msg
    assert "'thing:toys/ball'" in problem.msg


def test_a_singleton_takes_the_second_when_the_first_is_disabled():
    tree = tree_of(thing("ball"), thing("car"), box=single(optional=True), config=[{"thing:toys/ball": False}])
    assert contents(tree) == ["thing:toys/car"]
    assert tree.problems == ()


def test_a_required_singleton_that_is_missing_leaves_its_parent_out():
    tree = tree_of(box=single(optional=False))
    assert tree.get("box:toys/big") is None
    assert problem_ids(tree) == ["portal.E210"]


def test_an_optional_singleton_may_be_missing():
    tree = tree_of(box=single(optional=True))
    assert tree.get("box:toys/big") is not None
    assert tree.problems == ()


def test_what_hangs_from_an_extension_that_is_left_out_is_inactive_and_says_why():
    demanding = type(
        "Demanding",
        (Box,),
        {"name": "big", "inputs": {"things": Input(Thing), "lid": Input(Thing, singleton=True)}},
    )
    tree = tree_of(thing("ball"), box=demanding)
    ball = tree.nodes["thing:toys/ball"]
    assert ball.state is State.INACTIVE
    assert ball.reason == "'box:toys/big', which it hangs from, is faulty"
    with pytest.raises(LookupError, match="is inactive"):
        _ = ball.extension


def test_extensions_in_a_ring_are_left_out_and_named_once():
    nesting = {"inputs": {"things": Input((Thing, Box))}}
    first = type("First", (Box,), {"name": "first", "attach_to": ("box:toys/second", "things"), **nesting})
    second = type("Second", (Box,), {"name": "second", "attach_to": ("box:toys/first", "things"), **nesting})
    tree = tree_of(first, second, thing("ball"))
    [problem] = tree.problems
    assert problem.id == "portal.E207"
    assert "box:toys/first → box:toys/second → box:toys/first" in problem.msg
    assert contents(tree) == ["thing:toys/ball"]
    assert tree.nodes["box:toys/first"].state is State.FAULTY


def test_an_extension_attached_to_itself_is_a_ring():
    selfish = type("Selfish", (Box,), {"name": "selfish", "attach_to": ("box:toys/selfish", "things")})
    assert problem_ids(tree_of(selfish)) == ["portal.E207"]


def test_a_constructor_that_raises_takes_only_its_own_extension():
    class Explosive(Thing):
        name = "bang"

        def __init__(self, *args: Any) -> None:
            raise RuntimeError("bang")

    tree = tree_of(Explosive, thing("ball"))
    assert contents(tree) == ["thing:toys/ball"]
    [problem] = tree.problems
    assert problem.id == "portal.E211"
    assert "RuntimeError: bang" in problem.msg


@pytest.mark.parametrize("name", ["a b", "/x", "x/", "ü", "a//b"])
def test_a_name_that_breaks_the_rules_is_an_error_that_names_it(name: str):
    tree = tree_of(thing(name), thing("ball"))
    [problem] = tree.problems
    assert problem.id == "portal.E203"
    assert repr(name) in problem.msg
    assert contents(tree) == ["thing:toys/ball"]


def test_an_extension_without_kind_and_name_has_no_id_of_its_own():
    class Nameless(Extension):
        attach_to = ("root", "anything")

    class AnyRoot(Extension):
        namespace = "root"
        inputs = {"anything": Input(Extension)}

    [problem] = resolve([spec(AnyRoot, "app"), spec(Nameless)]).problems
    assert "it has neither a kind nor a name" in problem.msg


def test_a_malformed_predicate_is_an_error():
    tree = tree_of(thing("ball", enabled_if={"$maybe": []}))
    [problem] = tree.problems
    assert problem.id == "portal.E203"
    assert "$maybe" in problem.msg


def test_an_input_that_replaces_an_old_place_gets_what_is_attached_there():
    heir = type("Heir", (Box,), {"name": "big", "inputs": {"things": Input(Thing, replaces=(("app", "toys"),))}})
    tree = tree_of(thing("ball", attach_to=("app", "toys")), box=heir)
    assert contents(tree) == ["thing:toys/ball"]
    assert tree.problems == ()


def test_two_inputs_that_replace_the_same_place_are_an_error_and_the_first_gets_it():
    slot = {"inputs": {"things": Input(Thing, replaces=(("app", "toys"),))}}
    heir, rival = type("Heir", (Box,), {"name": "big", **slot}), type("Rival", (Box,), {"name": "rival", **slot})
    tree = tree_of(rival, thing("ball", attach_to=("app", "toys")), box=heir)
    assert contents(tree) == ["thing:toys/ball"]
    assert problem_ids(tree) == ["portal.E212"]


def test_without_extensions_there_is_an_empty_tree():
    tree = resolve([])
    assert tree.root is None
    assert list(tree.active()) == []


def test_an_input_that_is_not_declared_cannot_be_asked_for():
    tree = tree_of()
    with pytest.raises(LookupError, match="its inputs are: things"):
        tree.nodes["box:toys/big"].children("lids")


def test_all_children_of_an_extension_that_is_not_there_are_none():
    assert tree_of().children("box:toys/none", "things") == ()


# --- What blueprints demand ---


def test_a_page_with_a_wrong_path_is_an_error_that_names_the_rule():
    class Hello(Page):
        path = "hello"
        title = "Hello"

    class Routes(Extension):
        name = "routes"
        attach_to = ("root", "routes")
        inputs = {"routes": Input(Page)}

    class RoutesRoot(Extension):
        namespace = "root"
        inputs = {"routes": Input(Routes)}

    [problem] = resolve([spec(RoutesRoot, "app"), spec(Routes, "app"), spec(Hello, "hello")]).problems
    assert problem.id == "portal.E203"
    assert problem.obj == "page:hello"
    assert "path 'hello' must start with '/'" in problem.msg


def test_a_theme_needs_one_of_the_two_variants():
    class Sepia(Theme):
        name = "sepia"
        title = "Sepia"
        variant = "brown"

    class Themes(Extension):
        kind = "api"
        name = "app-theme"
        attach_to = ("root", "apis")
        inputs = {"themes": Input(Theme)}

    class ThemesRoot(Extension):
        namespace = "root"
        inputs = {"apis": Input(Themes)}

    [problem] = resolve([spec(ThemesRoot, "app"), spec(Themes, "app"), spec(Sepia, "app")]).problems
    assert "its variant is 'brown'" in problem.msg


def test_the_big_box_is_active_and_knows_its_facts():
    node = tree_of().nodes["box:toys/big"]
    assert (node.is_active, node.kind, node.plugin_id, node.spec.extension) == (True, "box", "toys", BigBox)


def test_an_extension_that_is_attached_nowhere_is_named():
    tree = tree_of(thing("one", attach_to=None))
    [problem] = tree.problems
    assert "it says nowhere what it is attached to" in problem.msg


@pytest.mark.parametrize("facts", [{"name": 5}, {"config_schema": {"a": 5}}, {"config_schema": {"a": {"type": 1}}}])
def test_facts_of_a_wrong_type_cost_their_extension_only(facts: dict[str, Any]):
    tree = tree_of(thing("good"), type("BadThing", (Thing,), {"name": "bad", **facts}))
    assert contents(tree) == ["thing:toys/good"]
    assert problem_ids(tree) == ["portal.E211"]
