"""System checks of configuration, modules, services and rooms."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from django.apps import apps
from django.core.checks import CheckMessage, run_checks
from django.test.utils import override_settings
from pytest_django.fixtures import Settings

from portal.checks import (
    check_configuration,
    check_modules,
    check_plugins,
    check_rooms,
    check_services,
    check_tree,
    log_doubtful_keys,
)
from portal.config import Key, Section, all_sections, override_config
from portal.extensions import get_tree
from portal.plugins import ExtensionPoint, PluginConfig
from portal.services import Service, services
from tests.testplugin.apps import TestPlugin
from tests.testplugin.modules.overrides.apps import OverridesModule
from tests.testplugin.modules.shell.apps import ShellModule

ROOT = Path(__file__).parents[2]


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def only(messages: list[CheckMessage]) -> CheckMessage:
    [message] = messages
    return message


def test_the_installed_portal_is_in_order():
    assert run_checks() == []


# --- W102, E103: modules ---


class Greetings(ExtensionPoint):
    """A point of the test plugin."""

    id = "testplugin.check_greetings"
    plugin_id = "testplugin"


class Foreign(ExtensionPoint):
    """A point of another plugin."""

    id = "elsewhere.check_things"
    plugin_id = "elsewhere"


@pytest.mark.usefixtures("overrides_module", "without_testplugin")
def test_a_module_without_its_plugin_is_a_warning():
    message = only(check_modules())
    assert message.id == "portal.W102"
    assert message.msg == (
        "The module 'overrides' of plugin 'testplugin' (tests.testplugin.modules.overrides) is ignored: its plugin "
        "isn't installed."
    )


@pytest.mark.usefixtures("overrides_module")
def test_a_module_that_reaches_into_another_plugin_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OverridesModule, "extend", lambda self, points: points[Foreign])
    message = only(check_modules())
    assert message.id == "portal.E103"
    assert "The module 'overrides' of plugin 'testplugin'" in message.msg
    assert "'elsewhere.check_things' belongs to plugin 'elsewhere'" in message.msg
    assert "a module of that one" in (message.hint or "")


@pytest.mark.usefixtures("overrides_module")
def test_a_module_that_fails_is_an_error_that_says_where(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OverridesModule, "extend", lambda self, points: points[Greetings].no_such_method())
    message = only(check_modules())
    assert message.id == "portal.E103"
    assert "AttributeError" in message.msg
    assert f"Correct {__file__}, line " in (message.hint or "")


@pytest.mark.usefixtures("overrides_module")
def test_a_module_that_extends_its_own_plugin_is_as_it_should_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OverridesModule, "extend", lambda self, points: points[Greetings])
    assert check_modules() == []


# --- E104, W105: configuration ---


@pytest.fixture
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.checks.configuration._told", set())


def test_every_value_that_cannot_be_read_is_an_error():
    wrong = {"catalog": {"readonly": "perhaps", "locations": 7}}
    with override_config(wrong):
        messages = check_configuration()
    assert ids(messages) == ["portal.E104", "portal.E104"]
    assert any("catalog.readonly: must be" in message.msg for message in messages)
    assert any("catalog.locations: must be" in message.msg for message in messages)


def test_keys_without_effect_make_one_warning_however_many_they_are():
    with override_config({"kubernetes": {"clusters": [1, 2]}, "catalog": {"nothing": 1}, "app": {"branding": 2}}):
        message = only(check_configuration())
    assert message.id == "portal.W105"
    for key in ("kubernetes", "catalog.nothing", "app.branding"):
        assert key in message.msg
    assert "clusters" not in message.msg


@pytest.mark.usefixtures("_nothing_told")
def test_keys_without_effect_are_logged_once():
    with override_config({"kubernetes": {}, "proxy": 1}):
        services["logger"] = log = mock.Mock()
        log_doubtful_keys()
        log_doubtful_keys()
    log.for_plugin.assert_called_once_with("app")
    log.for_plugin().warning.assert_called_once_with(mock.ANY, keys=["kubernetes", "proxy"])


@pytest.mark.usefixtures("_nothing_told")
def test_keys_that_a_check_has_named_are_not_logged_as_well():
    with override_config({"kubernetes": {}}):
        services["logger"] = log = mock.Mock()
        check_configuration()
        log_doubtful_keys()
    assert log.mock_calls == []


@pytest.fixture
def _old_lamp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a plugin whose key for lamps is to go."""
    monkeypatch.setattr("portal.config.section._sections", all_sections())

    class OldLampConf(Section):
        prefix = "oldLamp"
        lamp = Key.string("lamp", default=None, deprecated="Use oldLamp.light.", help="Lights.")


