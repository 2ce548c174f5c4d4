"""Fixtures of the tests of the catalog's modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.test import override_settings

from tests.catalog.modules.graph_host import FakeGraph
from tests.catalog.modules.incremental_source import SOURCES
from tests.catalog.modules.ldap_server import LdapServer
from tests.service_fixtures import require


@pytest.fixture(scope="session")
def incremental_tables(django_db_setup: None, django_db_blocker: Any) -> None:
    """Create the tables of the module `incremental`, which a portal without it doesn't have."""
    installed = [*settings.INSTALLED_APPS, "apps.catalog.modules.incremental"]
    with django_db_blocker.unblock(), override_settings(INSTALLED_APPS=installed):
        models = apps.get_app_config("catalog_incremental").get_models()
        with connections["catalog"].schema_editor() as editor:
            for model in models:
                editor.create_model(model)


@pytest.fixture
def incremental(incremental_tables: None) -> Iterator[None]:
    """Install that module, without sources."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "apps.catalog.modules.incremental"]):
        yield
    SOURCES.clear()


@pytest.fixture(scope="session")
def slapd() -> Iterator[LdapServer]:
    """A server for directories."""
    server = require(LdapServer)
    yield server
    server.stop()


@pytest.fixture
def ldap(slapd: LdapServer) -> LdapServer:
    """A directory with two people, and one team in another."""
    slapd.reset()
    jane, ann = slapd.add_person("jane", description="Writes."), slapd.add_person("ann")
    web = slapd.add_team("web", jane, description="The web.")
    slapd.add_team("product", web, ann)
    return slapd


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    """A tenant with three people, and a team in another."""
    host = FakeGraph()
    jane, joe = host.add_user("jane"), host.add_user("joe", mail=None)
    host.add_user("ann")
    web = host.add_group("web", jane, "device-1", description="The web.", mail="web@acme.example")
    host.add_group("product", web, joe, securityEnabled=False, mailNickname="Product Team!")
    yield host
    host.server.close()
