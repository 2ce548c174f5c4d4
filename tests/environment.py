"""The surroundings of the tests, set before Django reads its settings; a pytest plugin, loaded by ``-p``.

Tests see neither the developer's configuration nor their data: an ``app-config.yaml`` of their own, a data folder
that is thrown away, and SQLite in memory. ``TEST_DATABASE=postgresql`` keeps the plugins' databases on a real
PostgreSQL instead.
"""

from __future__ import annotations

import os
from pathlib import Path

from portal.testing.environment import prepare

CONFIG = Path(__file__).parent / "app-config.yaml"


def database_url() -> str:
    """Return the address of the PostgreSQL that the tests are to use; empty for SQLite."""
    if os.environ.get("TEST_DATABASE") != "postgresql":
        return ""
    from tests import services

    # Workers inherit the address: one server serves the whole run.
    os.environ["TEST_DATABASE_URL"] = services.postgres()
    return os.environ["TEST_DATABASE_URL"]


prepare(plugins=["tests.testplugin"], config=[CONFIG], database_url=database_url())
