"""What a server loads before it answers: each package makes every start longer and every process larger."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.journeys.portal import ROOT, environment_for

#: What only some portals need, and tests: loaded by what needs it, when it does.
NOT_AT_THE_START = (
    "azure",
    "botocore",
    "django.test",
    "django_redis",
    "dns",
    "google.auth",
    "huey",
    "ldap3",
    "pymemcache",
    "redis",
)


def test_a_server_loads_no_package_that_only_some_portals_need(tmp_path: Path) -> None:
    program = "import sys, portal.wsgi, portal.urls; print(*sys.modules, sep='\\n')"
    environment = environment_for(tmp_path, PORTAL_EMBEDDED_WORKER="0")

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    assert "apps.catalog.tasks" in loaded
    assert loaded.isdisjoint(NOT_AT_THE_START)
