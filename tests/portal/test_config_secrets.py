"""What is a secret, and that it doesn't show."""

from __future__ import annotations

import pytest

from portal.config import Config, Key, Section, all_sections
from portal.config.redaction import SecretRules
from portal.config.tree import JsonObject


class VaultConf(Section, listed=False):
    prefix = "vault"
    pin = Key.integer("pin", default=None, visibility="secret")
    words = Key.strings("words", default=None, visibility="secret")
    token_url = Key.string("urlOfToken", default=None)
    doors = Key.json("doors", default=[], secrets=["[].lock", "[].keys.*.shape"])
    connection = Key.json("connection", default=None, visibility="secret")


RULES = SecretRules([VaultConf])


def config_of(tree) -> Config:
    return Config.of(tree, "test.yaml")


def test_declared_secrets_are_blotted_out() -> None:
    tree: JsonObject = {
        "pin": 1234,
        "words": ["alpha", "beta"],
        "urlOfToken": "plain",
        "doors": [{"lock": "left", "colour": "red", "keys": {"a": {"shape": "round", "size": 1}}}],
        "connection": "sqlite",
    }
    assert RULES.redacted({"vault": tree}) == {
        "vault": {
            "pin": "***",
            "words": ["***", "***"],
            "urlOfToken": "plain",
            "doors": [{"lock": "***", "colour": "red", "keys": {"a": {"shape": "***", "size": 1}}}],
            "connection": "***",
        }
    }


def test_an_object_in_place_of_a_secret_is_judged_member_by_member() -> None:
    connection: JsonObject = {"host": "h", "user": "u", "password": "p4ss", "ssl": True}
    assert RULES.redacted({"vault": {"connection": connection}}) == {
        "vault": {"connection": {"host": "h", "user": "u", "password": "***", "ssl": True}}
    }


@pytest.mark.parametrize(
    "name",
    [
        *("token", "serviceAccountToken", "Circle-Token", "clientSecret", "password", "PGPASSWORD", "passphrase"),
        *("apiKey", "api_key", "X-API-Key", "privateKey", "secretAccessKey", "Authorization", "credentials", "Cookie"),
    ],
)
def test_a_telling_name_makes_an_undeclared_value_a_secret(name: str) -> None:
    assert RULES.is_secret(("plugin", "list", 0, name))
    assert RULES.is_secret(("plugin", name, 3))


@pytest.mark.parametrize(
    "name", ["title", "tokenUrl", "backstageTokenExpiration", "accessKeyId", "secretsDir", "keyId", "passwordless"]
)
def test_other_names_do_not(name: str) -> None:
    assert not RULES.is_secret(("plugin", name))


def test_a_declaration_beats_the_name() -> None:
    class Plain(Section, listed=False):
        prefix = "plain"
        token = Key.string("token", default="")

    rules = SecretRules([Plain])
    assert not rules.is_secret(("plain", "token"))
    assert rules.is_secret(("plain", "other", "token"))


def test_a_password_in_a_url_is_a_secret_wherever_it_is() -> None:
    config = config_of(
        {"proxy": {"target": "https://bob:p%40ss@example.com/x", "other": "see http://a:pw@b and c:d@e"}}
    )
    assert config.redacted() == {
        "proxy": {"target": "https://bob:***@example.com/x", "other": "see http://a:***@b and c:d@e"}
    }
    assert config.secrets() == {"p%40ss", "p@ss", "pw"}


def test_secrets_are_those_of_the_core_s_keys() -> None:
    config = config_of(
        {
            "backend": {
                "auth": {"externalAccess": [{"type": "static", "options": {"token": "static-token", "subject": "ci"}}]},
                "database": {
                    "connection": {"host": "db", "password": "db-password"},
                    "plugin": {"catalog": {"connection": "pg://catalog"}},
                },
                "cache": {"connection": "redis://:cache-password@cache:6379"},
            },
            "integrations": {"github": [{"host": "github.com", "token": "github-token"}]},
            "app": {"title": "Portal"},
        }
    )
    assert config.secrets() == {
        "static-token",
        "db-password",
        "pg://catalog",
        "redis://:cache-password@cache:6379",
        "cache-password",
        "github-token",
    }
    assert config.redacted()["backend"]["cache"] == {"connection": "***"}
    assert config.child("backend.auth").redacted() == {
        "externalAccess": [{"type": "static", "options": {"token": "***", "subject": "ci"}}]
    }


def test_a_secret_of_one_character_is_not_searched_for_but_is_not_shown_either() -> None:
    config = config_of({"a": {"password": "x", "token": None, "secret": True}})
    assert config.secrets() == frozenset()
    assert config.redacted() == {"a": {"password": "***", "secret": True}}


def test_a_section_that_is_declared_later_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.config.section._sections", all_sections())
    config = config_of({"lateVault": {"code": "open-sesame"}})
    assert config.secrets() == frozenset()

    class LateVaultConf(Section):
        prefix = "lateVault"
        code = Key.string("code", default=None, visibility="secret", help="Opens it.")

    assert config.secrets() == {"open-sesame"}


def test_redaction_leaves_the_configuration_as_it_is() -> None:
    config = config_of({"a": {"token": "s3cret"}})
    config.redacted()["a"]["token"] = "changed"
    assert config.redacted() == {"a": {"token": "***"}}
    assert config.get("a.token") == "s3cret"
