"""Definitions that can't be bundled, and the limits of those that can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.modules.openapi import bundle as bundle_room
from apps.catalog.modules.openapi import documents as documents_room
from apps.catalog.modules.openapi import resolver as resolver_room
from apps.catalog.modules.openapi.pointers import read_fragment, write_fragment
from portal.entities import parse_documents
from tests.catalog.modules.openapi_kit import bundled, problem, process, ref, text
from tests.catalog.processing_kit import messages

# What can't be bundled


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, ["There is no file at https://x.example/api.yaml"]),
        ({"api.yaml": "just text"}, ["https://x.example/api.yaml is no API definition"]),
        ({"api.yaml": ""}, ["exactly one YAML document", "it has 0"]),
        ({"api.yaml": "a: 1\n---\nb: 1\n"}, ["exactly one YAML document", "it has 2"]),
        ({"api.yaml": '{"a": ['}, ["https://x.example/api.yaml is neither YAML nor JSON", "Line "]),
        (
            {"api.yaml": {"a": ref("b.yaml")}, "b.yaml": b"\xff"},
            ["b.yaml is neither", "UTF-8", "'b.yaml' is in", "at #/a"],
        ),
        ({"api.yaml": {"a": ref("b.md")}, "b.md": b"\xff"}, ["b.md is neither", "utf-8"]),
        ({"api.yaml": {"a": ref("b.yaml")}, "b.yaml": "x: [\n"}, ["https://x.example/b.yaml is neither", "Line 2"]),
        (
            {"api.yaml": {"paths": {"/a": [ref("no.yaml")]}}},
            ["no file at https://x.example/no.yaml", "'no.yaml' is in https://x.example/api.yaml at #/paths/~1a/0"],
        ),
        ({"api.yaml": {"a": ref("https://not-allowed.example/x")}}, ["isn't allowed", "at #/a"]),
        ({"api.yaml": {"a": ref("file:///etc/hostname")}}, ["There is no file at file:///etc/hostname"]),
        ({"api.yaml": {"a": ref("#/b/c"), "b": {}}}, ["https://x.example/api.yaml has nothing at #/b/c", "'#/b/c'"]),
        ({"api.yaml": {"a": ref("b.yaml#/x/2/y")}, "b.yaml": {"x": [1]}}, ["b.yaml has nothing at #/x/2"]),
        ({"api.yaml": {"a": ref("b.yaml#/x/-1")}, "b.yaml": {"x": [1]}}, ["b.yaml has nothing at #/x/-1"]),
        ({"api.yaml": {"a": ref("b.yaml#/x/y")}, "b.yaml": {"x": "text"}}, ["b.yaml has nothing at #/x/y"]),
        ({"api.yaml": {"a": ref("#anchor")}}, ["'#anchor' is no JSON pointer", "begin with a slash"]),
        ({"api.yaml": {"a": ref("#/b~2")}}, ["'#/b~2' is no JSON pointer"]),
        ({"api.yaml": {"a": ref(" ")}}, ["takes an absolute URL or a path", "at #/a"]),
        ({"api.yaml": {"a": ref("#/a")}}, ["nothing but itself", "'#/a' is in https://x.example/api.yaml at #/a"]),
        ({"api.yaml": {"a": ref("#/a/b")}}, ["more than 100 references"]),
        (
            {"api.yaml": {"a": ref("b.yaml")}, "b.yaml": ref("c.yaml"), "c.yaml": ref("b.yaml")},
            ["nothing but itself", "https://x.example/c.yaml at #"],
        ),
        (
            {"api.yaml": {"a": ref("b.yaml", x=1)}, "b.yaml": ref("c.yaml", y=1), "c.yaml": ref("b.yaml", z=1)},
            ["more than 100 references"],
        ),
    ],
)
def test_a_definition_that_cannot_be_bundled_fails_the_entity(files: dict[str, Any], said: list[str]) -> None:
    message = problem(files)
    assert "Placeholder $openapi" in message
    for part in said:
        assert part in message


@pytest.mark.parametrize("value", [7, " ", {"a": 1}, None])
def test_a_placeholder_names_a_file(value: Any) -> None:
    assert "Placeholder $asyncapi takes an absolute URL or a path" in problem({}, value, key="asyncapi")


# Limits


def test_there_is_a_limit_to_the_number_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "MAX_FILES", 3)
    chain = {f"{n}.yaml": {"next": ref(f"{n + 1}.yaml")} for n in range(5)}
    assert "more than 3 files" in problem(chain, "0.yaml")
    assert bundled({**chain, "2.yaml": {}}, "0.yaml") == {"next": {"next": {}}}


def test_there_is_a_limit_to_the_size_of_the_files_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "MAX_BYTES", 1000)
    files = {
        "api.yaml": {"a": ref("b.yaml"), "c": ref("c.yaml")},
        "b.yaml": "x: " + "y" * 600,
        "c.yaml": "x: " + "y" * 600,
    }
    assert "together" in problem(files)
    assert "together" not in problem({**files, "c.yaml": "["})


def test_there_is_a_limit_to_the_values_in_the_files_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "MAX_VALUES", 10)
    assert "more than 10 values" in problem({"api.yaml": {"a": ref("b.yaml#/0"), "c": [1, [2]]}, "b.yaml": [1] * 6})
    assert bundled({"api.yaml": {"a": ref("b.yaml#/0"), "c": [1, [2]]}, "b.yaml": [1] * 4}) == {"a": 1, "c": [1, [2]]}


def test_there_is_a_limit_to_nesting() -> None:
    files = {f"{n}.json": {"x": [[[ref(f"{n + 1}.json")]]]} for n in range(60)}
    assert f"nested more than {bundle_room.MAX_DEPTH} deep" in problem({**files, "60.json": {}}, "0.json")
    assert "[[[" not in text({**files, "40.json": {}}, "0.json")


def test_references_that_multiply_a_value_are_stopped() -> None:
    files = {f"{n}.json": {"a": ref(f"{n + 1}.json", t=1), "b": ref(f"{n + 1}.json", t=2)} for n in range(40)}
    assert f"more than {bundle_room.MAX_COPIES:,} values" in problem({**files, "40.json": {}}, "0.json")


def test_there_is_a_limit_to_the_values_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_room, "MAX_VALUES", 100)
    files = {"api.yaml": {"x": [ref("b.json", n=n) for n in range(3)]}, "b.json": {str(n): n for n in range(20)}}
    assert len(bundled(files)["x"]) == 3
    monkeypatch.setattr(bundle_room, "MAX_VALUES", 50)
    assert "more than 50 values" in problem(files)


def test_there_is_a_limit_to_the_size_of_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver_room, "MAX_BYTES", 100)
    assert "becomes larger than" in problem({"api.yaml": {"a": ref("b.yaml")}, "b.yaml": {"x": "y" * 100}})


def test_plain_references_multiply_nothing() -> None:
    files = {f"{n}.json": {"a": ref(f"{n + 1}.json"), "b": ref(f"{n + 1}.json")} for n in range(40)}
    assert len(text({**files, "40.json": {}}, "0.json")) < 20_000


# Rules


@given(st.lists(st.text(max_size=5)).map(tuple))
def test_pointers_survive_being_written(tokens: tuple[str, ...]) -> None:
    try:
        "".join(tokens).encode()
    except UnicodeEncodeError:  # half of a character can't stand in a file
        return
    assert read_fragment(write_fragment(tokens)[1:]) == tokens


NAMES = ("a.json", "b.json", "c.json")
leaves = st.integers(0, 3) | st.builds(
    lambda name, pointer: ref(f"{name}#{pointer}"), st.sampled_from(NAMES), st.sampled_from(["", "/k", "/k/k", "/l"])
)
contents = st.fixed_dictionaries(
    {key: st.recursive(leaves, lambda one: st.fixed_dictionaries({"k": one, "l": one}), max_leaves=6) for key in "kl"}
)


def unfolded(files: Mapping[str, Any], name: str, value: Any, depth: int) -> Any:
    """Return a value with all its references followed, down to a depth."""
    hops = 0
    while isinstance(value, dict) and "$ref" in value:
        hops += 1
        if hops > 20:
            return "a circle"
        target, _, pointer = value["$ref"].partition("#")
        name = target or name
        value = files[name]
        for token in pointer.split("/")[1:]:
            name, value = passed(files, name, value)
            value = value[token]
    if depth == 0 or not isinstance(value, dict):
        return value if not isinstance(value, dict) else "…"
    return {key: unfolded(files, name, member, depth - 1) for key, member in value.items()}


def passed(files: Mapping[str, Any], name: str, value: Any) -> tuple[str, Any]:
    """Follow a reference that stands in the way of a pointer."""
    for _ in range(20):
        if not (isinstance(value, dict) and "$ref" in value):
            return name, value
        target, _, pointer = value["$ref"].partition("#")
        name = target or name
        value = files[name]
        for token in pointer.split("/")[1:]:
            name, value = passed(files, name, value)
            value = value[token]
    raise LookupError


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, contents)))
def test_the_bundle_says_what_the_files_say(files: dict[str, Any]) -> None:
    result = process(files, "a.json")
    if not result.ok:
        assert any(rule in messages(result)[0] for rule in ("has nothing at", "nothing but itself", "circle"))
        return
    (document,) = parse_documents(result.completed_entity["spec"]["definition"])
    assert b".json#" not in orjson.dumps(document.value)
    assert unfolded({"": document.value}, "", document.value, 6) == unfolded(files, "a.json", files["a.json"], 6)