@pytest.mark.usefixtures("_nothing_told", "_old_lamp")
def test_a_deprecated_key_is_warned_of_where_it_is_set():
    assert check_configuration() == []
    with override_config({"oldLamp": {"lamp": "gas"}}):
        message = only(check_configuration())
    assert message.id == "portal.W112"
    assert "oldLamp.lamp (override_config()" in message.msg
    assert "Use oldLamp.light." in message.msg


@pytest.mark.usefixtures("_nothing_told", "_old_lamp")
def test_a_deprecated_key_is_logged_once():
    with override_config({"oldLamp": {"lamp": "gas"}}):
        services["logger"] = log = mock.Mock()
        log_doubtful_keys()
        log_doubtful_keys()
    log.for_plugin().warning.assert_called_once_with(mock.ANY, key="oldLamp.lamp", reason="Use oldLamp.light.")


def test_a_key_that_is_visible_and_secret_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("portal.config.section._sections", all_sections())

    class Safe(Section):
        prefix = "safe"
        safe = Key.json("", default=None, deep_visibility="secret", help="Shut.")
        window = Key.string("window", default=None, visibility="frontend", help="Of glass.")

    message = only(check_configuration())
    assert message.id == "portal.E111"
    assert "safe.window" in message.msg


@pytest.mark.usefixtures("_nothing_told")
def test_a_configuration_in_order_is_not_spoken_of():
    services["logger"] = log = mock.Mock()
    log_doubtful_keys()
    assert log.mock_calls == []
    assert check_configuration() == []


@pytest.mark.parametrize(
    "before",
    ["", "call_command('migrate', verbosity=0, skip_checks=False)", "call_command('check')"],
    ids=["alone", "after migrate", "after the checks of runserver"],
)
def test_a_starting_server_warns_once(tmp_path: Path, before: str):
    config = tmp_path / "app-config.yaml"
    config.write_text("nobodyKnows: {this: 1}\n")
    environment = {
        **os.environ,
        "PORTAL_CONFIG": str(config),
        "PORTAL_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    setup = "import django; django.setup(); from django.core.management import call_command"
    done = subprocess.run(
        [sys.executable, "-c", f"{setup}\n{before}\nimport portal.wsgi"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.count("nobodyKnows") == 1, done.stdout


# --- E106, E109: ids and labels ---


def test_two_plugins_of_one_id_are_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(TestPlugin, "plugin_id", "catalog")
    message = next(message for message in check_plugins() if message.id == "portal.E106")
    assert message.msg == "2 plugins have the id 'catalog': apps.catalog, tests.testplugin."


@pytest.mark.usefixtures("overrides_module", "shell_module")
def test_two_modules_of_one_plugin_and_id_are_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ShellModule, "module_id", "overrides")
    assert check_plugins() == []
    monkeypatch.setattr(ShellModule, "plugin_id", "testplugin")
    message = only(check_plugins())
    assert message.id == "portal.E106"
    assert message.msg == (
        "2 modules of plugin 'testplugin' have the id 'overrides': tests.testplugin.modules.overrides, "
        "tests.testplugin.modules.shell."
    )


@pytest.mark.parametrize(
    ("plugin_id", "label", "expected"),
    [
        ("tech-radar", "tech_radar", None),
        ("tech-radar", "techradar", "tech_radar"),
        ("catalog", "catalogue", "catalog"),
        ("auth", "identity", None),
        ("auth", "auth", "identity"),
        ("app", "portal", None),
    ],
)
def test_the_label_of_a_plugin_follows_from_its_id(monkeypatch, plugin_id, label, expected):
    plugin = apps.get_app_config("testplugin")
    monkeypatch.setattr(TestPlugin, "plugin_id", plugin_id)
    monkeypatch.setattr(plugin, "label", label)
    found = [message for message in check_plugins() if message.id == "portal.E109"]
    assert [message.hint for message in found] == ([f"State label = '{expected}' in its apps.py."] if expected else [])


def test_no_plugin_may_take_the_name_of_the_cores_database(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(TestPlugin, "plugin_id", "default")
    monkeypatch.setattr(apps.get_app_config("testplugin"), "label", "default")
    message = only(check_plugins())
    assert message.id == "portal.E109"
    assert "'default', which is the name of the core's database" in message.msg


# --- E107: services ---


class Worried(Service):
    """A service with something to say."""

    def check(self) -> list[CheckMessage]:
        return [CheckMessage(20, "It is late.", id="portal.I999")]


class Unmakeable(Service):
    """A service that can't be made."""

    def __init__(self) -> None:
        raise OSError("no disk")


class Stranger:
    """No service at all."""


def test_a_service_says_itself_what_is_wrong_with_it():
    with override_settings(PORTAL_SERVICES={"worried": {"BACKEND": f"{__name__}.Worried"}}):
        assert ids(check_services()) == ["portal.I999"]


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (f"{__name__}.Unmakeable", "can't be made: no disk"),
        (f"{__name__}.Absent", "can't be made: PORTAL_SERVICES['cache']: BACKEND can't be loaded"),
        (f"{__name__}.Stranger", "is a Stranger, which isn't a portal.services.Service"),
    ],
)
def test_a_service_that_is_none_is_an_error_and_the_others_are_asked(backend, reason):
    specs = {"cache": {"BACKEND": backend}, "worried": {"BACKEND": f"{__name__}.Worried"}}
    with override_settings(PORTAL_SERVICES=specs):
        broken, worried = check_services()
    assert (broken.id, worried.id) == ("portal.E107", "portal.I999")
    assert f"Core service 'cache' {reason}" in broken.msg
    assert "Correct 'cache' in the setting PORTAL_SERVICES" in (broken.hint or "")


def test_one_fault_is_told_once():
    with override_config({"backend": {"cache": {"defaultTtl": "soon"}}}):
        found = [*check_configuration(), *check_services()]
    assert ids(found) == ["portal.E104"]


# --- E108: rooms ---


@pytest.fixture
def broken_app(make_package: Callable[..., str], settings: Settings) -> PluginConfig:
    """An installed plugin whose rooms can't be imported."""
    name = make_package(
        apps="from portal.plugins import PluginConfig\n"
        "class BrokenPlugin(PluginConfig):\n    name = __package__\n    label = plugin_id = 'broken'",
        tasks="\n\nfrom portal.services import telepathy",
        extensions="class Card(:",
        routes="",
    )
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, name]
    app = apps.get_app_config("broken")
    assert isinstance(app, PluginConfig)
    return app


