"""Fixtures of the core's tests. The test plugin is always installed: ``tests/environment.py`` sees to it."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings


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
