"""Reading ``file`` locations: targets, patterns, and files that can't be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from apps.catalog.processing.positions import ANNOTATION_POSITION
from portal.entities import ANNOTATION_LOCATION, MAX_BYTES
from tests.catalog.processing_kit import location, messages, names, pipeline

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {0}}}
spec: {{type: service, lifecycle: production, owner: team-a}}
"""


def write(folder: Path, **files: str) -> None:
    """Write a YAML file for each name, with a component of the name that is given (or of each of several)."""
    for name, components in files.items():
        text = "---\n".join(COMPONENT.format(component) for component in components.split())
        (folder / f"{name}.yaml").write_text(text)


def read(folder: Path, *targets: str, **spec):
    return pipeline().process(location(*targets, at=f"file:{folder}/all.yaml", **spec))


def test_a_relative_target_is_seen_from_the_folder_of_the_file_that_names_it(tmp_path):
    (tmp_path / "sub").mkdir()
    write(tmp_path, a="one")
    write(tmp_path / "sub", b="two")
    result = read(tmp_path, "./a.yaml", "sub/../sub/b.yaml", "./sub/../sub/b.yaml")
    assert names(result) == ["one", "two"]
    assert "Targets relative to the file that names them begin with './'" in messages(result)[0]
    annotations = result.deferred[1].entity["metadata"]["annotations"]
    assert annotations[ANNOTATION_LOCATION] == f"file:{tmp_path}/sub/b.yaml"


def test_an_absolute_target_is_taken_as_it_is(tmp_path):
    write(tmp_path, a="one")
    result = read(Path("/elsewhere"), f"{tmp_path}/a.yaml")
    assert result.ok
    assert names(result) == ["one"]


def test_target_and_targets_are_both_read(tmp_path):
    write(tmp_path, a="one", b="two")
    assert names(read(tmp_path, "./b.yaml", target="./a.yaml")) == ["one", "two"]


