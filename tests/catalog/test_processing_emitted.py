"""What processors emit: entities and their locations, errors, refresh keys; and what rules forbid."""

from __future__ import annotations

from typing import Any

import pytest

from apps.catalog.extension_points import Processor, SourceDocument, SourcePosition
from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, LocationRef
from portal.errors import InputError
from tests.catalog.processing_kit import (
    RecordingLogger,
    entity,
    messages,
    names,
    pipeline,
)


class Emitting(Processor):
    """Calls ``emit`` in the hook named ``hook``, and leaves the entity as it is."""

    name = "Emitting"

    def __init__(self, emit: Any) -> None:
        self._emit = emit

    def post_process_entity(self, entity: Any, context: Any) -> Any:
        self._emit(context)
        return entity


def emitted(emit: Any, **options: Any) -> Any:
    return pipeline(Emitting(emit), **options).process(entity())


def test_what_was_emitted_before_a_failure_is_thrown_away_except_errors():
    def emit(context):
        context.emit.entity(entity(name="child"), context.location)
        context.emit.error(InputError("first"), context.location)
        raise InputError("second")

    result = emitted(emit)
    assert not result.ok
    assert result.deferred == []
    assert [message.partition(" (in")[0] for message in messages(result)] == [
        "first",
        "Emitting failed when finishing component:default/shop: second",
    ]


def test_an_emitted_error_fails_the_run_but_what_else_was_found_can_be_shown():
    def emit(context):
        context.emit.entity(entity(name="child"), context.location)
        context.emit.error(InputError("bad"), LocationRef("url", "https://x/y"))

    result = emitted(emit)
    assert not result.ok
    assert names(result) == ["child"]
    assert messages(result) == ["bad (in url:https://x/y)"]


def test_an_emitted_entity_gets_both_location_annotations_and_its_location_as_key():
    def emit(context):
        child = {"apiVersion": "a/v1", "kind": "Component", "metadata": {"name": "child"}}
        context.emit.entity(child, LocationRef("url", "https://x/child.yaml"))

    [deferred] = emitted(emit).deferred
    assert deferred.location_key == "url:https://x/child.yaml"
    assert deferred.entity["metadata"]["annotations"] == {
        ANNOTATION_LOCATION: "url:https://x/child.yaml",
        ANNOTATION_ORIGIN_LOCATION: "file:/catalog/all.yaml",
    }


def test_an_emitted_entity_cannot_choose_its_location_annotations():
    def emit(context):
        context.emit.entity(
            entity(name="child", location="url:https://evil/", annotations={"own": "kept"}), context.location
        )

    [deferred] = emitted(emit).deferred
    annotations = deferred.entity["metadata"]["annotations"]
    assert annotations[ANNOTATION_LOCATION] == "file:/catalog/all.yaml"
    assert annotations["own"] == "kept"


@pytest.mark.parametrize(("given_key", "stored"), [("mine", "mine"), (None, None)])
def test_a_location_key_can_be_chosen_or_left_out(given_key, stored):
    def emit(context):
        context.emit.entity(entity(name="child"), context.location, location_key=given_key)

    assert emitted(emit).deferred[0].location_key == stored


def test_an_emitted_entity_without_envelope_is_an_error():
    def emit(context):
        document = SourceDocument(LocationRef("file", "/x.yaml"), SourcePosition(2, 9), entity={"just": "a map"})
        context.emit.document(document)

    result = emitted(emit)
    assert not result.ok
    assert "(in file:/x.yaml, document 2, line 9)" in messages(result)[0]
    assert '"kind" is missing' in messages(result)[0]


def test_annotations_of_an_emitted_entity_must_be_an_object():
    def emit(context):
        child = entity(name="child")
        child["metadata"]["annotations"] = ["no"]
        context.emit.entity(child, context.location)

    result = emitted(emit)
    assert not result.ok
    assert '"metadata.annotations" of component:default/child must be an object' in messages(result)[0]


def test_an_entity_that_emits_itself_is_ignored_with_a_warning():
    logger = RecordingLogger()

    def emit(context):
        context.emit.entity(entity(name="Shop"), context.location)

    result = emitted(emit, logger=logger)
    assert result.ok
    assert result.deferred == []
    assert [level for level, _, _ in logger.lines] == ["warning"]


def test_an_emitted_location_becomes_a_location_entity_of_the_same_origin():
    def emit(context):
        context.emit.location(LocationRef("url", "https://x/y.yaml"), optional=True)

    [deferred] = emitted(emit).deferred
    assert deferred.entity["kind"] == "Location"
    assert deferred.entity["metadata"]["name"].startswith("generated-")
    assert deferred.entity["spec"] == {"type": "url", "target": "https://x/y.yaml", "presence": "optional"}
    assert deferred.entity["metadata"]["annotations"][ANNOTATION_LOCATION] == "file:/catalog/all.yaml"
    assert deferred.location_key == "file:/catalog/all.yaml"


def test_refresh_keys_are_emitted_once():
    def emit(context):
        for key in ("url:a", "url:b", "url:a"):
            context.emit.refresh_key(key)

    assert emitted(emit).refresh_keys == ["url:a", "url:b"]


def test_what_is_emitted_after_the_run_is_dropped_with_a_warning():
    kept: list[Any] = []
    logger = RecordingLogger()
    result = emitted(kept.append, logger=logger)
    kept[0].emit.refresh_key("late")
    kept[0].emit.entity(entity(name="late"), LocationRef("file", "/x"))
    assert result.refresh_keys == []
    assert result.deferred == []
    assert [level for level, _, _ in logger.lines] == ["warning", "warning"]


def test_an_emitted_kind_that_the_rules_forbid_fails_the_run_and_names_the_document():
    def emit(context):
        context.emit.entity(entity(name="fine"), context.location, position=SourcePosition(1, 1))
        forbidden = entity("User", "jane", spec={"memberOf": []})
        context.emit.entity(forbidden, context.location, position=SourcePosition(2, 12))

    result = emitted(emit, rules=[{"allow": ["Component"]}])
    assert not result.ok
    [error] = result.errors
    assert error.name == "NotAllowedError"
    assert (error.document, error.line) == (2, 12)
    assert "user:default/jane" in error.message
    assert "allowed: component" in error.message


def test_rules_go_by_the_origin_of_the_emitter_not_by_its_file():
    def emit(context):
        context.emit.entity(entity("User", "jane", spec={"memberOf": []}), context.location)

    rules = [{"allow": ["User"], "locations": [{"type": "url", "exact": "https://org/root.yaml"}]}]
    run = pipeline(Emitting(emit), rules=rules)
    assert run.process(entity(location="file:/a.yaml", origin="url:https://org/root.yaml")).ok
    assert not run.process(entity(location="url:https://org/root.yaml", origin="file:/a.yaml")).ok


def test_the_entity_in_hand_is_not_checked_against_the_rules():
    assert pipeline(rules=[]).process(entity("User", "jane", spec={"memberOf": []})).ok


def test_very_many_errors_are_counted_rather_than_listed():
    def emit(context):
        for number in range(250):
            context.emit.error(InputError(f"bad {number}"), context.location)

    result = emitted(emit)
    assert len(result.errors) == 101
    assert messages(result)[-1] == "There are 150 more errors like these."
