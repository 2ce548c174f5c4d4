"""Fixtures of the core's tests. The test plugin is always installed: ``tests/environment.py`` sees to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from portal.extensions.icons import _draw, icon_exists
from portal.testing.clock import FakeClock

MakePackage = Callable[..., str]
Install = Callable[..., None]


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture
def overrides_module(settings: Settings) -> None:
    """Install the test plugin's module."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.testplugin.modules.overrides"]


@pytest.fixture
def without_testplugin(settings: Settings) -> None:
    """Take the test plugin out."""
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "tests.testplugin"]


@pytest.fixture
def shell_module(settings: Settings) -> None:
    """Install the module that changes the shell."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.testplugin.modules.shell"]


@pytest.fixture
def make_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakePackage:
    """Write a Python package of the given rooms (``api_urls`` is ``api/urls.py``) and return its name, always new."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(init: str = "", **rooms: str) -> str:
        name = f"made_for_{re.sub(r'[^a-z0-9]', '_', tmp_path.name.lower())}_{len(list(tmp_path.iterdir()))}"
        files = {"__init__.py": init} | {f"{room.replace('_', '/')}.py": text for room, text in rooms.items()}
        for path, text in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (target.parent / "__init__.py").touch()
            target.write_text(text, encoding="utf-8")
        return name

    return make


SHELL_APPS = """
from portal.plugins import ModuleConfig

class ShellModule(ModuleConfig):
    name = {name!r}
    plugin_id = "app"
    module_id = "made-up"
"""
SHELL_IMPORTS = """
from portal.extensions import *
from portal.extensions.utility import *
"""


@pytest.fixture
def install(make_package: MakePackage, settings: Settings, tmp_path: Path) -> Iterator[Install]:
    """Install a module of the core with these extensions, and templates by their path."""

    def make(extensions: str, **templates: str) -> None:
        name = make_package(extensions=SHELL_IMPORTS + extensions)
        (tmp_path / name / "apps.py").write_text(SHELL_APPS.format(name=name), encoding="utf-8")
        for file, text in templates.items():
            target = tmp_path / name / "templates" / "made" / file.replace("_svg", ".svg").replace("_html", ".html")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        settings.INSTALLED_APPS = [*django_settings.INSTALLED_APPS, name]
        settings.TEMPLATES = [*django_settings.TEMPLATES]

    yield make
    _draw.cache_clear()
    icon_exists.cache_clear()
