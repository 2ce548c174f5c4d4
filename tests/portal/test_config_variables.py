"""Variables in strings, ``APP_CONFIG_`` variables, and includes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config import Config, load_config
from portal.config.substitution import Unset, substitute
from portal.errors import ConfigError

Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that writes ``app-config.yaml`` and further files, and loads them."""

    def load(text: str, files: Mapping[str, str | bytes] = {}, **environ: str) -> Config:
        for name, content in {"app-config.yaml": text, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_config(root=tmp_path, environ=environ)

    return load


# ${VAR}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${SET}", "value"),
        ("${ SET }", "value"),
        ("a ${SET} b ${SET}", "a value b value"),
        ("${PADDED}", "padded"),
        ("${EMPTY}", ""),
        ("${UNSET:-fallback}", "fallback"),
        ("${EMPTY:-fallback}", "fallback"),
        ("${SET:-fallback}", "value"),
        ("${UNSET :- two words }", "two words"),
        ("${UNSET:-http://a:-b}", "http://a:-b"),
        ("$${SET}", "${SET}"),
        ("$${SET} ${SET}", "${SET} value"),
        ("$$${SET}", "$${SET}"),
        ("${{ parameters.name }}", "${{ parameters.name }}"),
        ("$SET {SET} ${", "$SET {SET} ${"),
        ("${UNSET}", Unset("UNSET")),
        ("a ${SET} ${UNSET}", Unset("UNSET")),
        ("${UNSET:-}", Unset("UNSET")),
        ("${EMPTY:-}", Unset("EMPTY")),
    ],
)
def test_a_string_is_substituted(text: str, expected: object) -> None:
    environ = {"SET": "value", "PADDED": "  padded\n", "EMPTY": ""}
    assert substitute(text, environ) == expected


def test_an_unset_variable_drops_the_whole_key(load: Load) -> None:
    config = load("{a: {b: 'x ${UNSET}', c: 1}, d: ['${UNSET}', '${SET}']}", SET="s")
    assert config.get() == {"a": {"c": 1}, "d": ["s"]}
    assert config.unset_variables == {"a.b": "UNSET", "d[0]": "UNSET"}


def test_an_unset_variable_does_not_hide_a_lower_layer(load: Load, tmp_path: Path) -> None:
    (tmp_path / "app-config.local.yaml").write_text("a: ${UNSET}")
    config = load("a: lower")
    assert config.get("a") == "lower"


def test_a_higher_layer_that_decides_a_key_settles_its_unset_variable(load: Load, tmp_path: Path) -> None:
    (tmp_path / "app-config.local.yaml").write_text("{a: {b: higher}, c: null, d: 1}")
    assert load("{a: {b: '${ONE}'}, c: {d: '${TWO}'}, d: ['${THREE}'], e: '${FOUR}'}").unset_variables == {"e": "FOUR"}


def test_keys_are_not_substituted(load: Load) -> None:
    assert load("${SET}: ${SET}", SET="s").get() == {"${SET}": "s"}


def test_a_substituted_number_is_read_as_one(load: Load) -> None:
    assert load("{port: '${PORT}'}", PORT=" 5432 ").get_int("port") == 5432


@pytest.mark.parametrize("name", ["", "1A", "A B", "A:b", "A-b c", "A:?message", "a/b"])
def test_a_bad_variable_name_is_refused(load: Load, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(f"a:\n  b: ${{{name}}}")
    message = str(caught.value)
    assert message.startswith(f"app-config.yaml:2: a.b: '{name.strip()}' is not the name of an environment variable")
    assert "Correct the name" in message


plain = st.text(st.characters(exclude_characters="${}", codec="utf-8"), max_size=10)
variable_names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True)


@given(plain, st.dictionaries(variable_names, plain))
def test_text_without_references_stays_as_it_is(text: str, environ: dict[str, str]) -> None:
    assert substitute(text, environ) == text


@given(st.lists(st.tuples(plain, variable_names)), plain, st.dictionaries(variable_names, plain))
def test_the_result_is_defined_exactly_when_every_variable_is(parts, end: str, environ: dict[str, str]) -> None:
    text = "".join(f"{before}${{{name}}}" for before, name in parts) + end
    result = substitute(text, environ)
    if all(name in environ for _, name in parts):
        assert result == "".join(f"{before}{environ[name].strip()}" for before, name in parts) + end
    else:
        assert result == Unset(next(name for _, name in parts if name not in environ))


@given(plain, variable_names, plain, st.dictionaries(variable_names, plain))
def test_an_escape_needs_no_variable_and_comes_out_as_a_reference(before, name, after, environ) -> None:
    assert substitute(f"{before}$${{{name}}}{after}", environ) == f"{before}${{{name}}}{after}"


