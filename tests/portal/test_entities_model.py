"""Layers of the entity model, and what they are compiled to."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.entities import BUILTIN_LAYERS, ModelLayer, compile_layers, relations_of, sort_relation_arrays
from portal.entities.kinds.merging import merged_schema
from portal.errors import ConflictError, InputError

TEXTS = {"type": "array", "items": {"type": "string", "minLength": 1}}


def version(name: str | list[str] = "v1", *, fields: list[dict[str, Any]] | None = None, **spec: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": ["spec"], "properties": {"spec": {"type": "object", **spec}}}
    return {"name": name, "schema": {"jsonSchema": schema}, "relationFields": fields or []}


def field(path: str, relation: str, **more: Any) -> dict[str, Any]:
    return {"selector": {"path": path}, "relation": relation, **more}


def dashboard(**more: Any) -> dict[str, Any]:
    """A layer that declares a kind, as its author writes it."""
    return {
        "id": "acme.example/dashboards",
        "addKinds": [
            {
                "group": "acme.example",
                "names": {"kind": "Dashboard", "singular": "dashboard", "plural": "dashboards"},
                "description": "A page of charts.",
                "versions": [
                    version(
                        ["v1", "v2"],
                        required=["shows"],
                        properties={"shows": TEXTS, "owner": {"type": "string"}},
                        fields=[
                            field("spec.shows", "shows", defaultKind="Component", allowedKinds=["Component", "API"]),
                            field("spec.owner", "ownedBy", defaultKind="Group"),
                            field("spec.nested.links", "linksTo", defaultKind="Dashboard", defaultNamespace="default"),
                        ],
                    )
                ],
            }
        ],
        "addRelationPairs": [
            {
                "fromKind": "Dashboard",
                "toKind": ["Component"],
                "description": "What it is about.",
                "forward": {"type": "shows", "title": "shows"},
                "reverse": {"type": "shownOn", "title": "shown on"},
            }
        ],
        **more,
    }


def model(*documents: dict[str, Any]):
    return compile_layers([*BUILTIN_LAYERS, *map(ModelLayer.parse, documents)])


def entity(kind: str = "Dashboard", version: str = "acme.example/v1", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "main", "namespace": "ops"},
        "spec": {"shows": [], **spec},
    }


def test_a_declared_kind_is_checked_by_its_schema() -> None:
    kinds = model(dashboard()).kinds
    assert kinds.validate(entity(shows=["web"]))
    assert kinds.validate(entity(version="acme.example/v2"))
    with pytest.raises(InputError, match=r'not a valid Dashboard: "spec.shows" is not valid; expected a list'):
        kinds.validate(entity(shows="web"))


@pytest.mark.parametrize("other", [entity(version="acme.example/v3"), entity(kind="dashboard")])
def test_another_version_or_case_is_somebody_elses(other: dict[str, Any]) -> None:
    assert not model(dashboard()).kinds.validate(other)


def test_declared_fields_state_relations() -> None:
    stated = relations_of(entity(shows=["web", "api:x/y"], owner="team"), kinds=model(dashboard()).kinds)
    assert [tuple(relation) for relation in stated] == [
        ("dashboard:ops/main", "shows", "component:ops/web"),
        ("component:ops/web", "shownOn", "dashboard:ops/main"),
        # No pair says what an API is to a dashboard.
        ("dashboard:ops/main", "shows", "api:x/y"),
        ("dashboard:ops/main", "ownedBy", "group:ops/team"),
        ("group:ops/team", "ownerOf", "dashboard:ops/main"),
    ]


def test_targets_of_other_kinds_are_passed_over() -> None:
    assert relations_of(entity(shows=["user:jane"]), kinds=model(dashboard()).kinds) == []


def test_a_field_may_lie_deeper_and_choose_the_namespace() -> None:
    stated = relations_of(entity(nested={"links": ["other"]}), kinds=model(dashboard()).kinds)
    assert [tuple(relation) for relation in stated] == [("dashboard:ops/main", "linksTo", "dashboard:default/other")]


def test_declared_lists_of_refs_are_sorted() -> None:
    given_entity = entity(shows=["b", "a"], nested={"links": ["y", "x"], "others": ["d", "c"]})
    before = copy.deepcopy(given_entity)
    spec = sort_relation_arrays(given_entity, kinds=model(dashboard()).kinds)["spec"]
    assert spec == {"shows": ["a", "b"], "nested": {"links": ["x", "y"], "others": ["d", "c"]}}
    assert given_entity == before


def test_a_type_goes_before_the_kind_without_one() -> None:
    extra = {**version(required=["rows"]), "specType": ["table", "list"]}
    kinds = model(
        dashboard(), {"id": "acme.example/tables", "addKindVersions": [{"kind": "Dashboard", "versions": [extra]}]}
    ).kinds
    assert kinds.validate(entity(type="chart"))
    for spec_type in ("table", "list"):
        with pytest.raises(InputError, match=r'"spec.rows" is missing'):
            kinds.validate(entity(type=spec_type))


def test_a_layer_changes_a_kind_of_the_catalog() -> None:
    change = {
        "kind": "Component",
        "name": ["v1alpha1", "v1beta1"],
        "schema": {
            "jsonSchema": {
                "properties": {
                    "spec": {"required": ["type", "tier"], "properties": {"tier": {"enum": [1, 2]}, "system": None}}
                }
            }
        },
    }
    kinds = model({"id": "acme.example/tiers", "updateKindVersions": [change]}).kinds
    component = entity("Component", "backstage.io/v1alpha1", type="service", tier=1, system=7)
    assert kinds.validate(component)
    component["spec"]["tier"] = 3
    with pytest.raises(InputError, match=r"spec\.tier"):
        kinds.validate(component)


def test_changes_come_after_additions_whatever_the_order_of_layers() -> None:
    removal = {"id": "acme.example/none", "removeKinds": [{"kind": "Dashboard"}]}
    assert not model(removal, dashboard()).kinds.validate(entity())
    kinds = model(removal, dashboard(), {"id": "b", "removeKinds": [{"kind": "Template"}]}).kinds
    assert {kind.name for kind in kinds} == {
        "Component", "API", "Resource", "System", "Domain", "Group", "User", "Location",
    }  # fmt: skip


def test_annotations_and_labels_have_schemas() -> None:
    layer = dashboard(
        addAnnotations=[
            {
                "name": "acme.example/tier",
                "title": "Tier",
                "description": "How much it matters.",
                "schema": {"jsonSchema": {"enum": ["1", "2"]}},
            }
        ],
        addLabels=[{"name": "acme.example/zone", "description": "Where."}],
    )
    compiled = model(layer)
    assert [(one.name, one.title) for one in (*compiled.annotations, *compiled.labels)] == [
        ("acme.example/tier", "Tier"),
        ("acme.example/zone", ""),
    ]
    good = entity()
    good["metadata"]["annotations"] = {"acme.example/tier": "1", "other": "x"}
    assert compiled.kinds.validate(good)
    good["metadata"]["annotations"]["acme.example/tier"] = "3"
    with pytest.raises(InputError, match=r"metadata\.annotations\.acme\.example/tier"):
        compiled.kinds.validate(good)


def test_the_same_layer_may_come_twice_but_not_another_of_its_id() -> None:
    assert model(dashboard(), dashboard()).kinds.validate(entity())
    with pytest.raises(ConflictError, match=r"two different model layers 'acme\.example/dashboards'"):
        model(dashboard(), dashboard(addLabels=[{"name": "a", "description": "b"}]))


def named(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, **more}


@pytest.mark.parametrize(
    ("layer", "problem"),
    [
        (dashboard(id="other"), "the kind Dashboard is declared already"),
        (named("x", addKindVersions=[{"kind": "Ghost", "versions": [version()]}]), "there is no kind Ghost"),
        (
            named("x", addKindVersions=[{"kind": "Dashboard", "versions": [version()]}]),
            "version v1 .* declared already",
        ),
        (named("x", updateKindVersions=[{"kind": "Dashboard", "name": "v9"}]), "no version v9 of the kind Dashboard"),
        (named("x", removeKinds=[{"kind": "Ghost"}]), "there is no kind Ghost"),
        (
            named(
                "x",
                addRelationPairs=[
                    {
                        "fromKind": "A",
                        "toKind": "B",
                        "description": "c",
                        "forward": {"type": "ownedBy", "title": "t"},
                        "reverse": {"type": "paidBy", "title": "t"},
                    }
                ],
            ),
            "opposite of ownerOf already",
        ),
        (
            named(
                "x",
                addKindVersions=[
                    {
                        "kind": "Dashboard",
                        "versions": [{"name": "v7", "schema": {"jsonSchema": {"properties": {"x": {}}}}}],
                    }
                ],
            ),
            "is about x; that of a kind is about 'spec' alone",
        ),
        (
            named(
                "x", addKindVersions=[{"kind": "Dashboard", "versions": [version("v7", properties={"a": {"type": 7}})]}]
            ),
            "The schema of version v7 of the kind Dashboard is none",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_layer(layer: dict[str, Any], problem: str) -> None:
    with pytest.raises((ConflictError, InputError), match=problem):
        model(dashboard(), layer)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([], "expected an object"),
        ({}, '"id" is missing'),
        ({"id": "x", "addKind": []}, '"addKind" is not a field'),
        ({"id": "x", "addKinds": [{}]}, r'"addKinds.0.group" is missing'),
        (dashboard(addRelationPairs=[{}]), "fromKind"),
        ({**dashboard(), "addKinds": [{**dashboard()["addKinds"][0], "group": "No Group"}]}, "isn't a lowercase DNS"),
    ],
)
def test_a_malformed_layer_is_refused(document: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        ModelLayer.parse(document)


SCHEMAS = st.recursive(
    st.fixed_dictionaries({}, optional={"type": st.sampled_from(["string", "object", "array"]), "title": st.text()}),
    lambda inner: st.fixed_dictionaries(
        {"properties": st.dictionaries(st.sampled_from(["a", "type", "items"]), inner)}, optional={"items": inner}
    ),
    max_leaves=6,
)


@given(SCHEMAS, SCHEMAS)
def test_laying_a_schema_over_another_changes_neither_and_what_it_says_holds(below: Any, above: Any) -> None:
    before = copy.deepcopy((below, above))
    result = merged_schema(below, above)
    assert (below, above) == before
    assert merged_schema(result, above) == result
    assert merged_schema({}, above) == above
    for keyword in ("type", "title"):
        if keyword in above:
            assert result[keyword] == above[keyword]


def test_merging_keeps_removes_and_replaces() -> None:
    below = {"type": "object", "title": "t", "properties": {"type": {"type": "string", "minLength": 1}, "b": {}}}
    above = {"title": None, "properties": {"type": {"type": "array"}, "b": None, "c": {"const": None}}}
    assert merged_schema(below, above) == {
        "type": "object",
        "properties": {"type": {"type": "array"}, "c": {"const": None}},
    }
