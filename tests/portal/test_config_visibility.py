"""Who may see which value, by what sections declare."""

from __future__ import annotations

import orjson
import pytest
import ryaml
from django.core.management import call_command

from portal.config import (
    Config,
    Key,
    Section,
    all_sections,
    deprecated_keys,
    frontend_tree,
    override_config,
    visibility_conflicts,
)
from portal.config.redaction import SecretRules
from portal.config.tree import JsonObject, JsonValue


class MuseumConf(Section, listed=False):
    prefix = "museum"
    name = Key.string("name", default=None, visibility="frontend")
    rooms = Key.strings("rooms", default=[], visibility="frontend")
    floors = Key.json("floors", default={}, visibility="frontend")
    shop = Key.json("shop", default={}, deep_visibility="frontend")
    safe = Key.json("safe", default={}, deep_visibility="secret")
    staff = Key.integer("staff", default=None)


class SafeConf(Section, listed=False):
    prefix = "museum.safe"
    colour = Key.string("colour", default=None)


SECTIONS = [MuseumConf, SafeConf]


def seen(tree: JsonObject) -> JsonValue:
    """Return what every visitor sees of the museum."""
    return frontend_tree({"museum": tree, "other": {"x": 1}}, SECTIONS).get("museum")


def test_visitors_see_what_is_declared_and_what_it_is_in() -> None:
    assert seen({"name": "Louvre", "rooms": ["a", "b"], "staff": 3}) == {"name": "Louvre", "rooms": ["a", "b"]}
    assert frontend_tree({"museum": {"staff": 3}, "other": 1}, SECTIONS) == {}


def test_what_an_object_holds_is_visible_only_where_that_is_said() -> None:
    assert seen({"floors": {"first": 1}}) == {"floors": {}}
    assert seen({"shop": {"open": {"from": 9, "days": ["mon"]}}}) == {"shop": {"open": {"from": 9, "days": ["mon"]}}}


def test_a_secret_is_not_visible_however_deep() -> None:
    shop: JsonObject = {
        "till": {"password": "1234", "url": "https://jane:s3cret@x"},
        "tokens": ["a"],
        "items": [{"apiKey": "k"}],
    }
    assert seen({"shop": shop}) == {"shop": {"till": {"url": "https://jane:***@x"}, "tokens": ["a"], "items": [{}]}}


def test_all_that_a_secret_holds_is_secret_keys_of_other_sections_too() -> None:
    rules = SecretRules(SECTIONS)
    tree: JsonObject = {"museum": {"safe": {"colour": "red", "deep": [{"er": 1}]}, "staff": 3}}
    assert rules.redacted(tree) == {"museum": {"safe": {"colour": "***", "deep": [{"er": "***"}]}, "staff": 3}}
    assert frontend_tree(tree, SECTIONS) == {}


def test_a_key_can_not_be_both() -> None:
    with pytest.raises(TypeError, match="both visible to every visitor and a secret"):
        Key.json("x", visibility="frontend", deep_visibility="secret")
    with pytest.raises(TypeError, match="both visible to every visitor and a secret"):
        Key.json("x", visibility="secret", deep_visibility="frontend")


def test_declarations_that_contradict_each_other_are_found() -> None:
    class Window(Section, listed=False):
        prefix = "museum.safe"
        window = Key.string("window", default="", visibility="frontend")

    assert visibility_conflicts(SECTIONS) == []
    assert visibility_conflicts([*SECTIONS, Window]) == ["museum.safe.window"]
    assert visibility_conflicts(all_sections()) == []


# Keys that are to go


class OldConf(Section, listed=False):
    prefix = "old"
    lamp = Key.string("lamp", default=None, deprecated="Use old.light.")
    light = Key.string("light", default=None)


def test_deprecated_keys_are_named_if_they_are_set() -> None:
    assert deprecated_keys(Config.of({"old": {"lamp": "gas", "light": "on"}}), [OldConf]) == {
        "old.lamp": "Use old.light."
    }
    assert deprecated_keys(Config.of({"old": {"light": "on", "lamp": None}}), [OldConf]) == {}


def test_a_deprecated_key_still_has_its_effect() -> None:
    assert OldConf(Config.of({"old": {"lamp": "gas"}})).lamp == "gas"


# The command


def test_the_configuration_is_printed_without_its_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    tree = {"organization": {"name": "Acme"}, "integrations": {"github": [{"host": "github.com", "token": "s3cret"}]}}
    with override_config(tree):
        call_command("config")
        printed = ryaml.loads(capsys.readouterr().out)
        call_command("config", "--json", "--frontend")
        visible = orjson.loads(capsys.readouterr().out)
    assert printed["integrations"]["github"] == [{"host": "github.com", "token": "***"}]
    assert visible["organization"] == {"name": "Acme"}
    assert "integrations" not in visible
