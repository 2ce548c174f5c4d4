"""Which files make the configuration, and how they are laid over each other."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config import Config, load_config
from portal.config.paths import format_path, parse_path
from portal.config.tree import descend, leaves, merge, without_nulls
from portal.errors import ConfigError

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(**files: str) -> None:
        for name, text in files.items():
            (tmp_path / f"{name.replace('__', '.').replace('_', '-')}.yaml").write_text(text)

    return write


# Layers


def test_the_default_layers_are_read_in_order(tmp_path: Path, write: Write) -> None:
    write(
        app_config="{a: base, b: base, c: base, d: base, e: base}",
        app_config__staging="{b: env, c: env, d: env, e: env}",
        app_config__local="{c: local, d: local, e: local}",
        app_config__staging__local="{d: env-local, e: env-local}",
    )
    config = load_config(root=tmp_path, environ={"BACKSTAGE_ENV": "staging", "APP_CONFIG_e": "variable"})
    assert config.get() == {"a": "base", "b": "env", "c": "local", "d": "env-local", "e": "variable"}


def test_backstage_env_takes_several_names_of_which_the_last_wins(tmp_path: Path, write: Write) -> None:
    write(app_config__one="{a: 1, b: 1}", app_config__two="{b: 2}")
    config = load_config(root=tmp_path, environ={"BACKSTAGE_ENV": " one, two ,, three"})
    assert config.get() == {"a": 1, "b": 2}


def test_backstage_env_must_not_be_a_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^BACKSTAGE_ENV: '\.\./x' is not the name of an environment\."):
        load_config(root=tmp_path, environ={"BACKSTAGE_ENV": "../x"})


def test_every_default_layer_may_be_missing(tmp_path: Path) -> None:
    assert load_config(root=tmp_path, environ={}).get() == {}


def test_explicit_paths_replace_the_default_layers_and_later_ones_win(tmp_path: Path, write: Write) -> None:
    write(app_config="{a: default}", app_config__local="{a: local}", one="{b: 1, c: 1}", two="{c: 2}")
    config = load_config(
        [tmp_path / "one.yaml", tmp_path / "two.yaml"], root=tmp_path, environ={"BACKSTAGE_ENV": "local"}
    )
    assert config.get() == {"b": 1, "c": 2}


def test_an_explicit_path_must_exist(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"^nowhere\.yaml: the file does not exist .*Create it, or correct the path\.$"
    ):
        load_config([tmp_path / "nowhere.yaml"], root=tmp_path, environ={})


def test_a_relative_explicit_path_starts_at_the_working_directory(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(mine="{a: 1}")
    monkeypatch.chdir(tmp_path)
    assert load_config([Path("mine.yaml")], root=tmp_path / "elsewhere", environ={}).get("a") == 1


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "~"])
def test_an_empty_file_is_an_empty_layer(tmp_path: Path, write: Write, text: str) -> None:
    write(app_config="{a: 1}", app_config__local=text)
    assert load_config(root=tmp_path, environ={}).get() == {"a": 1}


def test_objects_are_merged_and_lists_replaced(tmp_path: Path, write: Write) -> None:
    write(
        app_config="{app: {title: A, tags: [x, y]}, backend: {listen: {host: h, port: 1}}}",
        app_config__local="{app: {tags: [z]}, backend: {listen: {port: 2}}}",
    )
    config = load_config(root=tmp_path, environ={})
    assert config.get() == {"app": {"title": "A", "tags": ["z"]}, "backend": {"listen": {"host": "h", "port": 2}}}


def test_an_explicit_null_hides_what_lower_layers_say(tmp_path: Path, write: Write) -> None:
    write(app_config="{app: {title: A, support: {url: u}}}", app_config__local="{app: {support: }}")
    config = load_config(root=tmp_path, environ={})
    assert not config.has("app.support")
    assert not config.has("app.support.url")
    assert config.get("app.support.url", "default") == "default"
    assert config.keys("app") == ["title"]


def test_a_null_in_a_list_is_kept(tmp_path: Path, write: Write) -> None:
    write(app_config="app: {extensions: [{'page:catalog': null}, null]}")
    assert load_config(root=tmp_path, environ={}).get("app.extensions") == [{"page:catalog": None}, None]


# Files and their changes


def test_files_names_everything_that_was_read(tmp_path: Path, write: Write) -> None:
    write(app_config="{a: {$include: more.yaml}, b: {$file: text}}", more="{c: 1}")
    (tmp_path / "text").write_text("t")
    config = load_config(root=tmp_path, environ={})
    assert config.files == tuple(tmp_path / name for name in ("app-config.yaml", "more.yaml", "text"))


def test_a_change_of_any_file_is_noticed(tmp_path: Path, write: Write) -> None:
    write(app_config="{a: {$include: more.yaml}}", more="{c: 1}")
    config = load_config(root=tmp_path, environ={})
    assert not config.changed_since()
    write(more="{c: 12}")
    assert config.changed_since()
    assert not load_config(root=tmp_path, environ={}).changed_since()


def test_a_file_of_the_same_size_and_another_time_counts_as_changed(tmp_path: Path, write: Write) -> None:
    write(app_config="{a: 1}")
    config = load_config(root=tmp_path, environ={})
    write(app_config="{a: 2}")
    os.utime(tmp_path / "app-config.yaml", ns=(1, 1))
    assert config.changed_since()


def test_a_layer_that_appears_or_goes_is_noticed(tmp_path: Path, write: Write) -> None:
    write(app_config="{a: 1}")
    before = load_config(root=tmp_path, environ={})
    write(app_config__local="{a: 2}")
    assert before.changed_since()
    after = load_config(root=tmp_path, environ={})
    assert after.changed_since(before.fingerprint)
    (tmp_path / "app-config.local.yaml").unlink()
    assert after.changed_since()


# Properties of merging

names = st.text("abc", min_size=1, max_size=2)
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
trees = st.dictionaries(
    names,
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
    ),
    max_size=4,
)


@given(trees, trees)
def test_merging_gives_each_value_of_the_upper_layer(base, overlay) -> None:
    merged = merge(base, overlay)
    for path, value in leaves(overlay):
        assert descend(merged, path) == (len(path), value)


@given(trees, trees)
def test_merging_keeps_what_the_upper_layer_does_not_mention(base, overlay) -> None:
    merged = merge(base, overlay)
    for path, value in leaves(base):
        steps, above = descend(overlay, path)
        through_list = any(isinstance(part, int) for part in path[: steps + 1])
        if steps < len(path) and isinstance(above, dict) and not through_list:
            assert descend(merged, path) == (len(path), value)


@given(trees, trees)
def test_merging_invents_nothing(base, overlay) -> None:
    known = dict(leaves(base)) | dict(leaves(overlay))
    assert all(known[path] == value for path, value in leaves(merge(base, overlay)))


@given(trees)
def test_merging_with_nothing_or_itself_changes_nothing(tree) -> None:
    assert merge(tree, {}) == merge({}, tree) == merge(tree, tree) == tree


@given(trees, trees)
def test_merging_leaves_both_layers_as_they_were(base, overlay) -> None:
    before = repr((base, overlay))
    merge(base, overlay)
    assert repr((base, overlay)) == before


@given(trees)
def test_no_member_is_null_in_the_end(tree) -> None:
    def members(value):
        if isinstance(value, dict):
            for member in value.values():
                yield member
                yield from members(member)

    assert all(member is not None for member in members(without_nulls(tree)))


@given(st.lists(st.text() | st.integers(0, 99), max_size=4).map(tuple))
def test_every_path_can_be_written_and_read_back(path) -> None:
    assert parse_path(format_path(path)) == path


@pytest.mark.parametrize("text", ["a..b", ".a", "a.", "a[", "a[x]", "a['b", "a]b"])
def test_a_malformed_path_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a configuration key"):
        Config().get(text)
