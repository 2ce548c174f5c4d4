"""Plugins and modules: how they declare themselves, how they are found, and what a module may reach."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from portal.plugins import (
    CORE_PLUGIN_ID,
    ExtensionPoint,
    IllegalExtensionPoint,
    ModuleConfig,
    ModuleFailed,
    PluginConfig,
    UnknownPlugin,
    alias_of,
    extension_point,
    fill_extension_points,
    get_plugin,
    installed_modules,
    installed_plugins,
    modules_of,
    plugin_of,
    room,
)
from portal.plugins.discovery import plugins_in
from tests.testplugin.apps import TestPlugin
from tests.testplugin.modules.overrides.apps import OverridesModule
from tests.testplugin.modules.shell.apps import ShellModule


def plugin_file(**facts: str) -> str:
    """Return an ``apps.py`` of one plugin."""
    lines = "".join(f"    {name} = {value!r}\n" for name, value in facts.items())
    return f"from portal.plugins import PluginConfig\n\nclass Plugin(PluginConfig):\n{lines or '    pass'}"


# --- Declared ---


def config_of(base: type[Any], **facts: object) -> Any:
    """Make the config of an app, as Django does."""
    module = ModuleType("anywhere")
    module.__file__ = __file__
    return type("Made", (base,), {"path": str(Path(__file__).parent), **facts})("anywhere", module)


@pytest.mark.parametrize("plugin_id", ["", "Tech-Radar", "tech_radar", "tech--radar", "-radar", "9lives", "tech radar"])
def test_a_plugin_id_is_lowercase_words_joined_by_hyphens(plugin_id):
    with pytest.raises(ImproperlyConfigured, match=r"plugin_id is .*; it must be lowercase words joined by hyphens"):
        config_of(PluginConfig, plugin_id=plugin_id)


def test_a_module_needs_an_id_of_its_own():
    with pytest.raises(ImproperlyConfigured, match=r"Made: module_id is 'GitHub'; .* such as 'github-org'"):
        config_of(ModuleConfig, plugin_id="catalog", module_id="GitHub")


def test_a_title_is_made_of_the_id_if_none_is_stated():
    assert config_of(PluginConfig, plugin_id="tech-radar").verbose_name == "Tech radar"
    assert config_of(PluginConfig, plugin_id="tech-radar", title="Radar").verbose_name == "Radar"


def test_plugins_and_modules_are_named_with_their_package():
    assert str(config_of(PluginConfig, plugin_id="hello")) == "plugin 'hello' (anywhere)"
    module = config_of(ModuleConfig, plugin_id="hello", module_id="loud")
    assert str(module) == "module 'loud' of plugin 'hello' (anywhere)"


# --- Found while settings load ---


def test_plugins_are_found_by_app_and_by_the_path_of_their_class():
    entries = ["portal", "django.contrib.admin", "rest_framework", "tests.testplugin.apps.TestPlugin"]
    assert plugins_in(entries) == [("app", "portal"), ("testplugin", "testplugin")]
    assert plugins_in(["tests.testplugin"]) == [("testplugin", "testplugin")]


def test_a_module_is_no_plugin():
    assert plugins_in(["tests.testplugin.modules.overrides"]) == []
    assert plugins_in(["tests.testplugin.modules.overrides.apps.OverridesModule"]) == []


def test_an_app_without_a_label_has_the_last_part_of_its_name(make_package):
    name = make_package(apps=plugin_file(name="some.where", plugin_id="where"))
    assert plugins_in([name]) == [("where", "where")]


def test_a_plugin_that_an_apps_module_imports_counts_as_for_django(make_package):
    name = make_package(apps="from tests.testplugin.apps import TestPlugin")
    assert plugins_in([name]) == [("testplugin", "testplugin")]


def test_a_config_that_says_that_it_is_not_the_default_is_passed_over(make_package):
    base = "class Base(PluginConfig):\n    default = False\n\nclass Plugin(Base):\n    name = 'x'\n    plugin_id = 'x'"
    assert plugins_in([make_package(apps=f"from portal.plugins import PluginConfig\n\n{base}")]) == [("x", "x")]


def test_an_app_may_be_a_single_module_or_have_no_config(make_package):
    name = make_package(models="")
    assert plugins_in([name, f"{name}.models"]) == []


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        ("portal_absent", "portal_absent"),
        ("portal_absent.apps.AbsentPlugin", "portal_absent"),
        ("tests.absent", "tests.absent"),
        ("tests.absent.apps.AbsentPlugin", "tests.absent"),
    ],
)
def test_an_entry_that_is_not_installed_is_named_with_what_to_do(entry, missing):
    with pytest.raises(ImproperlyConfigured) as caught:
        plugins_in(["portal", entry])
    message = str(caught.value)
    assert f"'{entry}' in INSTALLED_APPS, PORTAL_PLUGINS or backend.plugins" in message
    assert f"no module named '{missing}'. Install its package (pip install …) or remove the line." in message


@pytest.mark.parametrize("file", ["init", "apps"])
def test_what_a_plugin_fails_to_import_is_not_hidden(make_package, file):
    name = make_package(**{file: "import a_library_that_is_not_there"})
    with pytest.raises(ModuleNotFoundError, match="a_library_that_is_not_there"):
        plugins_in([name])


def test_two_plugins_of_one_id_are_both_named(make_package):
    first = make_package(apps=plugin_file(name="first", plugin_id="twin"))
    second = make_package(apps=plugin_file(name="second", plugin_id="twin"))
    with pytest.raises(ImproperlyConfigured, match=f"the id 'twin': {first} and {second}. Remove one."):
        plugins_in([first, second])


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"plugin_id": "nameless"}, r"\.apps\.Plugin: name is missing"),
        ({"name": "anonymous"}, r"\.apps\.Plugin: plugin_id is ''"),
    ],
)
def test_a_plugin_that_lacks_a_fact_is_refused_before_it_gets_a_database(make_package, facts, message):
    with pytest.raises(ImproperlyConfigured, match=message):
        plugins_in([make_package(apps=plugin_file(**facts))])


# --- Installed ---


def test_the_core_is_a_plugin_and_keeps_its_data_in_the_default_database():
    assert get_plugin(CORE_PLUGIN_ID).name == "portal"
    assert (alias_of("app"), alias_of("catalog")) == ("default", "catalog")


def test_an_unknown_plugin_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownPlugin, match=r"No plugin 'nope' is installed; there are: .*app, catalog, .*testplugin"):
        get_plugin("nope")
    with pytest.raises(UnknownPlugin):
        alias_of("nope")


def test_plugins_come_and_go_with_the_setting(settings: Settings):
    before = [plugin.plugin_id for plugin in installed_plugins()]
    assert "testplugin" in before
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "tests.testplugin"]
    assert [plugin.plugin_id for plugin in installed_plugins()] == [name for name in before if name != "testplugin"]


@pytest.mark.usefixtures("overrides_module", "shell_module")
def test_modules_belong_to_their_plugin():
    assert [type(module) for module in modules_of("testplugin")] == [OverridesModule]
    assert [type(module) for module in modules_of("app")] == [ShellModule]


@pytest.mark.usefixtures("overrides_module", "without_testplugin")
def test_a_module_without_its_plugin_is_installed_and_nobodys():
    assert [type(module) for module in installed_modules()] == [OverridesModule]
    assert plugin_of("tests.testplugin.modules.overrides.extensions") is None


@pytest.mark.usefixtures("overrides_module")
def test_code_belongs_to_the_plugin_whose_app_or_module_it_is_in():
    assert isinstance(plugin_of("tests.testplugin.views"), TestPlugin)
    assert isinstance(plugin_of("tests.testplugin.modules.overrides.extensions"), TestPlugin)
    assert plugin_of("django.contrib.auth.models") is None
    assert plugin_of("json") is None


# --- Rooms ---


def app_in(name: str) -> PluginConfig:
    package = __import__(name)
    found: PluginConfig = type("Made", (PluginConfig,), {"plugin_id": "made"})(name, package)
    return found


def test_a_room_is_a_module_or_none(make_package):
    app = app_in(make_package(conf="answer = 42", api_urls="urlpatterns = []", forms=""))
    assert room(app, "conf").answer == 42  # type: ignore[union-attr]
    assert room(app, "api.urls").urlpatterns == []  # type: ignore[union-attr]
    for name in ("tasks", "api.tasks", "tasks.urls", "forms.urls"):
        assert room(app, name) is None


@pytest.mark.parametrize("text", ["import a_library_that_is_not_there", "1 / 0"])
def test_an_error_in_a_room_passes_through_and_says_whose_room_it_is(make_package, text):
    app = app_in(make_package(api_urls=text))
    with pytest.raises((ModuleNotFoundError, ZeroDivisionError)) as caught:
        room(app, "api.urls")
    note = f"The portal was importing the room 'api.urls' of plugin 'made' ({app.name})."
    assert note in "".join(traceback.format_exception(caught.value))


def test_a_ready_app_has_imported_what_declares_things_and_nothing_else(make_package):
    rooms = ("checks", "permissions", "conf", "operations", "extensions", "tasks")
    app = app_in(make_package(**dict.fromkeys(rooms, "")))
    app.ready()
    imported = [name.partition(".")[2] for name in sys.modules if name.startswith(f"{app.name}.")]
    assert imported == ["conf", "permissions", "checks"]


# --- Extension points ---


class Greetings(ExtensionPoint):
    """A point of the test plugin."""

    id = "testplugin.greetings"
    plugin_id = "testplugin"

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def add_word(self, word: str) -> None:
        self.require_open()
        self.words.append(word)


class Farewells(Greetings):
    """Another one of the same plugin."""

    id = "testplugin.farewells"


class Foreign(ExtensionPoint):
    """A point of a plugin that isn't installed."""

    id = "elsewhere.things"
    plugin_id = "elsewhere"