@given(variable_names, plain.filter(str.strip), st.dictionaries(variable_names, plain))
def test_a_fallback_makes_a_value_certain(name: str, fallback: str, environ: dict[str, str]) -> None:
    value = environ.get(name, "").strip()
    assert substitute(f"${{{name}:-{fallback}}}", environ) == (value or fallback.strip())


# $env, $file, $include


def test_env_gives_the_variable_and_drops_the_key_without_one(load: Load) -> None:
    assert load("{a: {$env: SET}, b: {$env: UNSET}, c: {$env: '${NAME}'}}", SET=" s ", NAME="SET").get() == {
        "a": "s",
        "c": "s",
    }


def test_what_env_and_file_give_is_taken_as_it_is(load: Load) -> None:
    config = load("{a: {$env: SET}, b: {$file: text}}", {"text": "${SET} {$env: SET}"}, SET="${SET}")
    assert config.get() == {"a": "${SET}", "b": "${SET} {$env: SET}"}


def test_file_gives_the_text_without_white_space_at_its_end(load: Load) -> None:
    assert load("a: {$file: secrets/key.pem}", {"secrets/key.pem": "  two\nlines \n\n"}).get("a") == "  two\nlines"


@pytest.mark.parametrize("name", ["part.yaml", "part.yml", "part.json"])
def test_include_takes_a_whole_file(load: Load, name: str) -> None:
    assert load(f"a: {{$include: {name}}}", {name: '{"b": {"c": [1, "x"]}}'}).get("a") == {"b": {"c": [1, "x"]}}


@pytest.mark.parametrize(("path", "expected"), [("b", {"c": [1, "s"]}), ("b.c", [1, "s"]), ("d", "s")])
def test_include_takes_a_part_of_a_file(load: Load, path: str, expected: object) -> None:
    config = load(f"a: {{$include: part.yaml#{path}}}", {"part.yaml": "{b: {c: [1, '${SET}']}, d: '${SET}'}"}, SET="s")
    assert config.get("a") == expected


def test_what_is_included_is_resolved_relative_to_its_own_file(load: Load) -> None:
    files = {
        "parts/one.yaml": "{text: {$file: text}, two: {$include: deeper/two.yaml#two}}",
        "parts/text": "text of one",
        "parts/deeper/two.yaml": "two: {$include: '../../three.json'}",
        "three.json": '{"text": {"$file": "text"}}',
        "text": "text at the root",
    }
    config = load("a: {$include: parts/one.yaml}", files)
    assert config.get("a") == {"text": "text of one", "two": {"text": "text at the root"}}


def test_the_root_of_a_file_may_be_an_include(load: Load) -> None:
    assert load("$include: shared.yaml#portal", {"shared.yaml": "portal: {app: {title: T}}"}).get("app.title") == "T"


def test_the_path_of_an_include_may_hold_variables(load: Load) -> None:
    assert load("a: {$include: '${STAGE}.yaml#${PART}'}", {"dev.yaml": "x: 1"}, STAGE="dev", PART="x").get("a") == 1


def test_a_file_may_include_another_part_of_itself(load: Load) -> None:
    assert load("{a: {$include: 'app-config.yaml#b'}, b: {c: {$include: 'app-config.yaml#d'}}, d: 1}").get("a") == {
        "c": 1
    }


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"app-config.yaml": "a: {$include: app-config.yaml}"}, "app-config.yaml → app-config.yaml"),
        (
            {"app-config.yaml": "a: {b: {$include: 'app-config.yaml#a'}}"},
            "app-config.yaml → app-config.yaml → app-config.yaml",
        ),
        (
            {
                "app-config.yaml": "a: {$include: one.yaml}",
                "one.yaml": "b: {$include: ./two.yaml#c}",
                "two.yaml": "c: [{$include: one.yaml#b}]",
            },
            "app-config.yaml → one.yaml → two.yaml → one.yaml → two.yaml",
        ),
    ],
)
def test_a_circle_of_includes_is_refused(load: Load, files: dict[str, str], circle: str) -> None:
    with pytest.raises(
        ConfigError, match=r"\$include goes round in a circle: .* Remove one of these includes\."
    ) as caught:
        load(files.pop("app-config.yaml"), files)
    assert circle in str(caught.value)