def test_a_room_that_cannot_be_imported_is_an_error_that_names_the_plugin_and_the_line(broken_app):
    extensions, tasks = check_rooms()
    assert extensions.id == tasks.id == "portal.E108"
    assert f"The room 'tasks' of plugin 'broken' ({broken_app.name}) can't be imported: ImportError: " in tasks.msg
    assert f"Correct {broken_app.path}/tasks.py, line 3," in (tasks.hint or "")
    assert "can't be imported: SyntaxError: " in extensions.msg
    assert f"Correct {broken_app.path}/extensions.py, line 1," in (extensions.hint or "")


def test_a_room_that_cannot_be_imported_leaves_the_pages_of_others_which_name_it(broken_app, client):
    page = client.get("/visualizer/tree")
    assert page.status_code == 200
    assert f"The room &#x27;extensions&#x27; of plugin &#x27;broken&#x27; ({broken_app.name})" in page.content.decode()
    assert client.get("/testplugin").status_code == 200
    assert [problem.id for problem in get_tree().problems] == ["portal.E108"]


def test_rooms_of_the_apps_that_are_asked_for_are_checked(broken_app):
    assert check_rooms([apps.get_app_config("catalog"), apps.get_app_config("auth")]) == []
    assert len(check_rooms([broken_app])) == 2


def test_a_tree_whose_rooms_cannot_be_imported_has_no_other_problems(broken_app):
    assert check_tree() == []


def test_the_trees_problems_are_told_for_the_apps_that_are_asked_for():
    with override_config({"app": {"extensions": [{"page:testplugin": {"config": {"path": 7}}}, "page:nowhere"]}}):
        assert {"portal.E208", "portal.W201"} <= set(ids(check_tree()))
        assert "portal.E208" in ids(check_tree([apps.get_app_config("testplugin")]))
        assert check_tree([apps.get_app_config("catalog")]) == []
