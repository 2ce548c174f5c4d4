"""Conditions on entities in memory: predicates, and the older lines of words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.entities import check_predicate, matches, value_at
from portal.errors import InputError

ENTITY = {
    "kind": "Component",
    "metadata": {
        "name": "shop",
        "tags": ["Java", "grpc"],
        "annotations": {"backstage.io/orphan": "true", "a": None},
        "labels": {"tier": "gold"},
        "links": [],
    },
    "spec": {"type": "service", "replicas": 3, "ratio": 1.5, "public": True, "nested": {"list": [["a"], {"x": "Y"}]}},
    "relations": [{"type": "ownedBy", "targetRef": "group:default/team"}],
}


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ({}, True),
        ({"kind": "component"}, True),
        ({"kind": "COMPONENT", "spec.type": "Service"}, True),
        ({"kind": "component", "spec.type": "website"}, False),
        ({"kind": "api"}, False),
        ({"spec.nowhere": "x"}, False),
        # Numbers compare with texts by how they are written, booleans only with booleans, null with nothing.
        ({"spec.replicas": 3}, True),
        ({"spec.replicas": "3"}, True),
        ({"spec.replicas": 3.0}, True),
        ({"spec.ratio": "1.50"}, False),
        ({"spec.public": True}, True),
        ({"spec.public": "true"}, False),
        ({"spec.public": 1}, False),
        ({"metadata.annotations.a": None}, False),
        # Paths go through keys with dots in them.
        ({"metadata.annotations.backstage.io/orphan": "true"}, True),
        ({"metadata": "x"}, False),
        # Operators on fields.
        ({"spec.type": {"$in": ["website", "SERVICE"]}}, True),
        ({"spec.type": {"$in": []}}, False),
        ({"spec.type": {"$exists": True}}, True),
        ({"spec.type": {"$exists": False}}, False),
        ({"spec": {"$exists": True}}, True),
        ({"metadata.annotations.a": {"$exists": True}}, True),
        ({"spec.nowhere": {"$exists": False}}, True),
        ({"spec.type": {"$hasPrefix": "SER"}}, True),
        ({"spec.type": {"$hasPrefix": "vice"}}, False),
        ({"spec.replicas": {"$hasPrefix": "3"}}, False),
        ({"metadata.tags": {"$contains": "java"}}, True),
        ({"metadata.tags": {"$contains": "rust"}}, False),
        ({"metadata.name": {"$contains": "shop"}}, False),
        ({"relations": {"$contains": {"type": "ownedBy", "targetRef": {"$hasPrefix": "group:"}}}}, True),
        ({"relations": {"$contains": {"type": "partOf"}}}, False),
        ({"spec.nested.list": {"$contains": {"x": "y"}}}, True),
        ({"spec.type": {"$unknown": 1}}, False),
        ({"spec.type": {}}, False),
        # Combinations.
        ({"$all": []}, True),
        ({"$any": []}, False),
        ({"$all": [{"kind": "component"}, {"spec.type": "service"}]}, True),
        ({"$all": [{"kind": "component"}, {"spec.type": "website"}]}, False),
        ({"$any": [{"kind": "api"}, {"spec.type": "service"}]}, True),
        ({"$not": {"kind": "component"}}, False),
        ({"$not": {"kind": {"$in": ["user", "group"]}}}, True),
        ({"$unknown": 1}, False),
    ],
)
def test_a_predicate_is_met_or_not(predicate, expected):
    assert matches(predicate, ENTITY) is expected


@pytest.mark.parametrize("operator", ["$all", "$any", "$not"])
def test_an_operator_that_combines_stands_alone(operator):
    predicate = {operator: [], "kind": "component"}
    with pytest.raises(InputError, match=f"{operator[0]}\\{operator}|\\{operator} must stand alone"):
        matches(predicate, ENTITY)
    with pytest.raises(InputError, match="must stand alone"):
        check_predicate(predicate)


CONDITIONS = st.sampled_from(["Component", "API", "service", 3, True]) | st.sampled_from(
    [{"$exists": True}, {"$exists": False}, {"$in": ["service", 3]}, {"$hasPrefix": "s"}, {"$contains": "java"}]
)
PREDICATES = st.recursive(
    st.dictionaries(
        st.sampled_from(["kind", "spec.type", "spec.replicas", "metadata.tags", "nowhere"]), CONDITIONS, max_size=3
    ),
    lambda inner: (
        st.builds(lambda parts: {"$all": parts}, st.lists(inner, max_size=3))
        | st.builds(lambda parts: {"$any": parts}, st.lists(inner, max_size=3))
        | st.builds(lambda part: {"$not": part}, inner)
    ),
    max_leaves=8,
)


@given(PREDICATES)
def test_not_is_the_opposite(predicate):
    assert matches({"$not": predicate}, ENTITY) is not matches(predicate, ENTITY)


@given(st.lists(PREDICATES, max_size=4))
def test_all_and_any_are_what_they_say(predicates):
    found = [matches(predicate, ENTITY) for predicate in predicates]
    assert matches({"$all": predicates}, ENTITY) is all(found)
    assert matches({"$any": predicates}, ENTITY) is any(found)
    assert matches({"$not": {"$any": predicates}}, ENTITY) is matches(
        {"$all": [{"$not": p} for p in predicates]}, ENTITY
    )


@given(PREDICATES)
def test_several_fields_are_all_of_them(predicate):
    if not any(key.startswith("$") for key in predicate):
        assert matches(predicate, ENTITY) is matches({"$all": [{k: v} for k, v in predicate.items()]}, ENTITY)


@given(PREDICATES)
def test_a_good_predicate_passes_the_check(predicate):
    check_predicate(predicate)


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        (None, "expected an object, but found null"),
        ([], "expected an object, but found a list"),
        ({"kind": None}, 'expected a text, number, boolean or object at "kind", but found null'),
        ({"kind": ["component"]}, 'at "kind", but found a list'),
        (
            {"spec": {"type": "x"}},
            '"type" is not an operator at "spec"; expected $exists, $in, $contains or $hasPrefix',
        ),
        ({"kind": {}}, 'expected an object with one operator at "kind", but found 0'),
        ({"kind": {"$in": "x"}}, 'expected a list of texts, numbers or booleans at "kind.$in"'),
        ({"kind": {"$in": [None]}}, 'at "kind.$in"'),
        ({"kind": {"$exists": "yes"}}, 'expected true or false at "kind.$exists"'),
        ({"kind": {"$hasPrefix": 7}}, 'expected a text at "kind.$hasPrefix"'),
        ({"relations": {"$contains": {"type": None}}}, 'at "relations.$contains.type"'),
        ({"$all": {"kind": "x"}}, 'expected a list at "$all", but found an object'),
        (
            {"$any": [{}, {"$not": {"$foo": 1}}]},
            '"$foo" is not an operator at "$any.1.$not"; expected $all, $any, $not or',
        ),
    ],
)
def test_a_bad_predicate_is_told_where_it_is_wrong(predicate, message):
    with pytest.raises(InputError) as caught:
        check_predicate(predicate, subject="The filter of entity-card:catalog/about")
    assert caught.value.message.startswith("The filter of entity-card:catalog/about is not valid: ")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kind", "Component"),
        ("metadata.annotations.backstage.io/orphan", "true"),
        ("metadata.annotations.a", None),
        ("metadata.tags.0", "absent"),
        ("kind.x", "absent"),
        ("", "absent"),
        ("spec.", "absent"),
    ],
)
def test_a_path_leads_to_a_value(path, expected):
    assert value_at(ENTITY, path, "absent") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", True),
        ("kind:component", True),
        ("kind:api,COMPONENT", True),
        ("kind:api", False),
        ("kind:component type:service", True),
        ("kind:component type:website", False),
        ("not:kind:user,group", True),
        ("not:kind:component", False),
        ("is:orphan", True),
        ("not:is:orphan", False),
        ("has:labels", True),
        ("has:links", False),
        ("has:links,labels", True),
        ("  kind:component   has:labels ", True),
        # What makes no sense is passed over.
        ("nonsense kind:component", True),
        ("colour:red", True),
        ("is:happy", True),
        ("has:links,wings", False),
    ],
)
def test_a_line_of_words_is_met_or_not(line, expected):
    assert matches(line, ENTITY) is expected


def test_an_entity_without_the_fields_meets_no_condition_on_them():
    bare = {"kind": "Component", "metadata": {"name": "x"}}
    for line in ("type:service", "is:orphan", "has:labels", "has:links"):
        assert not matches(line, bare)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", '"nonsense" is not a filter; expected <key>:<value>[,<value>…]'),
        ("colour:red", '"colour" is not a key to filter by; expected kind or type or is or has'),
        ("is:happy", '"happy" can\'t follow "is:"; expected orphan'),
        ("has:links,wings", '"wings" can\'t follow "has:"; expected labels or links'),
    ],
)
def test_a_word_that_makes_no_sense_is_told(line, message):
    with pytest.raises(InputError) as caught:
        check_predicate(line)
    assert message in caught.value.message


def test_a_good_line_passes_the_check():
    check_predicate("kind:component not:type:library is:orphan has:labels,links")
