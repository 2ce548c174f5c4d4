"""API definitions in several files: what becomes of their references, and what may be read for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from apps.catalog.processing.build import build_orchestrator
from portal.entities import parse_documents
from portal.services import services
from tests.catalog.modules.openapi_kit import SITE, api, bundled, problem, process, ref, text, web_of
from tests.catalog.processing_kit import messages

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
