"""``app.extensions``: what each form of an entry does, in which order, and what malformed entries are told."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.extensions import State, resolve
from portal.extensions.configuration import Entry, read_entries
from tests.portal.trees import BigBox, Root, Thing, contents, problem_ids, spec, thing, tree_of

BALL = "thing:toys/ball"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (BALL, Entry(BALL)),
        ({BALL: True}, Entry(BALL)),
        ({BALL: "true"}, Entry(BALL)),
        ({BALL: None}, Entry(BALL)),
        ({BALL: False}, Entry(BALL, disabled=True)),
        ({BALL: "false"}, Entry(BALL, disabled=True)),
        ({BALL: {}}, Entry(BALL)),
        ({BALL: {"disabled": True}}, Entry(BALL, disabled=True)),
        ({BALL: {"config": {"a": 1}}}, Entry(BALL, config={"a": 1})),
        ({BALL: {"attachTo": {"id": "x", "input": "y"}}}, Entry(BALL, attach_to=("x", "y"))),
    ],
)
def test_an_entry_has_these_forms(item: object, expected: Entry):
    assert read_entries([item]) == ([expected], [])


@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        (7, "is a number"),
        (None, "is a null"),
        ({}, "has 0 keys (none)"),
        ({BALL: True, "thing:toys/car": True}, f"has 2 keys ({BALL}, thing:toys/car)"),
        (f" {BALL}", "has spaces around the extension id"),
        ("", "has '' where an extension id must be"),
        ({7: True}, "has 7 where an extension id must be"),
        ({BALL: "yes"}, "gives 'thing:toys/ball' the value 'yes'"),
        ({BALL: 1}, "gives 'thing:toys/ball' a number"),
        ({BALL: []}, "gives 'thing:toys/ball' a list"),
        ({BALL: {"order": 3}}, "has the unknown parameter order"),
        ({BALL: {"disabled": "no"}}, "has disabled: 'no'"),
        ({BALL: {"attachTo": "x"}}, "has a wrong attachTo"),
        ({BALL: {"attachTo": {"id": "x"}}}, "has a wrong attachTo"),
        ({BALL: {"config": [1]}}, "has a list as config"),
    ],
)
def test_a_malformed_entry_is_an_error_that_says_where_and_why_and_the_others_count(item: object, complaint: str):
    entries, [problem] = read_entries(["first", item])
    assert entries == [Entry("first")]
    assert problem.id == "portal.E201"
    assert problem.msg.startswith("app.extensions[1] ")
    assert complaint in problem.msg
    assert problem.hint


def test_anything_but_a_list_is_an_error():
    entries, [problem] = read_entries({BALL: True})
    assert entries == []
    assert problem.msg == "app.extensions is a map; it must be a list."


def test_no_configuration_is_no_entries():
    assert read_entries(None) == ([], [])


def test_mentioning_a_disabled_extension_enables_it():
    assert contents(tree_of(thing("ball", disabled=True))) == []
    assert contents(tree_of(thing("ball", disabled=True), config=[BALL])) == [BALL]


def test_even_an_entry_with_only_config_enables():
    ball = thing("ball", disabled=True, config_schema={"size": {"type": "integer"}})
    assert contents(tree_of(ball, config=[{BALL: {"config": {"size": 3}}}])) == [BALL]


def test_a_disabled_extension_says_who_disabled_it():
    tree = tree_of(thing("ball"), thing("car", disabled=True), config=[{BALL: False}])
    assert tree.nodes[BALL].reason == "disabled in app.extensions"
    assert tree.nodes["thing:toys/car"].reason == "disabled unless app.extensions mentions it"
    assert tree.nodes[BALL].state is State.DISABLED


def test_what_hangs_from_a_disabled_extension_is_inactive():
    tree = tree_of(thing("ball"), config=[{"box:toys/big": False}])
    assert tree.nodes[BALL].state is State.INACTIVE
    assert tree.nodes[BALL].reason == "'box:toys/big', which it hangs from, is disabled"
    assert tree.problems == ()


def test_an_extension_can_be_moved():
    from tests.portal.trees import Box

    small = type("Small", (Box,), {"name": "small"})
    tree = tree_of(small, thing("ball"), config=[{BALL: {"attachTo": {"id": "box:toys/small", "input": "things"}}}])
    assert contents(tree) == []
    assert contents(tree, "box:toys/small") == [BALL]


def test_an_unknown_id_is_a_warning_with_a_suggestion():
    tree = tree_of(thing("ball"), config=["thing:toys/bal"])
    [problem] = tree.problems
    assert problem.id == "portal.W201"
    assert problem.hint == f"Did you mean '{BALL}'?"


@pytest.mark.parametrize("entry", ["root", {"root": False}])
def test_the_root_cannot_be_configured(entry: object):
    tree = tree_of(config=[entry])
    assert problem_ids(tree) == ["portal.E213"]
    assert tree.root is not None
    assert tree.root.is_active


def test_the_last_of_several_entries_counts_but_the_first_gives_the_place():
    tree = tree_of(
        thing("ball", config_schema={"a": {"default": 0}, "b": {"default": 0}}),
        thing("car"),
        config=[{BALL: {"config": {"a": 1}}}, "thing:toys/car", {BALL: {"config": {"b": 2}}}],
    )
    assert contents(tree) == [BALL, "thing:toys/car"]
    assert tree.nodes[BALL].config == {"a": 0, "b": 2}


NAMES = [f"n{number}" for number in range(8)]


@settings(deadline=None)
@given(listed=st.lists(st.sampled_from(NAMES), unique=True))
def test_listed_extensions_come_first_in_that_order_and_the_rest_stays_as_it_was(listed: list[str]):
    tree = tree_of(*map(thing, NAMES), config=[f"thing:toys/{name}" for name in listed])
    rest = [name for name in NAMES if name not in listed]
    assert contents(tree) == [f"thing:toys/{name}" for name in [*listed, *rest]]


@settings(deadline=None)
@given(
    config=st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.sampled_from([BALL, "root", "box:toys/big", "attachTo", ""]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from([BALL, "root", "id", "input", "disabled", "attachTo", "config"]), inner
                )
            ),
            max_leaves=8,
        )
    )
)
def test_no_configuration_makes_resolution_raise(config: list[Any]):
    tree = tree_of(thing("ball"), config=config)
    assert set(tree.nodes) == {"root", "box:toys/big", BALL}
    assert all(problem.hint for problem in tree.problems)


# --- An extension's own config ---


class Sized(Thing):
    name = "ball"
    config_schema = {
        "size": {"type": "integer", "minimum": 1, "default": 2},
        "title": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": []},
    }
    config_attributes = ("title",)
    title = "Ball"


def test_defaults_are_filled_in():
    assert tree_of(Sized).nodes[BALL].config == {"size": 2, "tags": []}


def test_a_config_attribute_replaces_the_attribute_of_the_class():
    tree = tree_of(Sized, config=[{BALL: {"config": {"title": "Red ball"}}}])
    assert getattr(tree.nodes[BALL].extension, "title", None) == "Red ball"
    assert Sized.title == "Ball"


def test_a_wrong_config_leaves_the_extension_out_and_names_key_and_rule():
    tree = tree_of(Sized, thing("car"), config=[{BALL: {"config": {"size": 0, "tags": ["a", 7]}}}])
    assert contents(tree) == ["thing:toys/car"]
    [problem] = tree.problems
    assert problem.id == "portal.E208"
    assert "config.size: 0 is less than the minimum of 1" in problem.msg
    assert "config.tags.1:" in problem.msg


def test_keys_that_are_not_read_are_a_warning_and_set_aside():
    tree = tree_of(Sized, config=[{BALL: {"config": {"size": 3, "colour": "red"}}}])
    assert tree.nodes[BALL].config == {"size": 3, "tags": []}
    [problem] = tree.problems
    assert problem.id == "portal.W208"
    assert "colour" in problem.msg
    assert problem.hint == "Its keys are: size, title, tags."


@pytest.mark.parametrize("value", [datetime.date(2026, 1, 1), {7: "seven"}])
def test_what_yaml_knows_and_json_does_not_is_a_fault_of_the_config(value: object):
    tree = tree_of(
        thing("one", config_schema={"when": {"additionalProperties": {"type": "string"}}}),
        config=[{"thing:toys/one": {"config": {"when": value}}}],
    )
    [problem] = tree.problems
    assert problem.id == "portal.E208"
    assert "put dates and keys into quotes" in problem.msg


def test_what_the_config_makes_wrong_is_to_be_corrected_there():
    class Choosy(Thing):
        name = "one"
        config_schema = {"colour": {"type": "string"}}

        def faults(self) -> list[str]:
            return [f"there is no colour {self.config.get('colour')!r}"]

    stated, configured = tree_of(Choosy), tree_of(Choosy, config=[{"thing:toys/one": {"config": {"colour": "x"}}}])
    assert [tree.problems[0].hint for tree in (stated, configured)] == [
        "Correct the extension's class.",
        "Correct its config in app.extensions.",
    ]


def test_what_app_packages_leaves_out_is_not_called_unknown():
    tree = resolve([spec(Root, "app"), spec(BigBox)], ["thing:toys/one"], excluded={"thing:toys/one"})
    [problem] = tree.problems
    assert problem.id == "portal.W201"
    assert "whose package app.packages leaves out" in problem.msg
