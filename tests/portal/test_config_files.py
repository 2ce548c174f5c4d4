"""Files that can't be used, what is said about them, and on which line a key is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import ryaml
from hypothesis import given
from hypothesis import strategies as st

from portal.config import load_config
from portal.config.files import MAX_FILE_BYTES
from portal.config.lines import line_index
from portal.config.yaml import parse_yaml
from portal.errors import ConfigError, InputError


def complaint(path: Path, content: str | bytes) -> str:
    """Return the error that loading a file of that content gives."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        load_config([path], root=path.parent, environ={})
    assert isinstance(caught.value, InputError)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "where", "advice"),
    [
        ("a: 1\nb: [1, 2\nc: 3", "x.yaml:3: is not valid YAML", "Close the list with ']'."),
        ("a: 1\nb: {c: 2\nd: 3", "x.yaml:3: is not valid YAML", "Close the object with '}'"),
        (
            "a: 1\n\nb: c: d",
            "x.yaml:3: is not valid YAML: mapping values",
            "Put a value that contains ': ' into quotes",
        ),
        ("a:\n\tb: 1", "x.yaml:2: is not valid YAML: found character", "Indent with spaces, not tabs"),
        ("a: 'open", "x.yaml:1: is not valid YAML", "Close the quotes."),
        (
            "a: 1\nb: 2\na: 3",
            'x.yaml:3: is not valid YAML: duplicate entry with key "a"',
            "remove or rename one of them",
        ),
        ("a: 1\n---\nb: 2", "x.yaml: is not valid YAML", "A configuration file is one document"),
        (
            "a: 1\nb: \x07",
            "x.yaml:2: is not valid YAML: control characters are not allowed (line 2, column 4)",
            "Remove the character",
        ),
        ("? [a]\n: 1", "x.yaml: is not valid YAML", "A key must be a plain text or number"),
        ("[" * 200 + "]" * 200, "x.yaml:1: is not valid YAML: recursion limit exceeded", "nested too deeply"),
        ("- &a [*a]", "x.yaml:1: is not valid YAML: recursion limit exceeded", "an alias contains itself"),
    ],
)
def test_malformed_yaml_says_line_and_remedy(tmp_path: Path, text: str, where: str, advice: str) -> None:
    message = complaint(tmp_path / "x.yaml", text)
    assert message.startswith(where)
    assert advice in message


def test_a_yaml_bomb_is_refused(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "repetition limit exceeded. Its aliases" in complaint(tmp_path / "x.yaml", "\n".join(rows))


@pytest.mark.parametrize(
    ("text", "found"),
    [("- a\n- b", "a list"), ("just text", "a string"), ("12", "a number"), ("${UNSET}", "undefined")],
)
def test_the_root_must_be_an_object(tmp_path: Path, text: str, found: str) -> None:
    assert complaint(tmp_path / "x.yaml", text) == (
        f"x.yaml: must be an object (lines of 'key: value') at its root, not {found}. Check the file's first lines."
    )


def test_a_deeply_nested_json_file_is_refused(tmp_path: Path) -> None:
    depth = 150
    message = complaint(tmp_path / "x.json", '{"a":' * depth + "1" + "}" * depth)
    assert "is nested more than 100 levels deep. Flatten it." in message


def test_a_directory_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    with pytest.raises(ConfigError, match=r"^conf: the file is a directory .*Name a file in it\.$"):
        load_config([tmp_path / "conf"], root=tmp_path, environ={})


def test_a_default_layer_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app-config.local.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"^app-config\.local\.yaml: the file is a directory"):
        load_config(root=tmp_path, environ={})


def test_a_named_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ConfigError, match=r"^pipe\.yaml: the file is not a regular file"):
        load_config([tmp_path / "pipe.yaml"], root=tmp_path, environ={})


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    name = "x" * 300
    with pytest.raises(ConfigError, match=rf"^{name}: the file can't be read: File name too long\. Check the path"):
        load_config([tmp_path / name], root=tmp_path, environ={})


