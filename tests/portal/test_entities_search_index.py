"""The rows under which entities are found."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.entities import MAX_KEY_LENGTH, MAX_VALUE_LENGTH, js_text, search_rows
from portal.errors import InputError


def rows(**parts):
    """Return the rows of an entity as a set of (key, value, original), without those that every entity has."""
    entity = {"metadata": {"name": "x", "namespace": "default", "uid": "u"}, **parts}
    standard = {("metadata.name", "x", "x"), ("metadata.namespace", "default", "default"), ("metadata.uid", "u", "u")}
    found = [tuple(row) for row in search_rows(entity)]
    assert standard <= set(found)
    return {row for row in found if row not in standard}


def test_every_value_has_a_row_under_its_path_in_lowercase():
    assert rows(kind="Component", spec={"Deep": {"Er": "Value"}}) == {
        ("kind", "component", "Component"),
        ("spec.deep.er", "value", "Value"),
    }


def test_values_are_written_as_in_javascript():
    spec = {
        "number": 42,
        "fraction": 2.5,
        "thousand": 1000.0,
        "big": 1e21,
        "small": 1e-7,
        "flag": False,
        "nothing": None,
    }
    assert rows(spec=spec) == {
        ("spec.number", "42", "42"),
        ("spec.fraction", "2.5", "2.5"),
        ("spec.thousand", "1000", "1000"),
        ("spec.big", "1e+21", "1e+21"),
        ("spec.small", "1e-7", "1e-7"),
        ("spec.flag", "false", "false"),
        ("spec.nothing", None, None),
    }


def test_items_stand_under_the_path_of_their_list_and_texts_under_one_of_their_own():
    assert rows(spec={"list": [1, True, None, "Text", {"a": "b"}, ["c"]]}) == {
        ("spec.list", "1", "1"),
        ("spec.list", "true", "true"),
        ("spec.list", None, None),
        ("spec.list", "text", "Text"),
        ("spec.list.text", "true", "true"),
        ("spec.list.a", "b", "b"),
        ("spec.list", "c", "c"),
        ("spec.list.c", "true", "true"),
    }


def test_items_that_differ_only_in_case_share_a_row():
    assert rows(spec={"list": ["Java", "java", "JAVA"]}) == {
        ("spec.list", "java", "Java"),
        ("spec.list.java", "true", "true"),
    }


def test_objects_and_empty_lists_have_no_row():
    assert rows(spec={"object": {}, "list": [], "objects": [{}]}) == set()


def test_what_is_not_indexed():
    skipped = {"attachments": [{"a": 1}], "status": {"items": [{"level": "error"}]}}
    assert rows(**skipped, spec={"status": "x", "relations": ["y"]}) == {
        ("spec.status", "x", "x"),
        ("spec.relations", "y", "y"),
        ("spec.relations.y", "true", "true"),
    }
    entity = {"metadata": {"name": "x", "uid": "u", "etag": "e"}}
    assert [row.key for row in search_rows(entity)] == ["metadata.name", "metadata.namespace", "metadata.uid"]


def test_an_entity_without_a_namespace_is_found_in_the_default_one():
    assert ("metadata.namespace", "default", "default") in search_rows({"metadata": {"name": "X"}})


def test_relations_are_indexed_by_their_type():
    relations = [
        {"type": "ownedBy", "targetRef": "group:default/a"},
        {"type": "ownedBy", "targetRef": "group:default/b"},
    ]
    assert rows(relations=relations) == {
        ("relations.ownedby", "group:default/a", "group:default/a"),
        ("relations.ownedby", "group:default/b", "group:default/b"),
    }


def test_keys_beyond_the_limit_have_no_row():
    fits, too_long = "k" * (MAX_KEY_LENGTH - len("spec.")), "k" * (MAX_KEY_LENGTH - len("spec.") + 1)
    assert rows(spec={fits: 1, too_long: 2}) == {(f"spec.{fits}", "1", "1")}


def test_values_beyond_the_limit_have_a_row_that_nothing_matches():
    fits, too_long = "v" * MAX_VALUE_LENGTH, "v" * (MAX_VALUE_LENGTH + 1)
    assert rows(spec={"fits": fits, "long": too_long}) == {("spec.fits", fits, fits), ("spec.long", None, None)}


def test_nul_characters_are_as_hard_to_find_as_what_is_too_long():
    assert rows(spec={"a": "x\0y", "b\0": 1}) == {("spec.a", None, None)}


def test_the_key_of_a_long_item_counts_its_path():
    item = "i" * MAX_VALUE_LENGTH
    assert rows(spec={"l": [item]}) == {("spec.l", item, item)}


@pytest.mark.parametrize(
    "spec", [{"a": 1, "A": 2}, {"a": {"b": 1}, "A": {"b": 2}}, {"a": {"B": 1}, "a.b": 2}, {"t": ["X"], "t.x": 1}]
)
def test_keys_that_differ_only_in_case_are_refused(spec):
    with pytest.raises(InputError, match='component:default/x has two fields that differ only in case, "spec'):
        search_rows({"kind": "Component", "metadata": {"name": "x"}, "spec": spec})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=220), inner, max_size=4),
    max_leaves=25,
)


@given(JSON)
def test_rows_are_bounded_distinct_and_lowercase(spec):
    entity = {"kind": "C", "metadata": {"name": "x"}, "spec": spec}
    try:
        found = search_rows(entity)
    except InputError:
        assume(False)
    assert len({(row.key, row.value) for row in found}) == len(found)
    for key, value, original in found:
        assert key == key.lower()
        assert len(key) <= MAX_KEY_LENGTH
        assert "\0" not in key + (value or "")
        if value is None or original is None:
            assert value is original
        else:
            assert value == original.lower()
            assert len(value) <= MAX_VALUE_LENGTH


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (-0.0, "0"),
        (1e20, "100000000000000000000"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1.25e-10, "1.25e-10"),
        (-123456789.125, "-123456789.125"),
        (0.1, "0.1"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_a_number_is_written_as_in_javascript(value, expected):
    assert js_text(value) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_can_be_read_back_from_its_text(number):
    assert float(js_text(number)) == number
