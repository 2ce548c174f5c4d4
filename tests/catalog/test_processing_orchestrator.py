"""The pipeline: its stages, and what bad input gives."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.extension_points import Processor
from apps.catalog.processing.positions import ANNOTATION_POSITION
from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, Relation
from portal.errors import InputError
from tests.catalog.processing_kit import (
    RecordingLogger,
    entity,
    location,
    messages,
    pipeline,
)


def test_a_valid_component_is_completed_with_namespace_and_relations():
    result = pipeline().process(entity(name="shop"))
    assert result.ok
    assert result.errors == []
    assert result.completed_entity["metadata"]["namespace"] == "default"
    assert result.relations == [
        Relation("component:default/shop", "ownedBy", "group:default/team-a"),
        Relation("group:default/team-a", "ownerOf", "component:default/shop"),
    ]
    assert result.state == {}


def test_the_given_entity_is_not_changed():
    given_entity = entity(spec={"type": "s", "lifecycle": "l", "owner": "o", "providesApis": ["b", "a"]})
    before = copy.deepcopy(given_entity)
    result = pipeline().process(given_entity)
    assert result.completed_entity["spec"]["providesApis"] == ["a", "b"]
    assert given_entity == before


def test_unknown_fields_of_metadata_and_spec_are_kept():
    result = pipeline().process(
        entity(spec={"type": "s", "lifecycle": "l", "owner": "o", "more": {"a": [1]}}, extra={"b": None})
    )
    assert result.completed_entity["spec"]["more"] == {"a": [1]}
    assert result.completed_entity["metadata"]["extra"] == {"b": None}


def test_the_stages_run_in_order_over_all_processors():
    calls = []

    class Tracing(Processor):
        def __init__(self, name: str) -> None:
            self.name = name  # type: ignore[misc]

        def pre_process_entity(self, entity, context):
            calls.append(f"pre {self.name}")
            return entity

        def validate_entity_kind(self, entity):
            calls.append(f"validate {self.name}")
            return True

        def read_location(self, location, context):
            calls.append(f"read {self.name} {location.target}")
            return True

        def post_process_entity(self, entity, context):
            calls.append(f"post {self.name}")
            return entity

    run = pipeline(processors=[Tracing("a"), Tracing("b")])
    assert run.process(location("/x.yaml", "/y.yaml")).ok
    assert calls == [
        "pre a",
        "pre b",
        "validate a",
        "validate b",
        "read a /x.yaml",
        "read a /y.yaml",
        "post a",
        "post b",
    ]


def test_all_processors_validate_even_after_one_has_said_yes():
    class Strict(Processor):
        name = "Strict"

        def validate_entity_kind(self, entity):
            raise InputError("components must have a title")

    result = pipeline(Strict()).process(entity())
    assert not result.ok
    assert "Strict refuses component:default/shop: components must have a title" in messages(result)[0]


def test_one_processor_that_knows_the_kind_is_enough():
    class Knowing(Processor):
        name = "Knowing"

        def validate_entity_kind(self, entity):
            return entity["kind"] == "Spaceship"

    run = pipeline(Knowing())
    assert run.process(entity("Spaceship", "x", spec={})).ok
    assert run.process(entity("Component")).ok


def test_a_kind_that_nobody_knows_is_an_error_that_says_so():
    result = pipeline().process(entity("Spaceship", "x", spec={"type": "freighter"}))
    assert not result.ok
    [error] = result.errors
    assert error.name == "InputError"
    assert error.cause is None
    assert error.message.startswith("No processor recognized the entity spaceship:default/x as valid")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "component"}, "No processor recognized"),
        ({"apiVersion": "backstage.io/v9"}, "No processor recognized"),
        ({"relations": []}, "relations"),
        ({"apiVersion": ""}, "apiVersion"),
        ({"metadata": None}, "metadata"),
        ({"kind": 7}, "kind"),
        ({"spec": {"type": "service", "owner": "me"}}, "spec.lifecycle"),
        ({"spec": {"type": "service", "lifecycle": 7, "owner": "me"}}, "spec.lifecycle"),
        ({"spec": {"type": "s", "lifecycle": "l", "owner": "o", "dependsOn": ["no-kind"]}}, "no-kind"),
    ],
)
def test_a_bad_entity_is_a_failed_result_that_names_the_field(change, said):
    result = pipeline().process(entity() | change)
    assert not result.ok
    assert len(result.errors) == 1
    assert said in messages(result)[0]
    assert (result.completed_entity, result.deferred, result.relations, result.refresh_keys) == (None, [], [], [])


def test_errors_have_the_names_and_causes_that_clients_know():
    [policy] = pipeline().process(entity(name="not valid!")).errors
    assert (policy.name, policy.cause[0]) == ("InputError", "Error")
    assert policy.message.startswith("Policy check failed for component:default/not valid!")
    [kind] = pipeline().process(entity(spec={})).errors
    assert kind.message.startswith("The entity component:default/shop is not a valid Component")
    assert (kind.name, kind.cause[0]) == ("InputError", "TypeError")
    assert kind.as_dict()["cause"]["message"]


def test_an_error_names_the_file_the_document_and_the_line_that_the_entity_came_from():
    found = entity(tags=["Upper Case"], location="file:/catalog/bad.yaml", annotations={ANNOTATION_POSITION: "3:41"})
    [error] = pipeline().process(found).errors
    assert (error.location, error.document, error.line) == ("file:/catalog/bad.yaml", 3, 41)
    assert '"tags.0"' in error.message
    assert error.message.endswith("(in file:/catalog/bad.yaml, document 3, line 41)")


def test_the_position_never_reaches_processors_or_the_completed_entity():
    class Looking(Processor):
        name = "Looking"

        def pre_process_entity(self, entity, context):
            assert ANNOTATION_POSITION not in entity["metadata"]["annotations"]
            return entity

    result = pipeline(Looking()).process(entity(annotations={ANNOTATION_POSITION: "1:1"}))
    assert result.ok
    assert ANNOTATION_POSITION not in result.completed_entity["metadata"]["annotations"]


@pytest.mark.parametrize("missing", [ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION])
def test_an_entity_without_its_location_annotations_fails(missing):
    given_entity = entity()
    del given_entity["metadata"]["annotations"][missing]
    result = pipeline().process(given_entity)
    assert not result.ok
    assert missing in messages(result)[0]


@pytest.mark.parametrize("annotations", ["text", ["list"], {ANNOTATION_LOCATION: 7, ANNOTATION_ORIGIN_LOCATION: "a:b"}])
def test_annotations_of_the_wrong_type_fail_in_words(annotations):
    given_entity = entity()
    given_entity["metadata"]["annotations"] = annotations
    result = pipeline().process(given_entity)
    assert not result.ok
    assert "annotation" in messages(result)[0]
    assert "must be" in messages(result)[0]


def test_a_processor_must_not_change_what_the_entity_is_called():
    class Renaming(Processor):
        name = "Renaming"

        def pre_process_entity(self, entity, context):
            return {**entity, "metadata": {**entity["metadata"], "name": "other"}}

    [error] = pipeline(Renaming()).process(entity()).errors
    assert error.name == "ConflictError"
    assert "component:default/shop became component:default/other" in error.message


@pytest.mark.parametrize("hook", ["pre_process_entity", "validate_entity_kind", "post_process_entity"])
def test_an_exception_in_a_processor_fails_the_run_and_is_logged(hook):
    def broken(self, *args):
        raise ZeroDivisionError("division by zero")

    logger = RecordingLogger()
    processor = type("Broken", (Processor,), {"name": "Broken", hook: broken})()
    result = pipeline(processor, logger=logger).process(entity())
    assert not result.ok
    assert result.errors[0].cause == ("TypeError" if "validate" in hook else "ZeroDivisionError", "division by zero")
    assert "Broken" in messages(result)[0]
    [(level, _, fields)] = logger.lines
    assert level == "error"
    assert isinstance(fields["exc_info"], ZeroDivisionError)


@pytest.mark.parametrize("hook", ["pre_process_entity", "post_process_entity"])
def test_a_processor_that_returns_no_entity_fails_the_run(hook):
    processor = type("Forgetful", (Processor,), {"name": "Forgetful", hook: lambda self, *args: None})()
    result = pipeline(processor).process(entity())
    assert not result.ok
    assert "it returned None in place of the entity" in messages(result)[0]


def test_what_nobody_foresaw_fails_the_run_and_is_logged():
    class Lenient(Processor):
        name = "Lenient"

        def validate_entity_kind(self, entity):
            return True

    logger = RecordingLogger()
    odd = location() | {"apiVersion": "odd/v1", "spec": {"targets": 7}}
    result = pipeline(Lenient(), logger=logger).process(odd, {"ttl": 3})
    assert not result.ok
    assert "Processing broke down" in messages(result)[0]
    assert result.state == {"ttl": 2}
    assert [level for level, _, _ in logger.lines] == ["error"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
entity_like = st.fixed_dictionaries(
    {},
    optional={
        "apiVersion": st.sampled_from(["backstage.io/v1alpha1", ""]) | json_values,
        "kind": st.sampled_from(["Component", "Location", "Group"]) | json_values,
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "name": st.just("x") | json_values,
                "namespace": json_values,
                "annotations": st.just(entity()["metadata"]["annotations"]) | json_values,
                "tags": json_values,
                "links": json_values,
            },
        )
        | json_values,
        "spec": st.fixed_dictionaries(
            {}, optional={"type": json_values, "targets": json_values, "owner": json_values, "$text": json_values}
        )
        | json_values,
    },
)


@given(entity_like | json_values, json_values)
def test_any_input_gives_a_result_and_any_error_a_message(value, state):
    run = pipeline()
    result = run.process(value, state if isinstance(state, dict) else None)
    assert result.ok == (result.errors == [])
    assert all(error.message and error.name for error in result.errors)
    assert not any("object has no attribute" in message for message in messages(result))
    assert run.process(value, state if isinstance(state, dict) else None).errors == result.errors