@pytest.fixture
def modules(settings: Settings) -> None:
    """Install both modules of the tests, so that their ``extend`` may be replaced."""
    settings.INSTALLED_APPS = [
        *settings.INSTALLED_APPS,
        "tests.testplugin.modules.shell",
        "tests.testplugin.modules.overrides",
    ]


@pytest.fixture
def extend(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[ModuleConfig], Callable[[Any], None]], None]:
    """Give a module something to do in ``extend``."""

    def replace(module: type[ModuleConfig], function: Callable[[Any], None]) -> None:
        monkeypatch.setattr(module, "extend", lambda self, points: function(points))

    return replace


def test_a_point_without_modules_is_filled_with_nothing():
    assert extension_point(Greetings).words == []
    assert extension_point(Greetings) is extension_point(Greetings)
    assert extension_point(Farewells) is not extension_point(Greetings)


def test_modules_extend_in_the_order_in_which_they_are_installed(modules, extend, monkeypatch):
    monkeypatch.setattr(ShellModule, "plugin_id", "testplugin")
    extend(OverridesModule, lambda points: points[Greetings].add_word("second"))
    extend(ShellModule, lambda points: points[Greetings].add_word("first"))
    assert extension_point(Greetings).words == ["first", "second"]


def test_a_module_extends_all_points_of_its_plugin_at_once(modules, extend):
    calls = []
    extend(OverridesModule, lambda points: calls.append({point.id for point in points}))
    extension_point(Greetings)
    extension_point(Farewells)
    fill_extension_points("testplugin")
    [offered] = calls
    assert {"testplugin.greetings", "testplugin.farewells"} <= offered
    assert "elsewhere.things" not in offered


