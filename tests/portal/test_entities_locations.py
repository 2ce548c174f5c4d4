"""Location refs: ``<type>:<target>``."""

import hashlib

import pytest

from portal.entities import (
    LocationRef,
    is_script_url,
    is_unsafe_link,
    location_entity_name,
    location_of,
    origin_location_of,
    parse_location_ref,
    source_location_of,
)
from portal.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("url:https://git.example/a.yaml", ("url", "https://git.example/a.yaml")),
        ("file:./a b.yaml", ("file", "./a b.yaml")),
        (" url : https://x ", ("url", "https://x")),
        ("bootstrap:bootstrap", ("bootstrap", "bootstrap")),
    ],
)
def test_a_location_has_a_type_and_a_target(text, expected):
    assert parse_location_ref(text) == expected


@pytest.mark.parametrize("text", ["", "x", "url:", ":x", " : ", "url: "])
def test_no_part_may_be_empty(text):
    with pytest.raises(InputError, match="is not a location; expected <type>:<target>"):
        parse_location_ref(text)


@pytest.mark.parametrize("text", ["http://git.example/a.yaml", "https://git.example/a.yaml"])
def test_a_bare_address_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(InputError, match=f"put its type before the address: url:{text}"):
        parse_location_ref(text)


SCRIPTS = ["javascript:alert(1)", "JavaScript:x", "java\nscript:x", "\x01 javascript:x", "j\ta\rv\nascript\t:x"]


@pytest.mark.parametrize("target", SCRIPTS)
def test_a_target_that_runs_as_a_script_is_refused_both_ways(target):
    assert is_script_url(target)
    with pytest.raises(InputError, match="javascript: address"):
        parse_location_ref(f"url:{target}")
    with pytest.raises(InputError, match="javascript: address"):
        str(LocationRef("url", target))


@pytest.mark.parametrize("target", ["https://x/javascript:y", "javascript", "java script:x", "xjavascript:y"])
def test_other_targets_are_no_scripts(target):
    assert not is_script_url(target)


@pytest.mark.parametrize("address", [*SCRIPTS, "data:text/html,<b>", " DA\tTA:x", "vbscript:x", "\x01VBScript:x"])
def test_what_runs_or_brings_its_own_page_is_no_link(address):
    assert is_unsafe_link(address)


@pytest.mark.parametrize("address", ["https://x/data:y", "mailto:jane@x.example", "database://x", "data", "slack://x"])
def test_other_addresses_may_be_links(address):
    assert not is_unsafe_link(address)


def test_a_location_is_written_as_it_is_read():
    assert str(parse_location_ref("url:https://x")) == "url:https://x"


def test_a_nul_character_is_refused_both_ways():
    with pytest.raises(InputError, match=r'"file:a\\u0000b" is not a location; it holds a NUL character'):
        parse_location_ref("file:a\0b")
    with pytest.raises(InputError, match="NUL character"):
        str(LocationRef("file", "a\0b"))


@pytest.mark.parametrize("parts", [("", "x"), ("url", "")])
def test_a_location_that_lacks_a_part_can_not_be_written(parts):
    with pytest.raises(InputError, match="needs a type and a target"):
        str(LocationRef(*parts))


def test_the_entity_of_a_location_is_named_by_its_fingerprint():
    expected = hashlib.sha1(b"url:https://x", usedforsecurity=False).hexdigest()
    assert location_entity_name("url", "https://x") == f"generated-{expected}"


def entity_with(**annotations):
    return {
        "kind": "Component",
        "metadata": {
            "name": "shop",
            "annotations": {f"backstage.io/{k.replace('_', '-')}": v for k, v in annotations.items()},
        },
    }


def test_an_entity_tells_where_it_came_from():
    entity = entity_with(managed_by_location="file:/a.yaml", managed_by_origin_location="file:/all.yaml")
    assert location_of(entity) == ("file", "/a.yaml")
    assert origin_location_of(entity) == ("file", "/all.yaml")


def test_the_sources_of_an_entity_are_where_its_file_is_unless_it_says_otherwise():
    assert source_location_of(entity_with(managed_by_location="file:/a.yaml")) == ("file", "/a.yaml")
    entity = entity_with(managed_by_location="file:/a.yaml", source_location="url:https://git.example/shop/")
    assert source_location_of(entity) == ("url", "https://git.example/shop/")


@pytest.mark.parametrize("read", [location_of, origin_location_of, source_location_of])
def test_an_entity_without_the_annotation_is_refused_by_name(read):
    with pytest.raises(InputError, match=r"component:default/shop has no annotation backstage\.io/"):
        read({"kind": "Component", "metadata": {"name": "shop"}})
