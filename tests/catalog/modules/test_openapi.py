"""API definitions in several files: what becomes of their references, and what may be read for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.modules.openapi import bundle as bundle_room
from apps.catalog.modules.openapi import documents as documents_room
from apps.catalog.modules.openapi import resolver as resolver_room
from apps.catalog.modules.openapi.pointers import read_fragment, write_fragment
from apps.catalog.modules.openapi.resolver import resolve_api_definition
from apps.catalog.processing.build import build_orchestrator
from apps.catalog.processing.builtin_kinds import BuiltinKindsEntityProcessor
from apps.catalog.processing.placeholders import PlaceholderProcessor
from portal.entities import parse_documents
from portal.services import services
from tests.catalog.processing_kit import FakeUrlReader, entity, messages, pipeline, source_hosts

SITE = "https://x.example/"
AT = f"url:{SITE}catalog-info.yaml"


def api(placeholder: Any, at: str = AT) -> dict[str, Any]:
    """Return an API entity whose definition is a placeholder."""
    spec = {"type": "openapi", "lifecycle": "production", "owner": "team-a", "definition": placeholder}
    return entity("API", "pets", location=at, spec=spec)


def web_of(files: Mapping[str, Any], site: str = SITE) -> FakeUrlReader:
    """Serve ``files``, by their paths on a site; what isn't text is written as JSON."""
    return FakeUrlReader(
        {
            name if "://" in name else site + name: content
            if isinstance(content, str | bytes)
            else orjson.dumps(content)
            for name, content in files.items()
        }
    )


def process(
    files: Mapping[str, Any] | FakeUrlReader,
    value: Any = "./api.yaml",
    *,
    at: str = AT,
    site: str = SITE,
    key: str = "openapi",
) -> Any:
    """Process an API whose definition is in ``files``."""
    reader = files if isinstance(files, FakeUrlReader) else web_of(files, site)
    resolvers = {"openapi": resolve_api_definition, "asyncapi": resolve_api_definition}
    run = pipeline(processors=[PlaceholderProcessor(reader, source_hosts(), resolvers), BuiltinKindsEntityProcessor()])
    return run.process(api({f"${key}": value}, at))


def text(files: Mapping[str, Any], value: Any = "./api.yaml", **options: Any) -> str:
    """Return the definition as it is stored."""
    result = process(files, value, **options)
    assert result.ok, messages(result)
    definition: str = result.completed_entity["spec"]["definition"]
    return definition


def bundled(files: Mapping[str, Any], value: Any = "./api.yaml", **options: Any) -> Any:
    """Return what the definition says."""
    (document,) = parse_documents(text(files, value, **options))
    assert document.error is None
    return document.value


def problem(files: Mapping[str, Any], value: Any = "./api.yaml", **options: Any) -> str:
    """Return why an API can't be processed."""
    result = process(files, value, **options)
    assert not result.ok
    (message,) = messages(result)
    return message


def ref(target: str, **neighbours: Any) -> dict[str, Any]:
    """Return a reference."""
    return {"$ref": target, **neighbours}


# The module


