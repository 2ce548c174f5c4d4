"""Discovery: every class in a room ``extensions`` is installed; a module's replace its plugin's."""

from __future__ import annotations

import pytest

from portal.config import override_config
from portal.extensions import get_tree
from portal.extensions.discovery import extensions_in, installed_extensions
from tests.testplugin import extensions as room
from tests.testplugin.modules.overrides import extensions as room_of_module


def panels() -> list[str]:
    return [node.id for node in get_tree().children("page:testplugin", "panels")]


def test_the_core_comes_first_and_brings_the_trunk_of_the_tree():
    specs = installed_extensions()
    core = [spec.id for spec in specs if spec.plugin_id == "app" and spec.extension.kind != "page"]
    assert [spec.id for spec in specs][: len(core)] == core
    assert {"root", "app", "app/root", "app/layout", "app/nav", "app/routes", "api:app/app-theme"} <= set(core)
    assert {"theme:app/light", "theme:app/dark", "sign-in-page:app"} <= set(core)


def test_the_pages_of_the_core_come_after_those_of_the_plugins():
    pages = [spec.id for spec in installed_extensions() if spec.extension.kind == "page"]
    assert pages[-1] == "page:app-visualizer"
    assert "page:testplugin" in pages


def test_every_extension_of_a_room_is_installed_in_order_of_definition():
    names = [extension.__name__ for extension in extensions_in(room)]
    assert names == [
        "RootPage",
        "ThingPage",
        "TabbedPage",
        "TabOfTabbed",
        "FlaggedTab",
        "FirstPanel",
        "SecondPanel",
        "BrokenPanel",
        "UndecidedPanel",
        "HiddenPanel",
        "Banner",
    ]


def test_what_a_room_imports_from_elsewhere_is_not_its_own():
    assert [extension.__name__ for extension in extensions_in(room_of_module)] == ["BetterFirstPanel", "ThirdPanel"]


def test_the_tree_is_built_from_what_is_installed():
    assert panels() == ["panel:testplugin/first", "panel:testplugin/second", "panel:testplugin/hidden"]


@pytest.mark.usefixtures("overrides_module")
def test_a_module_replaces_in_place_and_appends():
    assert panels() == [
        "panel:testplugin/first",
        "panel:testplugin/second",
        "panel:testplugin/hidden",
        "panel:testplugin/third",
    ]
    first = get_tree().nodes["panel:testplugin/first"]
    assert first.spec.origin == "tests.testplugin.modules.overrides"
    assert first.plugin_id == "testplugin"


@pytest.mark.usefixtures("without_testplugin")
def test_a_plugin_that_is_taken_out_leaves_nothing_behind():
    assert not any(node.plugin_id == "testplugin" for node in get_tree().nodes.values())


@pytest.mark.usefixtures("without_testplugin", "overrides_module")
def test_a_module_without_its_plugin_is_ignored():
    assert not any("testplugin" in extension_id for extension_id in get_tree().nodes)


def test_the_tree_is_built_once_and_again_after_the_configuration_changes():
    before = get_tree()
    assert get_tree() is before
    with override_config({"app": {"extensions": ["panel:testplugin/second"]}}):
        assert panels()[0] == "panel:testplugin/second"
        assert get_tree() is not before
    assert panels()[0] == "panel:testplugin/first"


def test_the_installed_plugins_have_no_problems():
    assert [problem for problem in get_tree().problems if problem.obj and "testplugin" in str(problem.obj)] == []
    assert [problem for problem in get_tree().problems if problem.is_serious()] == []
