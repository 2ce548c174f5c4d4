"""Placeholders: what they are, what they become, and what they may read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.processing.builtin_kinds import BuiltinKindsEntityProcessor
from apps.catalog.processing.placeholders import PlaceholderProcessor
from portal.entities import MAX_BYTES
from portal.errors import ConflictError
from tests.catalog.processing_kit import FakeUrlReader, entity, messages, pipeline, source_hosts

FILES: dict[str, bytes | str] = {
    "https://x.example/docs/readme.md": "# Read me\n",
    "https://x.example/data.json": '{"b": [1, null, "x"]}',
    "https://x.example/data.yaml": "b: [1, ~, x]\n",
    "https://x.example/two.yaml": "a: 1\n---\nb: 2\n",
    "https://x.example/broken.yaml": "a: [\n",
    "https://x.example/image.png": b"\x89PNG\xff\xfe",
}
AT = "url:https://x.example/all.yaml"


def process(value: Any, *, at: str = AT, origin: str | None = None, reader: FakeUrlReader | None = None) -> Any:
    spec = {"type": "service", "lifecycle": "production", "owner": "team-a", "value": value}
    run = pipeline(reader=reader or FakeUrlReader(FILES))
    return run.process(entity(location=at, origin=origin, spec=spec))


def replaced(value: Any, **options: Any) -> Any:
    result = process(value, **options)
    assert result.ok, messages(result)
    return result.completed_entity["spec"]["value"]


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ({"$text": "./docs/readme.md"}, "# Read me\n"),
        ({"$text": "https://x.example/docs/readme.md"}, "# Read me\n"),
        ({"$json": "./data.json"}, {"b": [1, None, "x"]}),
        ({"$yaml": "data.yaml"}, {"b": [1, None, "x"]}),
        ([{"deep": {"er": {"$text": "/docs/readme.md"}}}, 1], [{"deep": {"er": "# Read me\n"}}, 1]),
    ],
)
def test_a_placeholder_is_replaced_by_the_file_it_names(placeholder, value):
    assert replaced(placeholder) == value


def test_placeholders_are_replaced_anywhere_in_an_entity():
    given_entity = entity(location=AT, description={"$text": "./docs/readme.md"})
    result = pipeline(reader=FakeUrlReader(FILES)).process(given_entity)
    assert result.completed_entity["metadata"]["description"] == "# Read me\n"


@pytest.mark.parametrize(
    "data",
    [
        {"$text": "./docs/readme.md", "more": 1},
        {"$text": "./docs/readme.md", "$json": "./data.json"},
        {"$ref": "#/definitions/x"},
        {"$unknown": {"$text": "./docs/readme.md"}},
        {"$ref": "x", "inside": {"$text": "./docs/readme.md"}},
        {"text": "./docs/readme.md"},
        {"$": "x"},
        {},
    ],
)
def test_what_is_not_exactly_a_placeholder_stays_as_it_is(data):
    assert replaced(data) == data


def test_what_a_file_holds_is_not_searched_for_placeholders():
    reader = FakeUrlReader({"https://x.example/a.yaml": "inner: {$text: ./b}\n"})
    assert replaced({"$yaml": "./a.yaml"}, reader=reader) == {"inner": {"$text": "./b"}}


def test_each_file_that_was_read_is_a_refresh_key():
    result = process([{"$text": "./docs/readme.md"}, {"$json": "./data.json"}])
    assert result.refresh_keys == ["url:https://x.example/docs/readme.md", "url:https://x.example/data.json"]


@pytest.mark.parametrize(
    ("placeholder", "said"),
    [
        ({"$text": "./missing.md"}, "There is no file at https://x.example/missing.md"),
        ({"$text": "https://not-allowed.example/x"}, "isn't allowed"),
        ({"$text": 7}, "takes an absolute URL or a path relative to the entity's file; found 7"),
        ({"$text": " "}, "takes an absolute URL"),
        ({"$text": "./image.png"}, "./image.png is not text in UTF-8"),
        ({"$json": "./data.yaml"}, "./data.yaml is no JSON"),
        ({"$yaml": "./broken.yaml"}, "./broken.yaml is no YAML"),
        ({"$yaml": "./two.yaml"}, "must hold exactly one YAML document; it has 2"),
        ({"$yaml": "./image.png"}, "UTF-8"),
    ],
)
def test_a_placeholder_that_cannot_be_replaced_fails_the_entity(placeholder, said):
    result = process(placeholder)
    assert not result.ok
    [message] = messages(result)
    assert said in message
    assert f"Placeholder {next(iter(placeholder))}" in message
    assert "component:default/shop" in message


def test_a_path_is_seen_from_the_folder_of_the_entitys_file(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "readme.md").write_text("top")
    (tmp_path / "sub" / "readme.md").write_text("sub")
    at, origin = f"file:{tmp_path}/sub/a.yaml", f"file:{tmp_path}/all.yaml"
    assert replaced({"$text": "./readme.md"}, at=at, origin=origin) == "sub"
    assert replaced({"$text": "../readme.md"}, at=at, origin=origin) == "top"
    assert process({"$text": "readme.md"}, at=at).refresh_keys == [f"file:{tmp_path}/sub/readme.md"]


@pytest.mark.parametrize("target", ["../secret.txt", "/etc/hostname", "./link.txt", "./sub/../../secret.txt"])
def test_a_path_must_not_lead_out_of_the_tree(tmp_path, target):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tree / "link.txt").symlink_to(tmp_path / "secret.txt")
    result = process({"$text": target}, at=f"file:{tree}/a.yaml")
    assert not result.ok
    assert f"{target} is outside" in messages(result)[0]


@pytest.mark.parametrize("target", ["./folder", "./missing.md", "./big.txt"])
def test_a_local_file_that_cannot_be_read_fails_the_entity(tmp_path, target):
    (tmp_path / "folder").mkdir()
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    result = process({"$text": target}, at=f"file:{tmp_path}/a.yaml")
    assert not result.ok
    assert f"{tmp_path}/{target[2:]}" in messages(result)[0]


def test_a_file_may_name_a_url():
    assert replaced({"$text": "https://x.example/docs/readme.md"}, at="file:/catalog/a.yaml") == "# Read me\n"


def test_a_relative_path_means_nothing_in_a_location_of_another_type():
    result = process({"$text": "./readme.md"}, at="ldap:people")
    assert not result.ok
    assert "relative" in messages(result)[0]


def test_a_placeholder_must_not_point_into_another_repository():
    same = "https://git.example/acme/shop/blob/main/readme.md"
    other = "https://git.example/acme/secrets/blob/main/readme.md"
    reader = FakeUrlReader({same: "same", other: "other"})
    at = "url:https://git.example/acme/shop/blob/main/catalog-info.yaml"
    assert replaced({"$text": same}, at=at, reader=reader) == "same"
    result = process({"$text": other}, at=at, reader=reader)
    assert not result.ok
    assert "another repository" in messages(result)[0]
    assert other not in reader.asked


def with_resolver(key: str) -> PlaceholderProcessor:
    return PlaceholderProcessor(
        FakeUrlReader(FILES), source_hosts(), {key: lambda found: [found.value, str(found.resolve(found.value))]}
    )


def test_a_module_may_bring_resolvers():
    run = pipeline(processors=[with_resolver("upper"), BuiltinKindsEntityProcessor()])
    result = run.process(
        entity(location=AT, spec={"type": "s", "lifecycle": "l", "owner": "o", "v": {"$upper": "./x"}})
    )
    assert result.completed_entity["spec"]["v"] == ["./x", "url:https://x.example/x"]


def test_a_module_cannot_replace_a_built_in_resolver():
    with pytest.raises(ConflictError, match=r"\$text"):
        with_resolver("text")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.sampled_from(["$ref", "$text", "$x"]), inner, min_size=2, max_size=3)
    ),
    max_leaves=10,
)


@given(plain)
def test_data_without_single_dollar_keys_is_never_touched(data):
    assert replaced(data) == data
