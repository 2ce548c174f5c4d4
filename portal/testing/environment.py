"""The surroundings of tests, set before Django reads its settings."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

#: Where workers of one run find the data folder of the run.
DATA_DIR_VARIABLE = "PORTAL_TEST_DATA_DIR"
#: What a developer may have set for their own portal.
DEVELOPERS = ("DATABASE_URL", "CACHE_URL", "BACKSTAGE_ENV", "LOG_LEVEL", "DEBUG")
#: What a portal is when its plugins' tests say nothing else.
DEFAULT_CONFIG = """\
app:
  title: Test portal
organization:
  name: Acme
backend:
  baseUrl: http://testserver
"""


def prepare(*, plugins: Iterable[str] = (), config: Iterable[Path] = (), database_url: str = "") -> None:
    """Set the environment of this process, and of the processes that it starts.

    Tests see neither the developer's configuration nor their data: the portal is the one that the files ``config``
    describe, in development, without a worker, with ``plugins`` installed; what it writes is thrown away; SQLite is in
    memory, unless ``database_url`` names a server.
    """
    data_dir = os.environ.get(DATA_DIR_VARIABLE)
    if data_dir is None:
        data_dir = os.environ[DATA_DIR_VARIABLE] = tempfile.mkdtemp(prefix="greenroom-tests-")
        atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
        Path(data_dir, "app-config.yaml").write_text(DEFAULT_CONFIG, encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("APP_CONFIG_") or name in DEVELOPERS]:
        del os.environ[name]
    os.environ |= {
        "PORTAL_CONFIG": ":".join([str(path) for path in config] or [str(Path(data_dir, "app-config.yaml"))]),
        "PORTAL_DATA_DIR": data_dir,
        "PORTAL_ENV": "development",
        "PORTAL_EMBEDDED_WORKER": "0",
        "PORTAL_PLUGINS": ",".join(plugins),
    }
    if database_url:
        os.environ["DATABASE_URL"] = database_url
