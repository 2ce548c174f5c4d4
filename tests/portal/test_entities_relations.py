"""The relations that specs state, in both directions."""

import copy

import pytest

from portal.entities import Kind, KindRegistry, Relation, RelationField, relations_of, sort_relation_arrays
from portal.errors import InputError


def entity(kind, namespace="default", version="backstage.io/v1alpha1", **spec):
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "X", "namespace": namespace}, "spec": spec}


@pytest.mark.parametrize(
    ("kind", "field", "forward", "reverse", "target_kind"),
    [
        *(
            (kind, "owner", "ownedBy", "ownerOf", "group")
            for kind in ("Component", "API", "Resource", "System", "Domain")
        ),
        ("Component", "subcomponentOf", "partOf", "hasPart", "component"),
        *((kind, "system", "partOf", "hasPart", "system") for kind in ("Component", "API", "Resource")),
        ("System", "domain", "partOf", "hasPart", "domain"),
        ("Domain", "subdomainOf", "partOf", "hasPart", "domain"),
        ("Component", "providesApis", "providesApi", "apiProvidedBy", "api"),
        ("Component", "consumesApis", "consumesApi", "apiConsumedBy", "api"),
        ("User", "memberOf", "memberOf", "hasMember", "group"),
        ("Group", "parent", "childOf", "parentOf", "group"),
        ("Group", "children", "parentOf", "childOf", "group"),
        ("Group", "members", "hasMember", "memberOf", "user"),
    ],
)
def test_a_field_gives_a_relation_and_its_reverse(kind, field, forward, reverse, target_kind):
    own, target = f"{kind.lower()}:acme/x", f"{target_kind}:acme/y"
    expected = [Relation(own, forward, target), Relation(target, reverse, own)]
    assert relations_of(entity(kind, "acme", **{field: "Y"})) == expected
    assert relations_of(entity(kind, "acme", **{field: ["Y"]})) == expected


def test_a_template_is_owned_too():
    template = entity("Template", version="scaffolder.backstage.io/v1beta3", owner="team")
    assert relations_of(template)[0] == Relation("template:default/x", "ownedBy", "group:default/team")


def test_a_ref_may_say_everything_itself():
    (relation, _) = relations_of(entity("Component", "acme", owner="User:HR/Jane"))
    assert relation == Relation("component:acme/x", "ownedBy", "user:hr/jane")


@pytest.mark.parametrize("kind", ["Component", "Resource"])
@pytest.mark.parametrize(
    ("field", "forward", "reverse"),
    [("dependsOn", "dependsOn", "dependencyOf"), ("dependencyOf", "dependencyOf", "dependsOn")],
)
def test_a_dependency_names_its_kind(kind, field, forward, reverse):
    own = f"{kind.lower()}:default/x"
    assert relations_of(entity(kind, **{field: ["resource:db"]})) == [
        Relation(own, forward, "resource:default/db"),
        Relation("resource:default/db", reverse, own),
    ]
    with pytest.raises(
        InputError, match=f'The entity {own} has no valid refs in spec.{field}: The entity ref "db" names no kind'
    ):
        relations_of(entity(kind, **{field: ["db"]}))


def test_the_characters_of_a_ref_are_not_checked():
    assert relations_of(entity("Component", dependsOn=["not a ref:::"]))[0].target_ref == "not a ref:default/::"


@pytest.mark.parametrize("target", [7, {"kind": "x"}, ":", ["nested"]])
def test_what_is_no_ref_is_refused(target):
    with pytest.raises(InputError, match=r"has no valid refs in spec\.dependencyOf"):
        relations_of(entity("Component", dependencyOf=[target]))


def test_a_relation_stated_twice_comes_once():
    assert len(relations_of(entity("Component", providesApis=["a", "A", "api:default/a"]))) == 2


@pytest.mark.parametrize("kind", ["Spaceship", "component"])
def test_an_unknown_kind_states_no_relations(kind):
    assert relations_of(entity(kind, owner="team")) == []


def test_empty_fields_state_no_relations():
    assert relations_of(entity("Group", children=[], parent=None)) == []


def test_a_kind_that_is_added_brings_its_relations():
    ship = Kind("Ship", ("acme.example/v1",), {}, relations=(RelationField("dock", "dockedAt", "docks", "Port"),))
    stated = relations_of(entity("Ship", version="acme.example/v1", dock="rotterdam"), kinds=KindRegistry(ship))
    assert stated[0] == Relation("ship:default/x", "dockedAt", "port:default/rotterdam")


def test_lists_of_refs_are_sorted_so_that_their_order_makes_no_difference():
    fields = ("providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members")
    before = entity("Component", **{field: ["b", "a", "C"] for field in fields}, tags=["b", "a"], owner="x")
    untouched = copy.deepcopy(before)
    after = sort_relation_arrays(before)
    assert after["spec"] == {**{field: ["C", "a", "b"] for field in fields}, "tags": ["b", "a"], "owner": "x"}
    assert before == untouched


@pytest.mark.parametrize("spec", [None, "x", {}, {"dependsOn": "b"}, {"dependsOn": ["b", 1, "a"]}])
def test_what_is_no_list_of_texts_is_left_alone(spec):
    before = {"apiVersion": "a/v1", "kind": "Component", "metadata": {"name": "x"}, "spec": spec}
    assert sort_relation_arrays(before) == before
    assert sort_relation_arrays({"kind": "Component"}) == {"kind": "Component"}
