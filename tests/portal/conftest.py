"""Fixtures of the core's tests. The test plugin is always installed: ``tests/environment.py`` sees to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from portal.testing.clock import FakeClock

MakePackage = Callable[..., str]


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