def test_a_file_name_that_no_system_has_is_refused(tmp_path: Path) -> None:
    assert "$file 'a\x00b' can't be read: embedded null byte" in complaint(
        tmp_path / "x.json", '{"a": {"$file": "a\\u0000b"}}'
    )


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\n#" + b"x" * (MAX_FILE_BYTES - 6))
    assert load_config([path], root=tmp_path, environ={}).get("a") == 1
    assert "the file is larger than 4 MiB" in complaint(path, b"a: 1\n#" + b"x" * (MAX_FILE_BYTES - 5))


def test_a_file_outside_the_root_is_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    path = tmp_path / "x.yaml"
    path.write_text("[]")
    with pytest.raises(ConfigError) as caught:
        load_config([path], root=tmp_path / "root", environ={})
    assert str(caught.value).startswith(f"{path}: ")


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert load_config([path], root=tmp_path, environ={}).get() == {"a": 1}


# YAML as JavaScript reads it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("null", None),
        ("2001-01-01", "2001-01-01"),
        ("12:30:45", "12:30:45"),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("'5'", "5"),
        ("|\n  two\n  lines", "two\nlines"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, expected: object) -> None:
    value = parse_yaml(f"a: {text}", file="x.yaml")
    assert value == {"a": expected}
    assert type(value["a"]) is type(expected)


def test_keys_are_always_strings() -> None:
    assert parse_yaml("{2: a, true: b, null: c, 1.5: d, x: [{2: e}]}", file="x.yaml") == {
        "2": "a",
        "true": "b",
        "": "c",
        "1.5": "d",
        "x": [{"2": "e"}],
    }


# Lines

keys = st.from_regex(r"[a-z][a-z0-9 ./:-]{0,5}[a-z0-9]", fullmatch=True)
values = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text("ab:- \n'\"#|", max_size=8) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_every_key_of_a_block_style_file_is_found_on_its_line(tree) -> None:
    text = ryaml.dumps(tree)
    lines = text.splitlines()
    found = line_index(text)

    def check(value, path) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                assert name in lines[found[(*path, name)] - 1]
                check(member, (*path, name))
        elif isinstance(value, list):
            for position, item in enumerate(value):
                assert lines[found[(*path, position)] - 1].lstrip(" -") != lines[found[(*path, position)] - 1]
                check(item, (*path, position))

    if tree:
        check(tree, ())


def test_a_key_in_a_block_of_text_is_not_taken_for_one() -> None:
    text = "a:\n  text: |\n    a:\n      b: no\n  b: yes\nc:\n- >-\n  x: no\n-  x: yes\n"
    assert line_index(text) == {
        ("a",): 1,
        ("a", "text"): 2,
        ("a", "b"): 5,
        ("c",): 6,
        ("c", 0): 7,
        ("c", 1): 9,
        ("c", 1, "x"): 9,
    }


def test_the_source_of_a_value_is_the_highest_layer_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "app-config.yaml").write_text(
        "app:\n  title: A\n  extensions:\n  - one\n  - two: {config: 1}\nnone: x\n"
    )
    (tmp_path / "app-config.local.yaml").write_text("# mine\napp:\n\n  title: B\nnone:\n")
    config = load_config(root=tmp_path, environ={"APP_CONFIG_organization_name": "Acme"})
    assert config.source_of("app.title") == "app-config.local.yaml:4"
    assert config.source_of("app.extensions[1].two") == "app-config.yaml:5"
    assert config.source_of("app.extensions[1].two.config") == "app-config.yaml:5"
    assert config.source_of("organization.name") == "APP_CONFIG_organization_name"
    assert config.child("app").source_of("extensions") == "app-config.yaml:3"
    assert config.source_of("app.extensions[2]") == config.source_of("app.extensions[0].two") == ""
    assert config.source_of("none") == config.source_of("app.nothing") == ""