@pytest.mark.parametrize("include", ["$env", "$file", "$include"])
def test_an_include_has_no_other_keys(load: Load, include: str) -> None:
    rule = rf"^app-config\.yaml:2: a\.b: \{include} stands for the whole object .* Remove x, y\.$"
    with pytest.raises(ConfigError, match=rule):
        load(f"a:\n  b: {{{include}: z, x: 1, y: 2}}")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("{$file: [1]}", r"\$file must be a string, not a list\. Give it a file's path\."),
        ("{$env: ''}", r"\$env must be a string, not an empty string\. Give it a variable's name\."),
        ("{$env: 'A B'}", "'A B' is not the name of an environment variable"),
        ("{$file: '${UNSET}'}", r"\$file needs the environment variable UNSET, which is not set\."),
        ("{$file: gone.txt}", r"\$file 'gone\.txt' does not exist \(looked for .*/gone\.txt\)\."),
        ("{$file: folder}", r"\$file 'folder' is a directory .* Name a file in it\."),
        ("{$file: latin1.txt}", r"\$file 'latin1\.txt' is not UTF-8 text \(line 2\)\. Save it as UTF-8\."),
        ("{$include: gone.yaml}", r"\$include 'gone\.yaml' does not exist"),
        ("{$include: notes.txt}", r"\$include 'notes\.txt' must end in \.yaml, \.yml, \.json\."),
        ("{$include: part.yaml#b.x}", r"\$include 'part\.yaml#b\.x' names nothing: b has c, d\."),
        ("{$include: part.yaml#b.c.x}", r"\$include 'part\.yaml#b\.c\.x' names nothing: b\.c is a number\."),
        ("{$include: list.json#x}", r"\$include 'list\.json#x' names nothing: its root is a list\."),
    ],
)
def test_a_bad_include_says_where_and_what(load: Load, value: str, rule: str) -> None:
    files: dict[str, Any] = {
        "folder/x": "",
        "latin1.txt": b"a\n\xe9",
        "part.yaml": "b: {d: 1, c: 2}",
        "list.json": "[]",
    }
    with pytest.raises(ConfigError, match=rf"^app-config\.yaml:2: a\.b: {rule}"):
        load(f"a:\n  b: {value}", files)


def test_a_fault_in_an_included_file_names_that_file(load: Load) -> None:
    with pytest.raises(ConfigError, match=r"^part\.yaml:2: is not valid YAML"):
        load("a: {$include: part.yaml}", {"part.yaml": "a: 1\nb: c: d"})
    with pytest.raises(ConfigError, match=r"^part\.json:2: is not valid JSON: .*line 2, column \d+.*Correct it"):
        load("a: {$include: part.json}", {"part.json": '{"a": 1,\n b}'})
    with pytest.raises(ConfigError, match=r"^part\.yaml:3: a\.b\.c: '1' is not the name"):
        load("a: {$include: part.yaml}", {"part.yaml": "# part\nb:\n  c: ${1}"})


# APP_CONFIG_


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Portal", "Portal"),
        ('"Portal"', "Portal"),
        ("42", 42),
        ('"42"', "42"),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ('{"a": {"b": null}}', {"a": {}}),
        ("${NOT_SUBSTITUTED}", "${NOT_SUBSTITUTED}"),
        ("{not json", "{not json"),
    ],
)
def test_a_variable_holds_json_or_a_string(tmp_path: Path, text: str, expected: object) -> None:
    assert load_config(root=tmp_path, environ={"APP_CONFIG_app_some-key": text}).get("app.some-key") == expected


def test_an_empty_variable_does_not_count(load: Load) -> None:
    assert load("{app: {title: T}}", APP_CONFIG_app_title="").get("app.title") == "T"


def test_variables_are_merged_with_the_files_and_with_each_other(load: Load) -> None:
    config = load("{a: {x: 1, y: 1}}", APP_CONFIG_a_y="2", APP_CONFIG_a='{"z": 3}', APP_CONFIG_b_c_d="4")
    assert config.get() == {"a": {"x": 1, "y": 2, "z": 3}, "b": {"c": {"d": 4}}}
    assert config.source_of("a.y") == "APP_CONFIG_a_y"


@pytest.mark.parametrize(
    "name", ["APP_CONFIG_", "APP_CONFIG_app__title", "APP_CONFIG_1a", "APP_CONFIG_a_-b", "APP_CONFIG_a_b."]
)
def test_a_variable_with_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"^{name}: is not the name of a configuration key: .* Write APP_CONFIG_<key>"
    ):
        load_config(root=tmp_path, environ={name: "1"})


def test_a_variable_may_not_be_null(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^APP_CONFIG_a: must not be null\. Unset the variable"):
        load_config(root=tmp_path, environ={"APP_CONFIG_a": "null"})


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"APP_CONFIG_a": "1", "APP_CONFIG_a_b": "2"},
            r"^APP_CONFIG_a_b: a\.b: can't be set inside a number, which APP_CONFIG_a gives",
        ),
        ({"APP_CONFIG_a": "[]", "APP_CONFIG_a_b": "2"}, r"^APP_CONFIG_a_b: a\.b: can't be set inside a list"),
        (
            {"APP_CONFIG_a": '{"b": 1}', "APP_CONFIG_a_b": "2"},
            r"^APP_CONFIG_a_b: a\.b: is set by another variable already",
        ),
    ],
)
def test_variables_that_contradict_each_other_are_refused(
    tmp_path: Path, environ: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(root=tmp_path, environ=environ)