def process_with(*modules: str, key: str) -> Any:
    """Process an API in a catalog that has these modules."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, *modules]):
        services["url_reader"] = web_of({"api.yaml": "openapi: 3.1.0\n"})
        return build_orchestrator().process(api({key: "./api.yaml"}), {})


@pytest.mark.parametrize("key", ["$openapi", "$asyncapi"])
def test_the_module_brings_both_placeholders(key: str) -> None:
    result = process_with("apps.catalog.modules.openapi", key=key)
    assert result.ok, messages(result)
    assert result.completed_entity["spec"]["definition"] == "openapi: 3.1.0\n"


def test_without_the_module_the_placeholder_is_data_and_no_definition() -> None:
    result = process_with(key="$openapi")
    assert not result.ok
    assert "definition" in messages(result)[0]


# What is bundled


def test_the_definition_is_the_text_of_one_yaml_document() -> None:
    files = {
        "api.yaml": 'openapi: "3.0.0"\ninfo:\n  version: 1.0.0\npaths:\n  /pets:\n    get: {$ref: "./list.yaml"}\n',
        "list.yaml": "---\nsummary: List all pets\nresponses:\n  '200':\n    description: Pets\n",
    }
    assert text(files) == (
        "openapi: 3.0.0\ninfo:\n  version: 1.0.0\npaths:\n  /pets:\n    get:\n      summary: List all pets\n"
        "      responses:\n        '200':\n          description: Pets\n"
    )


@pytest.mark.parametrize("key", ["openapi", "asyncapi"])
@pytest.mark.parametrize(
    "content",
    [
        '{"a": {"$ref": "b.json#/x"}}',
        '{\n\t"a": {"$ref": "b.json#/x"}}',
        "a: {$ref: 'b.json#/x'}",
        "a:\n  $ref: b.json#/x",
    ],
)
def test_yaml_and_json_may_refer_to_each_other(key: str, content: str) -> None:
    assert bundled({"api.yaml": content, "b.json": '{"x": ["\\ud83d\\ude00", 1]}'}, key=key) == {"a": ["😀", 1]}


def test_references_within_the_document_stay_as_they_are() -> None:
    definition = {
        "paths": {"/a b": {"x": ref("#/components/schemas/Pet")}, "/c": ref("#/paths/~1a%20b")},
        "components": {"schemas": {"Pet": {"next": ref("#/components/schemas/Pet")}}},
        "all": ref("#"),
    }
    assert bundled({"api.yaml": definition}) == definition


def test_what_only_looks_like_a_reference_is_data() -> None:
    definition = {"properties": {"$ref": {"type": "string"}}, "list": ["$ref"], "none": {"$ref": None}}
    assert bundled({"api.yaml": definition}) == definition


def test_a_reference_inside_a_file_is_relative_to_that_file() -> None:
    files = {
        "api.yaml": {"paths": {"/pets": ref("paths/pets.yaml")}},
        "paths/pets.yaml": {"get": {"schema": ref("../schemas/pet.yaml#/Pet")}},
        "schemas/pet.yaml": {"Pet": {"owner": ref("people/owner.yaml")}},
        "schemas/people/owner.yaml": {"type": "string"},
    }
    assert bundled(files) == {"paths": {"/pets": {"get": {"schema": {"owner": {"type": "string"}}}}}}


def test_a_value_is_written_once_and_the_other_references_lead_there() -> None:
    files = {
        "api.yaml": {
            "paths": {"/pets": {"get": ref("pet.yaml"), "put": ref("./pet.yaml#/properties/name")}},
            "components": {"Pet": ref("pet.yaml")},
        },
        "pet.yaml": {"properties": {"name": {"type": "string"}}},
    }
    assert bundled(files) == {
        "paths": {"/pets": {"get": ref("#/components/Pet"), "put": ref("#/components/Pet/properties/name")}},
        "components": {"Pet": {"properties": {"name": {"type": "string"}}}},
    }


def test_a_file_may_refer_back_to_the_definition() -> None:
    files = {
        "api.yaml": {"paths": {"/p": ref("p.yaml")}, "components": {"Error": {"type": "object"}}},
        "p.yaml": {"e": ref("api.yaml#/components/Error"), "all": ref("./api.yaml")},
    }
    assert bundled(files)["paths"] == {"/p": {"e": ref("#/components/Error"), "all": ref("#")}}


def test_local_references_of_another_file_are_taken_along() -> None:
    files = {
        "api.yaml": {"Pet": ref("defs.yaml#/Pet")},
        "defs.yaml": {"Pet": {"a": ref("#/Owner"), "b": ref("#/Owner")}, "Owner": {"type": "string"}, "Unused": {}},
    }
    assert bundled(files) == {"Pet": {"a": {"type": "string"}, "b": ref("#/Pet/a")}}


def test_circles_stay_finite() -> None:
    files = {
        "api.yaml": {"components": {"Pet": ref("pet.yaml")}},
        "pet.yaml": {"owner": ref("owner.yaml"), "next": ref("#"), "kin": [ref("pet.yaml")]},
        "owner.yaml": {"pet": ref("pet.yaml"), "self": ref("#/pet")},
    }
    assert bundled(files)["components"]["Pet"] == {
        "owner": {"pet": ref("#/components/Pet"), "self": ref("#/components/Pet/owner/pet")},
        "next": ref("#/components/Pet"),
        "kin": [ref("#/components/Pet")],
    }


def test_a_pointer_may_pass_through_references() -> None:
    files = {
        "api.yaml": {"short": ref("#/components/Pet/owner/name"), "components": {"Pet": ref("pet.yaml")}},
        "pet.yaml": {"owner": ref("owner.yaml#/Owner")},
        "owner.yaml": {"Owner": {"name": {"type": "string"}}},
    }
    assert bundled(files) == {
        "short": ref("#/components/Pet/owner/name"),
        "components": {"Pet": {"owner": {"name": {"type": "string"}}}},
    }


def test_references_to_references_lead_to_the_value() -> None:
    files = {
        "api.yaml": {"a": ref("b.yaml#/x"), "again": {"a": ref("b.yaml#/x")}},
        "b.yaml": {"x": ref("c.yaml#/y/0")},
        "c.yaml": {"y": [{"z": 1}]},
    }
    assert bundled(files) == {"a": {"z": 1}, "again": {"a": ref("#/a")}}


def test_a_definition_may_be_nothing_but_a_reference() -> None:
    assert bundled({"api.yaml": ref("b.yaml"), "b.yaml": {"x": {"y": ref("#/x")}}}) == {"x": {"y": ref("#/x")}}


def test_neighbours_of_a_reference_belong_to_their_place() -> None:
    files = {
        "api.yaml": {"a": ref("pet.yaml", title="A"), "deeper": {"Pet": ref("pet.yaml")}},
        "pet.yaml": {"title": "Pet", "type": "object"},
    }
    assert bundled(files) == {
        "a": ref("#/deeper/Pet", title="A"),
        "deeper": {"Pet": {"title": "Pet", "type": "object"}},
    }


def test_neighbours_take_precedence_where_the_value_has_no_other_place() -> None:
    files = {
        "api.yaml": {"a": ref("x/pet.yaml", title="A", more=ref("n.yaml")), "b": ref("x/pet.yaml", title="B")},
        "x/pet.yaml": ref("base.yaml", size=1),
        "x/base.yaml": {"title": "Pet", "size": 2, "n": ref("n.yaml")},
        "n.yaml": {"at": "top"},
        "x/n.yaml": {"at": "x"},
    }
    assert bundled(files) == {
        "a": {"title": "A", "more": {"at": "top"}, "size": 1, "n": {"at": "x"}},
        "b": {"title": "B", "size": 1, "n": ref("#/a/n")},
    }


def test_a_circle_of_references_with_neighbours_stays_finite() -> None:
    files = {"api.yaml": {"Tree": ref("tree.yaml", title="T")}, "tree.yaml": {"left": ref("#", title="L"), "n": 1}}
    assert bundled(files) == {"Tree": {"title": "T", "left": ref("#/Tree", title="L"), "n": 1}}


def test_a_text_is_put_in_wherever_it_is_referred_to() -> None:
    files = {"api.yaml": {"info": {"description": ref("intro.md")}, "also": ref("intro.md")}, "intro.md": "# Pets: a\n"}
    assert bundled(files) == {"info": {"description": "# Pets: a\n"}, "also": "# Pets: a\n"}


def test_each_file_is_read_once_and_is_a_refresh_key() -> None:
    files = {"api.yaml": {"a": ref("b.yaml"), "c": ref("b.yaml#/x"), "d": ref("sub/../b.yaml")}, "b.yaml": {"x": {}}}
    reader = web_of(files)
    result = process(reader)
    assert reader.asked == [f"{SITE}api.yaml", f"{SITE}b.yaml"]
    assert result.refresh_keys == [f"url:{SITE}api.yaml", f"url:{SITE}b.yaml"]


# Where it is read from


def test_local_files_are_bundled(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "api.yaml").write_text("a: {$ref: 'parts/my%20pet.yaml'}\nb: {$ref: 'https://x.example/c.json'}\n")
    (tmp_path / "parts" / "my pet.yaml").write_text("x: {$ref: '../owner.json#/o'}\n")
    (tmp_path / "owner.json").write_text('{"o": {"n": 1}}')
    at = f"file:{tmp_path}/catalog-info.yaml"
    result = process({"c.json": {"d": ref("e.json")}, "e.json": {"e": 1}}, at=at)
    assert result.ok, messages(result)
    (document,) = parse_documents(result.completed_entity["spec"]["definition"])
    assert document.value == {"a": {"x": {"n": 1}}, "b": {"d": {"e": 1}}}
    assert set(result.refresh_keys) == {
        *(f"file:{tmp_path}/{name}" for name in ("api.yaml", "parts/my pet.yaml", "owner.json")),
        f"url:{SITE}c.json",
        f"url:{SITE}e.json",
    }


@pytest.mark.parametrize("target", ["../secret.yaml", "%2e%2e/secret.yaml", "/etc/hostname", "./link.yaml"])
def test_a_reference_must_not_lead_out_of_the_tree(tmp_path: Path, target: str) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tmp_path / "secret.yaml").write_text("secret: 1\n")
    (tree / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (tree / "api.yaml").write_text(f"a: {{$ref: '{target}'}}\n")
    said = problem({}, at=f"file:{tree}/catalog-info.yaml")
    assert "is outside" in said
    assert f"The reference '{target}' is in {tree}/api.yaml at #/a" in said


def test_a_leading_slash_is_the_repository_where_the_host_has_some() -> None:
    files = {"docs/api.yaml": {"a": ref("/common/pet.yaml")}, "common/pet.yaml": {"n": 1}}
    at = "url:https://github.com/acme/shop/blob/main/catalog-info.yaml"
    assert bundled(files, "docs/api.yaml", at=at, site="https://github.com/acme/shop/tree/main/") == {"a": {"n": 1}}
    assert bundled(files, "docs/api.yaml") == {"a": {"n": 1}}


def test_a_reference_must_not_lead_into_another_repository() -> None:
    site = "https://github.com/acme/shop/tree/main/"
    other = "https://github.com/acme/secrets/blob/main/pet.yaml"
    reader = web_of({"api.yaml": {"a": ref("sub/b.yaml")}, "sub/b.yaml": {"c": ref(other)}, other: {"n": 1}}, site)
    result = process(reader, at="url:https://github.com/acme/shop/blob/main/catalog-info.yaml")
    assert "another repository" in messages(result)[0]
    assert f"The reference '{other}' is in {site}sub/b.yaml at #/c" in messages(result)[0]
    assert not any("secrets" in url for url in reader.asked)


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
