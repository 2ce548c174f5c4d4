"""Utility APIs: provided by extensions, asked for by ref, replaceable, and of one provider each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import pytest

from portal.config import override_config
from portal.extensions import Api, ApiRef, Extension, ExtensionSpec, Input, Tree, get_api, resolve
from portal.shell.themes import app_theme_api
from tests.portal.trees import problem_ids, spec


class Greeter(ABC):
    @abstractmethod
    def greet(self) -> str:
        """Return a greeting."""


class English(Greeter):
    def greet(self) -> str:
        return "Hello"


class French(Greeter):
    def greet(self) -> str:
        return "Bonjour"


GREETER: ApiRef[Greeter] = ApiRef("plugin.hello.greeter", Greeter)


class ApiRoot(Extension):
    namespace = "root"
    inputs = {"apis": Input(Api)}


def provider(implementation: Any, name: str = "greeter") -> type[Api]:
    return type("Provider", (Api,), {"name": name, "ref": GREETER, "create": lambda self: implementation()})


def tree_with(*specs: ExtensionSpec) -> Tree:
    return resolve([spec(ApiRoot, "app"), *specs])


@pytest.mark.parametrize(
    ("ref_id", "owner"),
    [("core.apptheme", "app"), ("plugin.catalog.starred", "catalog"), ("catalog-graph.layout", "catalog-graph")],
)
def test_an_api_belongs_to_a_plugin_by_its_id(ref_id: str, owner: str):
    assert ApiRef(ref_id, object).plugin_id == owner


def test_an_api_is_found_by_its_ref():
    tree = tree_with(spec(provider(English), "hello"))
    assert tree.apis[GREETER.id].id == "api:hello/greeter"


def test_a_module_replaces_an_api():
    tree = tree_with(spec(provider(English), "hello"), spec(provider(French), "hello", origin="m", is_module=True))
    api = tree.apis[GREETER.id].extension
    assert isinstance(api, Api)
    assert api.api.greet() == "Bonjour"
    assert tree.problems == ()


@pytest.mark.parametrize("owner_first", [True, False])
def test_the_owning_plugin_wins_over_another_one_and_the_conflict_is_reported(owner_first: bool):
    specs = [spec(provider(English), "hello"), spec(provider(French), "rival")]
    tree = tree_with(*(specs if owner_first else reversed(specs)))
    assert tree.apis[GREETER.id].id == "api:hello/greeter"
    assert problem_ids(tree) == ["portal.E214"]
    assert "'api:hello/greeter' and by 'api:rival/greeter'; the former is used" in tree.problems[0].msg


def test_an_api_that_is_not_what_its_ref_promises_is_left_out():
    tree = tree_with(spec(provider(object), "hello"))
    assert tree.apis == {}
    assert "makes a object, but 'plugin.hello.greeter' promises a Greeter" in tree.problems[0].msg


def test_an_api_without_a_ref_is_left_out():
    tree = tree_with(spec(type("Nameless", (Api,), {"name": "x", "create": lambda self: None}), "hello"))
    assert problem_ids(tree) == ["portal.E203"]


def test_the_running_portal_provides_its_themes():
    assert [choice.name for choice in get_api(app_theme_api).choices()] == ["light", "dark"]


def test_an_api_that_nobody_provides_is_a_lookup_error_that_names_it():
    without = override_config({"app": {"extensions": [{"api:app/app-theme": False}]}})
    with without, pytest.raises(LookupError, match=r"'core\.apptheme'"):
        get_api(app_theme_api)
