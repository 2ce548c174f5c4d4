"""``manage.py check``: slots in templates that lead nowhere, and what a configuration names that there isn't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from portal.config import override_config
from portal.extensions import get_tree
from portal.extensions.checks import check_extensions
from portal.shell.checks import check_slots


@pytest.fixture
def template(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The template of the page of the test plugin, to be written."""
    templates = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    settings.TEMPLATES = templates
    page = get_tree().nodes["page:testplugin"].spec.extension
    monkeypatch.setattr(page, "template_name", "checked.html")
    return tmp_path / "checked.html"


def test_a_slot_of_an_unknown_input_is_an_error_that_suggests_the_right_one(template: Path):
    template.write_text('{% extends "page.html" %}{% load portal %}{% block page %}{% slot "panel" %}{% endblock %}')
    [problem] = check_slots()
    assert problem.id == "portal.E217"
    assert problem.msg == "Template 'checked.html' has a slot 'panel', but 'page:testplugin' has no such input."
    assert problem.hint == "Did you mean 'panels'?"


def test_a_slot_of_another_extension_is_looked_up_there(template: Path):
    template.write_text('{% load portal %}{% slot "panels" of="app/root" %}')
    [problem] = check_slots()
    assert "'app/root' has no such input" in problem.msg


@pytest.mark.parametrize(
    "source",
    [
        '{% slot "panels" %}',
        '{% slot "elements" of="app/root" %}',
        '{% slot "anything" of="page:not-installed" %}',
        "{% slot name %}",
        '{% slot "anything" of=extension_id %}',
    ],
)
def test_a_slot_that_is_there_or_may_be_there_is_in_order(template: Path, source: str):
    template.write_text("{% load portal %}" + source)
    assert check_slots() == []


def test_the_templates_of_the_installed_portal_are_in_order():
    assert check_slots() == []


@pytest.mark.parametrize(
    ("extension_id", "config", "named"),
    [
        (
            "page:home",
            {"defaultConfig": [{"component": "toolkit"}, {"component": "toolbox"}]},
            "defaultConfig names the widget 'toolbox', which isn't there; there are:",
        ),
        (
            "home-page-widget:home/world-clock",
            {
                "clocks": [
                    {"label": "Here", "timeZone": "Europe/Stockholm"},
                    {"label": "There", "timeZone": "Mars/Base"},
                ]
            },
            "the clock 'There' has the time zone 'Mars/Base', which there isn't",
        ),
        (
            "page:catalog/entity",
            {"groups": [{"a": {"title": "A"}}, {"b": {"title": "B", "aliases": ["a", "b"]}}]},
            "2 groups have the id or alias 'a'; its tabs are in the last of them",
        ),
    ],
)
def test_what_a_config_names_and_there_is_not_is_told_and_costs_nothing_else(
    extension_id: str, config: dict[str, Any], named: str
):
    with override_config({"app": {"extensions": [{extension_id: {"config": config}}]}}):
        assert get_tree().nodes[extension_id].is_active
        [problem] = [one for one in check_extensions() if one.obj == extension_id]
    assert problem.id == "portal.W203"
    assert named in problem.msg
