"""The test kit as a pytest plugin: fixtures, and surroundings for the tests of a plugin.

In a plugin's ``pyproject.toml``::

    [tool.pytest.ini_options]
    DJANGO_SETTINGS_MODULE = "portal.settings"
    django_find_project = false
    portal_plugins = ["portal_pagerduty"]
    addopts = "-p portal.testing.pytest_plugin"

``portal_config`` may name files to read in the place of an ``app-config.yaml``, and the environment variable
``TEST_DATABASE_URL`` a server for the plugins' databases.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal.testing.environment import prepare

if TYPE_CHECKING:
    from django.test import Client

    from portal.testing import FakeCache, FakeLogger, FakePermissions, FakeScheduler, FakeUrlReader

# Fixtures import what they need when they are used: this module is loaded before Django has settings.

SignedIn = Callable[..., "Client"]
Render = Callable[..., str]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``portal_plugins`` and ``portal_config`` to the configuration of pytest."""
    parser.addini("portal_plugins", "Plugins to install for the tests, besides the portal's own.", type="args")
    parser.addini("portal_config", "Files to read in the place of an app-config.yaml.", type="paths")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Prepare the surroundings, where plugins are named, before pytest-django loads the settings."""
    plugins: list[str] = early_config.getini("portal_plugins")
    if plugins:
        config: list[Path] = early_config.getini("portal_config")
        prepare(plugins=plugins, config=config, database_url=os.environ.get("TEST_DATABASE_URL", ""))
    return (yield)


@pytest.fixture(autouse=True)
def fresh_services() -> Iterator[None]:
    """Let no test see the services of another: what one registers, caches or replaces is gone for the next."""
    yield
    from portal.services import services

    services.reset()


@pytest.fixture
def service_client() -> Iterator[Client]:
    """Give a client that is a program: it bears a token that the portal knows."""
    from portal.testing import client_of, external_access

    with external_access() as token:
        yield client_of(token)


@pytest.fixture
def guest_client() -> Client:
    """Give a client that is a guest, as the portal is configured to let guests in."""
    from portal.services import auth
    from portal.testing import signed_in_client

    guest = auth.guest()
    assert guest is not None, "Guests aren't let in here; use signed_in."
    return signed_in_client(guest)


@pytest.fixture
def signed_in() -> SignedIn:
    """Make a client that is a person: ``signed_in("user:default/jane", owns=["group:default/team-a"])``."""
    from portal.credentials import UserPrincipal
    from portal.testing import signed_in_client

    def sign_in(ref: str = "user:default/jane", *, owns: list[str] | None = None) -> Client:
        return signed_in_client(UserPrincipal(ref, (ref, *(owns or []))))

    return sign_in


@pytest.fixture
def render_extension() -> Render:
    """Render an extension by itself: ``render_extension("entity-card:hello/notes", entity=…)``."""
    from portal.testing import render

    return render


@pytest.fixture
def fake_cache() -> FakeCache:
    """Put a cache to look into in the place of the portal's."""
    from portal.services import services
    from portal.testing import FakeCache

    services["cache"] = fake = FakeCache()
    return fake


@pytest.fixture
def fake_logger() -> FakeLogger:
    """Put a logger that remembers in the place of the portal's."""
    from portal.services import services
    from portal.testing import FakeLogger

    services["logger"] = fake = FakeLogger()
    return fake


@pytest.fixture
def fake_permissions() -> FakePermissions:
    """Put permissions that the test denies in the place of the portal's."""
    from portal.services import services
    from portal.testing import FakePermissions

    services["permissions"] = fake = FakePermissions()
    return fake


@pytest.fixture
def fake_scheduler() -> FakeScheduler:
    """Put a schedule on which tasks run when they are triggered in the place of the portal's."""
    from portal.services import services
    from portal.testing import FakeScheduler

    services["scheduler"] = fake = FakeScheduler()
    return fake


@pytest.fixture
def fake_url_reader() -> FakeUrlReader:
    """Put files of other hosts in the place of the portal's reader."""
    from portal.services import services
    from portal.testing import FakeUrlReader

    services["url_reader"] = fake = FakeUrlReader()
    return fake
