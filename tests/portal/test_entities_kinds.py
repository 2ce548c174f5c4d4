"""Kinds: what the specs of each must hold, and the registry of those that are known."""

import copy

import pytest

from portal.entities import KINDS, Entity, Kind, KindRegistry, validate_kind
from portal.errors import ConflictError, InputError

V1 = "backstage.io/v1alpha1"
TEMPLATE_VERSION = "scaffolder.backstage.io/v1beta3"

#: A spec of each kind that has all fields, and the names of those that it could do without.
SPECS: dict[str, tuple[Entity, set[str]]] = {
    "Component": (
        {
            "type": "service",
            "lifecycle": "production",
            "owner": "team",
            "system": "shop",
            "subcomponentOf": "shop",
            "providesApis": ["a"],
            "consumesApis": ["b"],
            "dependsOn": ["resource:db"],
        },
        {"system", "subcomponentOf", "providesApis", "consumesApis", "dependsOn"},
    ),
    "API": (
        {
            "type": "openapi",
            "lifecycle": "production",
            "owner": "team",
            "definition": "openapi: 3.0.0",
            "system": "shop",
        },
        {"system"},
    ),
    "Resource": (
        {"type": "database", "owner": "team", "system": "shop", "dependsOn": ["resource:db"]},
        {"system", "dependsOn"},
    ),
    "System": ({"owner": "team", "domain": "sales", "type": "product"}, {"domain", "type"}),
    "Domain": ({"owner": "team", "subdomainOf": "sales", "type": "area"}, {"subdomainOf", "type"}),
    "Group": (
        {
            "type": "team",
            "children": [],
            "parent": "acme",
            "members": ["jane"],
            "profile": {"displayName": "Team", "email": "t@acme.example", "picture": "https://x"},
        },
        {"parent", "members", "profile"},
    ),
    "User": ({"memberOf": [], "profile": {"displayName": "Jane", "email": "j@acme.example"}}, {"profile"}),
    "Location": (
        {"type": "url", "target": "./a.yaml", "targets": ["./b.yaml"], "presence": "optional"},
        {"type", "target", "targets", "presence"},
    ),
    "Template": (
        {
            "type": "service",
            "owner": "team",
            "lifecycle": "production",
            "parameters": [{"title": "Name", "backstage:permissions": {"tags": ["a"]}}],
            "steps": [{"id": "log", "name": "Log", "action": "debug:log", "input": {}, "if": "${{ parameters.x }}"}],
            "output": {"links": [{"url": "https://x", "if": True}], "text": [{"content": ""}], "other": "x"},
            "presentation": {"buttonLabels": {"backButtonText": "Back"}},
            "secrets": {"schema": {}},
            "formDecorators": [{"id": "x", "input": {}}],
        },
        {"owner", "lifecycle", "parameters", "output", "presentation", "secrets", "formDecorators"},
    ),
}


def entity(kind, spec=..., version=None):
    made = {
        "apiVersion": version or (TEMPLATE_VERSION if kind == "Template" else V1),
        "kind": kind,
        "metadata": {"name": "x", "namespace": "default"},
    }
    return made if spec is None else {**made, "spec": SPECS[kind][0] if spec is ... else spec}


def test_every_kind_of_the_portal_is_covered_here():
    assert {kind.name for kind in KINDS} == SPECS.keys()


@pytest.mark.parametrize("kind", SPECS)
def test_a_full_spec_is_valid_and_so_is_one_with_fields_of_its_own(kind):
    assert validate_kind(entity(kind))
    assert validate_kind(entity(kind, {**SPECS[kind][0], "acme": {"anything": None}}))


@pytest.mark.parametrize("kind", SPECS)
def test_optional_fields_can_be_left_out_and_no_others(kind):
    spec, optional = SPECS[kind]
    assert validate_kind(entity(kind, {field: value for field, value in spec.items() if field not in optional}))
    for field in spec.keys() - optional:
        with pytest.raises(InputError, match=f'"spec.{field}" is missing'):
            validate_kind(entity(kind, {name: value for name, value in spec.items() if name != field}))


@pytest.mark.parametrize("kind", SPECS)
def test_there_must_be_a_spec(kind):
    with pytest.raises(InputError, match='"spec" is missing'):
        validate_kind(entity(kind, None))


@pytest.mark.parametrize("kind", SPECS)
def test_texts_are_not_empty_and_lists_hold_such_texts(kind):
    spec, _ = SPECS[kind]
    for field, value in spec.items():
        if isinstance(value, str):
            wrong = ["", 7, None, ["x"]]
        elif kind == "Template":
            wrong = ["x", 7]
        elif isinstance(value, list):
            wrong = ["x", [""], [7]]
        else:
            wrong = ["x", {"displayName": ""}, {"email": 7}]
        for bad in wrong:
            with pytest.raises(InputError, match=f'"spec.{field}'):
                validate_kind(entity(kind, {**spec, field: bad}))


