"""What every module keeps to, as tests: ``ModuleConformance``."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.test import override_settings

from portal.config import Config, Section, all_sections, config_errors, override_config, unserved_keys
from portal.plugins import ExtensionPoint, ModuleConfig, PluginConfig, get_plugin, installed_modules, open_points, room
from portal.testing import layout, source
from portal.testing.conformance.base import expect_none

#: Rooms by which a module does something though it uses no extension point.
EFFECTIVE_ROOMS = ("extensions", "tasks", "api.urls", "permissions", "routes")
#: Rooms of a plugin that its modules may import.
DOORS = ("extension_points", "extensions", "permissions", "routes")


class ModuleConformance:
    """The tests that every module passes. Subclass it in the module's own tests::

        class TestAcmeCatalog(ModuleConformance):
            module = "portal_acme_catalog"
            config = {"acme": {"costCentre": "unknown"}}

    The module is installed for each test, where it isn't anyway.
    """

    #: The dotted name of the module's app, as in ``INSTALLED_APPS``.
    module: ClassVar[str] = ""
    #: An example of what ``app-config.yaml`` says to it, under which it is tried.
    config: ClassVar[Mapping[str, Any]] = {}
    #: Dotted names of what it imports of its plugin beyond the plugin's public rooms.
    own_doors: ClassVar[Collection[str]] = ()

    @pytest.fixture(autouse=True)
    def _installed(self) -> Iterator[None]:
        if apps.is_installed(self.module):
            yield
            return
        with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, self.module]):
            yield

    @property
    def app(self) -> ModuleConfig:
        """The module."""
        for app in installed_modules():
            if app.name == self.module:
                return app
        pytest.fail(f"'{self.module}' has no ModuleConfig in its apps.py.", pytrace=False)

    @property
    def plugin(self) -> PluginConfig:
        """The plugin that it extends."""
        return get_plugin(self.app.plugin_id)

    @property
    def package(self) -> Path:
        """The folder of the module's package."""
        return Path(self.app.path)

    @property
    def sections(self) -> list[type[Section]]:
        """What it declares of the configuration."""
        return [section for section in all_sections() if section.__module__ == f"{self.module}.conf"]

    def test_it_has_an_id_of_its_own(self) -> None:
        """Modules of one plugin are told apart by their ids, in messages and in ``manage.py plugins``."""
        others = [other.name for other in installed_modules() if other.plugin_id == self.app.plugin_id]
        ids = [other.module_id for other in installed_modules() if other.name in others]
        assert ids.count(self.app.module_id) == 1, f"Another module of '{self.app.plugin_id}' has the same id."

    def test_it_says_what_it_is_for(self) -> None:
        """The docstrings of its package and of its config class say what it adds."""
        faults = []
        if not inspect.getdoc(import_module(self.module)):
            faults.append(f"{self.module}/__init__.py has no docstring.")
        if not type(self.app).__doc__:
            faults.append(f"{type(self.app).__qualname__} has no docstring.")
        expect_none(faults)

    def test_it_extends_its_plugin(self) -> None:
        """It uses extension points of its plugin, or has a room that does something without; it raises nothing."""
        points = _Recorded(open_points(self.app.plugin_id))
        with override_config(self.config):
            self.app.extend(points)
        if not points.asked and not any(room(self.app, name) for name in EFFECTIVE_ROOMS):
            known = ", ".join(point.__qualname__ for point in points)
            rooms = " or ".join(EFFECTIVE_ROOMS)
            pytest.fail(f"It adds nothing: extend() uses none of {known}, and there is no room {rooms}.", pytrace=False)

    def test_its_configuration_is_declared(self) -> None:
        """Its keys are declared in its room ``conf``, explained, and cover the example."""
        faults = [f"{section.__qualname__} has no docstring." for section in self.sections if not section.__doc__]
        faults += [
            f"The configuration key '{key.full_path(section)}' has no help."
            for section in self.sections
            for key in section.declared_keys()
            if not key.help
        ]
        example = Config.of(self.config, "the example of the test")
        faults += [f"No section declares '{key}'." for key in unserved_keys(example, all_sections())]
        faults += [error.message for error in config_errors(example, self.sections)]
        expect_none(faults)

    def test_its_configuration_is_written_about(self) -> None:
        """The README, its own or its plugin's, names it and what it reads of the configuration."""
        base = Path(settings.BASE_DIR)
        readme = layout.readme_of(self.package, base) or layout.readme_of(Path(self.plugin.path), base)
        assert readme is not None, (
            f"There is no README.md in {self.package}, beside its pyproject.toml, or in its plugin."
        )
        words = [self.module, *(key.full_path(section) for section in self.sections for key in section.declared_keys())]
        expect_none(f"The README doesn't mention {word}." for word in words if word not in readme)

    def test_it_knows_the_portal_and_what_its_plugin_shows(self) -> None:
        """Of its plugin it imports the public rooms, of other plugins and modules nothing."""
        plugin = self.plugin.name
        doors = [*(f"{plugin}.{door}" for door in DOORS), *self.own_doors]
        if self.module.startswith(f"{plugin}."):
            doors.append(f"{plugin}.modules")
        others = [app.name for app in apps.get_app_configs() if isinstance(app, PluginConfig | ModuleConfig)]
        foreign = ["apps", *(name for name in others if name not in {"portal", self.module})]
        expect_none(source.foreign_imports(self.package, self.module, foreign, doors=doors))

    def test_every_file_of_it_is_sound(self) -> None:
        """Each can be imported and isn't too long, and guards the database that it writes to."""
        for path in layout.modules_of(self.package):
            parts = path.relative_to(self.package).with_suffix("").parts
            import_module(".".join([self.module, *(part for part in parts if part != "__init__")]))
        expect_none([*layout.long_modules(self.package), *source.unguarded_calls(self.package)])

    def test_the_checks_find_nothing(self) -> None:
        """``manage.py check`` has nothing to say against it, with the example's configuration."""
        with override_config(self.config):
            messages = run_checks(app_configs=[self.app])
        expect_none(f"{message.msg} ({message.id})" for message in messages if message.level >= ERROR)


class _Recorded(Mapping[type[ExtensionPoint], Any]):
    """Extension points that remember which of them were asked for."""

    def __init__(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        self._points = points
        self.asked: list[type[ExtensionPoint]] = []

    def __getitem__(self, point: type[ExtensionPoint]) -> Any:
        found = self._points[point]
        self.asked.append(point)
        return found

    def __iter__(self) -> Iterator[type[ExtensionPoint]]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)
