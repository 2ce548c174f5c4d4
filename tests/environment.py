"""The surroundings of the tests, set before Django reads its settings; a pytest plugin, loaded by ``-p``.

Tests see neither the developer's configuration nor their data: an ``app-config.yaml`` of their own, a data folder
that is thrown away, and SQLite in memory. ``TEST_DATABASE=postgresql`` keeps the plugins' databases on a real
PostgreSQL instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

CONFIG = Path(__file__).parent / "app-config.yaml"


def prepare() -> None:
    """Set the environment of this process and of the workers that it starts."""
    if "PORTAL_TEST_DATA_DIR" not in os.environ:
        data_dir = tempfile.mkdtemp(prefix="greenroom-tests-")
        atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
        os.environ["PORTAL_TEST_DATA_DIR"] = data_dir
    for name in [name for name in os.environ if name.startswith("APP_CONFIG_")]:
        del os.environ[name]
    os.environ |= {
        "PORTAL_CONFIG": str(CONFIG),
        "PORTAL_DATA_DIR": os.environ["PORTAL_TEST_DATA_DIR"],
        "PORTAL_ENV": "development",
        "PORTAL_EMBEDDED_WORKER": "0",
        "PORTAL_PLUGINS": "tests.testplugin",
    }
    for name in ("DATABASE_URL", "CACHE_URL", "BACKSTAGE_ENV", "LOG_LEVEL"):
        os.environ.pop(name, None)
    if os.environ.get("TEST_DATABASE") == "postgresql":
        from tests import services

        # Workers inherit the address: one server serves the whole run.
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"] = services.postgres()


prepare()