def test_the_presence_of_a_location_is_required_or_optional():
    with pytest.raises(
        InputError, match=r'"spec\.presence" is not valid; expected one of "required", "optional" but found '
    ):
        validate_kind(entity("Location", {"presence": "maybe"}))


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({}, "spec.steps.0.action"),
        ({"action": 7}, "spec.steps.0.action"),
        ({"action": "x", "input": []}, "spec.steps.0.input"),
        ({"action": "x", "if": 7}, "spec.steps.0.if"),
        ("x", "spec.steps.0"),
    ],
)
def test_the_steps_of_a_template_are_objects_with_an_action(step, field):
    with pytest.raises(InputError, match=f'"{field}" is'):
        validate_kind(entity("Template", {"type": "x", "steps": [step]}))


@pytest.mark.parametrize("parameters", [{"title": "x"}, [{"title": "x"}, {}], []])
def test_the_parameters_of_a_template_are_one_page_or_several(parameters):
    assert validate_kind(entity("Template", {"type": "x", "steps": [], "parameters": parameters}))


@pytest.mark.parametrize("kind", SPECS)
def test_another_api_version_is_another_kind(kind):
    assert not validate_kind(entity(kind, version="backstage.io/v9"))


@pytest.mark.parametrize("kind", sorted(SPECS.keys() - {"Template"}))
def test_the_catalog_s_own_kinds_have_two_versions(kind):
    assert validate_kind(entity(kind, version="backstage.io/v1beta1"))


@pytest.mark.parametrize("kind", ["Spaceship", "component", "COMPONENT"])
def test_an_unknown_kind_is_not_ours_whatever_else_is_wrong(kind):
    made = {"apiVersion": V1, "kind": kind, "metadata": {"name": "x"}, "spec": "wrong"}
    assert validate_kind(made) is False


@pytest.mark.parametrize(("field", "value"), [("kind", 7), ("kind", ""), ("apiVersion", None)])
def test_a_kind_that_is_no_text_is_wrong_and_not_just_unknown(field, value):
    with pytest.raises(InputError, match=f'"{field}" is not valid'):
        validate_kind({**entity("Component"), field: value})


def test_a_message_names_the_entity_and_each_field_that_is_wrong():
    with pytest.raises(InputError) as caught:
        validate_kind(entity("Component", {"type": "service", "lifecycle": 7}))
    assert caught.value.message == (
        'The entity component:default/x is not a valid Component: "spec.owner" is missing; '
        '"spec.lifecycle" is not valid; expected a text but found 7.'
    )


def test_a_long_list_of_failures_is_cut():
    with pytest.raises(InputError, match="… and 3 more"):
        validate_kind(entity("Component", {**SPECS["Component"][0], "dependsOn": [1, 2, 3, 4, 5, 6, 7, 8]}))


def test_validation_changes_nothing():
    before = entity("Component")
    after = copy.deepcopy(before)
    validate_kind(after)
    assert after == before


SPACESHIP = Kind("Spaceship", ("acme.example/v1",), {"type": "object", "required": ["crew"]})


def test_a_kind_can_be_added():
    kinds = KindRegistry(SPACESHIP)
    ship = {"apiVersion": "acme.example/v1", "kind": "Spaceship", "metadata": {"name": "x"}, "spec": {"crew": 7}}
    assert kinds.validate(ship)
    assert not KINDS.validate(ship)
    with pytest.raises(InputError, match="is not a valid Spaceship"):
        kinds.validate({**ship, "spec": {}})


def test_a_kind_can_be_added_once_only():
    kinds = KindRegistry(SPACESHIP)
    with pytest.raises(ConflictError, match=r"The kind Spaceship of acme\.example/v1 is registered already"):
        kinds.add(SPACESHIP)


def test_a_variant_for_one_type_goes_before_the_kind():
    variant = Kind("Spaceship", ("acme.example/v1",), {"type": "object", "required": ["cargo"]}, spec_type="freighter")
    kinds = KindRegistry(SPACESHIP, variant)
    ship = {"apiVersion": "acme.example/v1", "kind": "Spaceship", "metadata": {"name": "x"}}
    assert kinds.validate({**ship, "spec": {"type": "freighter", "cargo": "ore"}})
    assert kinds.validate({**ship, "spec": {"type": "yacht", "crew": 2}})
    with pytest.raises(InputError, match=r'"spec\.cargo" is missing'):
        kinds.validate({**ship, "spec": {"type": "freighter", "crew": 2}})