def test_a_pattern_reads_all_that_match_in_alphabetical_order(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    write(tmp_path, b="two", a="one", c="three")
    write(tmp_path / "deep" / "er", d="four")
    assert names(read(tmp_path, "./*.yaml")) == ["one", "two", "three"]
    assert names(read(tmp_path, "./**/*.yaml")) == ["one", "two", "three", "four"]
    assert names(read(tmp_path, "./{c,a}.yaml")) == ["one", "three"]
    assert names(read(tmp_path, "./[ab].yaml")) == ["one", "two"]


def test_a_pattern_passes_over_directories_and_hidden_files(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    write(tmp_path, a="one")
    (tmp_path / ".hidden.yaml").write_text("not: read")
    result = read(tmp_path, "./*.yaml")
    assert result.ok
    assert names(result) == ["one"]


def test_a_file_whose_name_looks_like_a_pattern_can_be_named(tmp_path):
    (tmp_path / "[a].yaml").write_text(COMPONENT.format("bracketed"))
    write(tmp_path, a="plain")
    assert names(read(tmp_path, "./[a].yaml")) == ["bracketed"]


def test_links_in_a_circle_end_a_pattern_rather_than_the_worker(tmp_path):
    write(tmp_path, a="one")
    (tmp_path / "again").symlink_to(tmp_path)
    assert names(read(tmp_path, "./**/*.yaml")) == ["one"]


def test_every_document_of_a_file_is_emitted_with_its_position(tmp_path):
    write(tmp_path, a="one two three")
    result = read(tmp_path, "./a.yaml")
    assert names(result) == ["one", "two", "three"]
    positions = [found.entity["metadata"]["annotations"][ANNOTATION_POSITION] for found in result.deferred]
    assert positions == ["1:1", "2:6", "3:11"]
    assert {found.location_key for found in result.deferred} == {f"file:{tmp_path}/a.yaml"}


def test_a_refresh_key_is_emitted_for_each_file(tmp_path):
    write(tmp_path, a="one two", b="three")
    assert read(tmp_path, "./a.yaml", "./*.yaml").refresh_keys == [f"file:{tmp_path}/a.yaml", f"file:{tmp_path}/b.yaml"]


def test_a_broken_document_is_an_error_and_the_others_are_found(tmp_path):
    good, other = COMPONENT.format("good"), COMPONENT.format("other")
    (tmp_path / "a.yaml").write_text(f"{good}---\nkind: [never closed\n---\n{other}")
    result = read(tmp_path, "./a.yaml")
    assert not result.ok
    assert names(result) == ["good", "other"]
    [error] = result.errors
    assert (error.location, error.document, error.line) == (f"file:{tmp_path}/a.yaml", 2, 6)
    assert f"in file:{tmp_path}/a.yaml, document 2, line 6" in error.message


@pytest.mark.parametrize(
    ("root", "called"), [("- a list", "list"), ("a text", "string"), ("7", "number"), ("true", "boolean")]
)
def test_a_document_that_is_no_object_is_an_error(tmp_path, root, called):
    (tmp_path / "a.yaml").write_text(f"{COMPONENT.format('good')}---\n{root}\n")
    result = read(tmp_path, "./a.yaml")
    assert not result.ok
    assert f"this document is a {called} (in file:{tmp_path}/a.yaml, document 2, line 6)" in messages(result)[0]


def test_empty_documents_and_empty_files_are_nothing(tmp_path):
    (tmp_path / "a.yaml").write_text(f"---\n---\n{COMPONENT.format('one')}---\n")
    (tmp_path / "b.yaml").write_text("")
    result = read(tmp_path, "./a.yaml", "./b.yaml")
    assert result.ok
    assert names(result) == ["one"]


def test_merge_keys_of_yaml_are_keys_like_others(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: Component\nmetadata: {name: one}\nspec: {base: &b {x: 1}, used: {<<: *b}}\n"
    )
    assert read(tmp_path, "./a.yaml").deferred[0].entity["spec"]["used"] == {"<<": {"x": 1}}


def test_a_missing_file_is_an_error_and_the_other_targets_are_found(tmp_path):
    write(tmp_path, a="one")
    result = read(tmp_path, "./missing.yaml", "./a.yaml")
    assert not result.ok
    assert names(result) == ["one"]
    [error] = result.errors
    assert (error.name, error.message) == ("NotFoundError", f"{tmp_path}/missing.yaml does not exist.")


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path):
    result = read(tmp_path, "./no-*.yaml")
    assert [(error.name, error.message) for error in result.errors] == [
        ("NotFoundError", f"No file matches the pattern {tmp_path}/no-*.yaml.")
    ]


def test_what_is_optional_may_be_missing(tmp_path):
    result = read(tmp_path, "./missing.yaml", "./no-*.yaml", presence="optional")
    assert result.ok
    assert result.deferred == []
    assert result.refresh_keys == [f"file:{tmp_path}/missing.yaml"]


def test_what_is_optional_must_be_sound_if_it_is_there(tmp_path):
    (tmp_path / "bad.yaml").write_text("[")
    assert not read(tmp_path, "./bad.yaml", presence="optional").ok


def test_a_directory_is_refused_with_a_way_out(tmp_path):
    (tmp_path / "folder").mkdir()
    assert messages(read(tmp_path, "./folder")) == [
        f"{tmp_path}/folder is a directory. Name a file in it, or a pattern such as {tmp_path}/folder/*.yaml."
    ]


def test_a_target_that_ends_in_a_slash_is_refused(tmp_path):
    result = read(tmp_path, "./folder/")
    assert not result.ok
    assert "The target './folder/' of location:default/files is a folder" in messages(result)[0]


def test_a_file_that_is_too_big_is_not_read(tmp_path):
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(50_000_000)
    [message] = messages(read(tmp_path, "./big.yaml"))
    limit = MAX_BYTES // 1_000_000
    assert message.startswith(f"{tmp_path}/big.yaml is too big: 50.0 MB, and at most {limit} MB are read.")


def test_a_bomb_of_aliases_is_an_error(tmp_path):
    lines = ["a0: &a0 [" + ",".join(["lol"] * 10) + "]"]
    lines += [f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 10)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    result = read(tmp_path, "./bomb.yaml")
    assert not result.ok
    assert f"in file:{tmp_path}/bomb.yaml" in messages(result)[0]


def test_a_file_that_is_not_text_is_an_error(tmp_path):
    (tmp_path / "image.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\x00")
    result = read(tmp_path, "./image.yaml")
    assert not result.ok
    assert "UTF-8" in messages(result)[0]
    assert f"(in file:{tmp_path}/image.yaml)" in messages(result)[0]


def test_a_link_to_itself_is_an_error(tmp_path):
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    [message] = messages(read(tmp_path, "./loop.yaml"))
    assert message.startswith(f"{tmp_path}/loop.yaml can't be read: ")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "device, pipe or socket" in messages(read(tmp_path, "./pipe.yaml"))[0]


def test_a_name_that_no_file_can_have_is_an_error(tmp_path):
    assert not read(tmp_path, "./nul\0byte.yaml").ok
    assert not read(tmp_path, f"./{'x' * 5000}.yaml").ok


def test_an_absurd_pattern_fails_the_run_only(tmp_path):
    result = read(tmp_path, "./{1..1000000}.yaml")
    assert not result.ok
    assert "FileReaderProcessor failed to read" in messages(result)[0]


def test_a_type_that_nobody_reads_is_an_error_that_lists_what_is_read(tmp_path):
    result = pipeline(allowed_types=("url", "s3")).process(location("x", at="file:/all.yaml", type="s3"))
    assert not result.ok
    assert "No processor reads locations of type 's3' (s3:x); installed ones read: file, url" in messages(result)[0]


def test_a_location_read_by_url_cannot_point_at_files(tmp_path):
    write(tmp_path, a="one")
    result = pipeline().process(location(f"{tmp_path}/a.yaml", at="url:https://x/all.yaml", type="file"))
    assert not result.ok
    assert result.deferred == []
    assert "spec.type of location:default/files is 'file'" in messages(result)[0]
    assert "may have the type url" in messages(result)[0]


def test_a_location_read_from_a_file_may_switch_to_an_allowed_type(tmp_path):
    result = pipeline().process(location("https://x/y.yaml", at="file:/all.yaml", type="url", presence="optional"))
    assert result.ok


@pytest.mark.parametrize("target", ["javascript:alert(1)", " java\nscript:x"])
def test_a_target_that_would_run_as_a_script_is_refused(target):
    result = pipeline().process(location(target, at="url:https://x/all.yaml"))
    assert not result.ok
    assert "javascript" in messages(result)[0]
