"""Every plugin keeps to what every plugin keeps to, and so does the core as far as it is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from portal.config import override_config
from portal.extensions import Node
from portal.plugins import installed_plugins
from portal.testing.conformance import ApiRules, DataRules, InterfaceRules

ROOT = Path(__file__).resolve().parents[2]
BUILT_IN = sorted(path.parent.name for path in (ROOT / "apps").glob("*/apps.py"))


class EmptyCatalog:
    """Stands in for the catalog, whose database isn't the core's to touch."""

    def acting_for(self, *_: object) -> EmptyCatalog:
        return self

    def get_entity(self, ref: str) -> None:
        return None


class TestCore(DataRules, ApiRules, InterfaceRules):
    plugin = "portal"

    @pytest.fixture(autouse=True)
    def empty_catalog(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the profile find nobody."""
        monkeypatch.setattr("portal.shell.settings_pages.catalog", EmptyCatalog())

    @pytest.fixture(autouse=True)
    def helpful(self) -> Iterator[None]:
        """Let there be help, so that the button that leads there shows."""
        with override_config({"app": {"support": {"url": "https://help.example/"}}}):
            yield


class TestTheTestPlugin(DataRules, ApiRules, InterfaceRules):
    plugin = "tests.testplugin"
    page_parameters = {
        "/testplugin/things/:name": {"name": "web"},
        "/testplugin/things/:name/parts/:part": {"name": "web", "part": "handle"},
    }

    def values_for(self, node: Node) -> Iterable[Mapping[str, Any]]:
        """Show the panel that is hidden otherwise."""
        return [{"show": True}]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_plugin_of_the_portal_is_held_to_it(name):
    tests = ROOT / "tests" / name / "test_conformance.py"
    assert tests.exists(), f"Write {tests.relative_to(ROOT)}: class Test…(PluginConformance): plugin = 'apps.{name}'"
    assert re.search(rf'\(PluginConformance\):\n(    .*\n|\n)*    plugin = "apps\.{name}"\n', tests.read_text())


def test_every_plugin_of_the_portal_is_installed():
    installed = {plugin.name for plugin in installed_plugins()}
    assert {f"apps.{name}" for name in BUILT_IN} <= installed