def test_modules_of_other_plugins_are_not_asked(modules, extend):
    extend(ShellModule, lambda points: pytest.fail("it is a module of the core"))
    extension_point(Greetings)


def test_a_module_without_its_plugin_is_not_asked(modules, extend, without_testplugin):
    extend(OverridesModule, lambda points: pytest.fail("its plugin isn't installed"))
    fill_extension_points("app")
    fill_extension_points("catalog")


def test_a_filled_point_is_closed(modules, extend):
    kept: list[Greetings] = []
    extend(OverridesModule, lambda points: kept.append(points[Greetings]))
    assert extension_point(Greetings) is kept[0]
    with pytest.raises(IllegalExtensionPoint, match=r"'testplugin.greetings' is closed: .* in ModuleConfig.extend\(\)"):
        kept[0].add_word("late")


def test_a_module_may_extend_its_own_plugin_only(modules, extend):
    extend(OverridesModule, lambda points: points[Foreign])
    with pytest.raises(ModuleFailed) as caught:
        extension_point(Greetings)
    assert str(caught.value) == (
        "The module 'overrides' of plugin 'testplugin' (tests.testplugin.modules.overrides) can't extend its plugin: "
        "IllegalExtensionPoint: 'elsewhere.things' belongs to plugin 'elsewhere'; a module of 'testplugin' may extend "
        "that plugin only."
    )
    assert isinstance(caught.value.module, OverridesModule)
    assert isinstance(caught.value.__cause__, IllegalExtensionPoint)


def test_a_module_that_fails_is_named_and_tried_again(modules, extend):
    extend(OverridesModule, lambda points: 1 / 0)
    with pytest.raises(ModuleFailed, match=r"module 'overrides' of plugin 'testplugin'.*ZeroDivisionError"):
        extension_point(Greetings)
    extend(OverridesModule, lambda points: points[Greetings].add_word("hi"))
    assert extension_point(Greetings).words == ["hi"]


def test_a_point_that_is_asked_for_while_it_is_filled_says_so(modules, extend):
    extend(OverridesModule, lambda points: extension_point(Greetings).add_word("hi"))
    with pytest.raises(ModuleFailed, match=r"was asked for while modules add to it"):
        extension_point(Greetings)


def test_threads_that_ask_at_once_get_one_point_that_is_filled_once(modules, extend):
    calls = []
    together = threading.Barrier(8)

    def ask(_: int) -> Greetings:
        together.wait()
        return extension_point(Greetings)

    extend(OverridesModule, lambda points: calls.append(1))
    with ThreadPoolExecutor(8) as pool:
        assert len({id(point) for point in pool.map(ask, range(8))}) == 1
    assert calls == [1]


def test_a_point_states_an_id_and_a_plugin():
    with pytest.raises(ImproperlyConfigured, match="Anonymous: an extension point needs an id and a plugin_id"):

        class Anonymous(ExtensionPoint):
            """It has neither."""


def test_a_class_whose_id_another_one_took_says_so():
    class First(ExtensionPoint):
        """Will be replaced."""

        id = "elsewhere.replaced"
        plugin_id = "elsewhere"

    class Second(ExtensionPoint):
        """Replaces it."""

        id = "elsewhere.replaced"
        plugin_id = "elsewhere"

    fill_extension_points("elsewhere")
    assert isinstance(extension_point(Second), Second)
    with pytest.raises(IllegalExtensionPoint, match=r"First isn't the extension point 'elsewhere.replaced' any more"):
        extension_point(First)
