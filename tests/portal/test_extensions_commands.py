"""``manage.py extensions`` and ``plugins``, ``manage.py check``, and the generated reference page."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from portal.config import override_config
from portal.extensions import Extension, Media, get_tree
from portal.extensions.checks import check_extensions
from portal.extensions.reference import blueprints, render_reference


def output_of(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def configured(*entries: object) -> Any:
    return override_config({"app": {"extensions": list(entries)}})


# --- manage.py extensions ---


def test_the_tree_is_printed_with_inputs_and_origins():
    out, _ = output_of("extensions")
    lines = out.splitlines()
    [page] = [number for number, line in enumerate(lines) if line.strip().startswith("page:testplugin ")]
    assert lines[page].endswith("  tests.testplugin")
    indent = len(lines[page]) - len(lines[page].lstrip())
    assert f"{' ' * (indent + 2)}panels" in lines
    assert any(line.startswith(f"{' ' * (indent + 4)}panel:testplugin/first ") for line in lines)


def test_what_is_not_active_says_why():
    with configured({"panel:testplugin/first": False}):
        out, _ = output_of("extensions", "--disabled")
    reasons = dict(line.split("  ", 1) for line in out.splitlines())
    assert "[disabled: disabled in app.extensions]" in reasons["panel:testplugin/first"]
    assert "panel:testplugin/second" not in reasons


def test_problems_are_printed_with_a_way_out():
    with configured("page:testplugn"):
        _, err = output_of("extensions")
    assert "portal.W201: app.extensions names 'page:testplugn'" in err
    assert "Did you mean 'page:testplugin'?" in err


def test_what_hangs_from_nothing_is_printed_at_the_end():
    with configured({"panel:testplugin/first": {"attachTo": {"id": "page:none", "input": "x"}}}):
        out, _ = output_of("extensions")
    _, _, rest = out.partition("(attached to nothing)")
    assert "panel:testplugin/first" in rest


def test_json_has_the_facts_of_each_extension():
    out, _ = output_of("extensions", "--json")
    found = {entry["id"]: entry for entry in json.loads(out)["extensions"]}
    second = found["panel:testplugin/second"]
    assert second["attachTo"] == {"id": "page:testplugin", "input": "panels"}
    assert second["config"] == {"text": "Second", "size": 1}
    assert second["configSchema"]["size"] == {"type": "integer", "default": 1}
    assert second["state"] == "active"
    assert found["page:testplugin"]["inputs"] == {"pages": "SubPage", "panels": "Panel"}


def test_json_of_what_is_disabled():
    out, _ = output_of("extensions", "--disabled", "--json")
    assert {entry["state"] for entry in json.loads(out)["extensions"]} <= {"disabled", "inactive", "faulty"}


# --- manage.py plugins ---


def test_plugins_are_listed_with_database_and_pages():
    out, _ = output_of("plugins")
    assert "testplugin  Test plugin  (tests.testplugin)" in out
    assert "/testplugin/things/:name  page:testplugin/thing" in out
    assert "testplugin: sqlite3" in out or "testplugin: postgresql" in out


@pytest.mark.usefixtures("overrides_module")
def test_modules_are_listed_with_their_plugin():
    found = {plugin["id"]: plugin for plugin in json.loads(output_of("plugins", "--json")[0])["plugins"]}
    assert found["testplugin"]["modules"] == [
        {"id": "overrides", "app": "tests.testplugin.modules.overrides", "hasRoutes": False}
    ]
    assert found["app"]["database"]["alias"] == "default"


@pytest.mark.usefixtures("without_testplugin", "overrides_module")
def test_a_module_without_its_plugin_is_named():
    out, _ = output_of("plugins")
    assert "module 'overrides' is ignored, plugin 'testplugin' isn't installed" in out


# --- manage.py check ---


def test_what_is_wrong_with_the_tree_is_a_check_message():
    with configured({"page:testplugin": {"config": {"path": 7}}}, "nothing:here"):
        found = {message.id for message in check_extensions()}
    assert {"portal.E208", "portal.W201"} <= found


def test_what_is_wrong_with_routes_is_a_check_message():
    with override_config({"app": {"routes": {"bindings": {"testplugin.elsewhere": True}}}}):
        assert "portal.E231" in {message.id for message in check_extensions()}


def test_a_template_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch):
    panel = get_tree().nodes["panel:testplugin/second"].spec.extension
    monkeypatch.setattr(panel, "template_name", "testplugin/nowhere.html")
    [message] = [message for message in check_extensions() if message.id == "portal.E215"]
    assert message.msg == (
        "Extension 'panel:testplugin/second' of tests.testplugin names the template 'testplugin/nowhere.html', "
        "which doesn't exist."
    )


def test_the_template_of_a_view_is_looked_for_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.testplugin.views.ThingView.template_name", "testplugin/nowhere.html")
    assert [(one.id, one.obj) for one in check_extensions()] == [("portal.E215", "page:testplugin/thing")]


def test_a_stylesheet_that_is_not_there_is_a_warning(monkeypatch: pytest.MonkeyPatch):
    panel = get_tree().nodes["panel:testplugin/second"].spec.extension
    monkeypatch.setattr(panel, "media", Media(css=["testplugin/panel.css", "testplugin/nowhere.css"]))
    [message] = check_extensions()
    assert message.id == "portal.W218"
    assert "'panel:testplugin/second' of tests.testplugin loads 'testplugin/nowhere.css'" in message.msg


def test_an_icon_that_is_not_there_is_a_warning(monkeypatch: pytest.MonkeyPatch):
    page = get_tree().nodes["page:testplugin"].spec.extension
    monkeypatch.setattr(page, "icon", "no-such-icon")
    [message] = [message for message in check_extensions() if message.id == "portal.W216"]
    assert "'page:testplugin' of tests.testplugin names the icon 'no-such-icon'" in message.msg


def test_the_installed_portal_is_in_order():
    assert check_extensions() == []


def test_the_check_is_registered_when_the_portal_starts():
    program = (
        "import django; django.setup()\n"
        "from django.core.checks.registry import registry\n"
        "raise SystemExit(not any(check.__name__ == 'check_tree' for check in registry.registered_checks))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False, timeout=60).returncode == 0


# --- The reference page ---


def test_the_reference_describes_every_blueprint_and_every_slot():
    page = render_reference()
    for blueprint in blueprints(get_tree()):
        assert f"### `{blueprint.kind}`: {blueprint.__name__}" in page
    for node in get_tree().nodes.values():
        for name in node.spec.extension.inputs:
            assert f"| `{name}` |" in page or name == "pages"


@pytest.mark.usefixtures("without_testplugin")
def test_the_page_in_the_documentation_is_up_to_date(settings: Settings):
    page = settings.BASE_DIR / "docs" / "reference" / "extensions.md"
    assert page.read_text(encoding="utf-8") == render_reference(), "run: make docs"


def test_every_blueprint_and_every_slot_has_a_text():
    tree = get_tree()
    for blueprint in blueprints(tree):
        assert blueprint.__doc__, f"{blueprint.__name__} has no docstring"
    for node in tree.nodes.values():
        for name, slot in node.spec.extension.inputs.items():
            assert slot.help, f"input '{name}' of '{node.id}' has no help"


def test_blueprints_of_plugins_are_described_too():
    assert "### `panel`: Panel" in render_reference()


def test_a_class_that_is_no_blueprint_is_not_described():
    found = blueprints(get_tree())
    assert Extension not in found
    assert not any(blueprint.__name__.startswith("_") for blueprint in found)
