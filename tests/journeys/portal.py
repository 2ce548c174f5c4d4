"""A portal of a test's own: a process with databases, a port and a configuration that nobody else uses."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests import server
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]


class RunningPortal:
    """A portal that answers at ``url``, with ``environment`` in place of the one that the tests run in."""

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self.url = url
        self.environment = environment

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a page, asked for by somebody who isn't signed in yet."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def wait_for(self, path: str, text: str) -> None:
        """Return once the page holds the text; fail with the page as it is if it never does."""
        status, body = 0, ""

        def holds() -> bool:
            nonlocal status, body
            status, body = self.get(path)
            return status == 200 and text in body

        wait_until(holds, lambda: f"{path} answers {status} and lacks {text!r}: {body[:2000]}")


def environment_for(folder: Path, **extra: str) -> dict[str, str]:
    """Give the environment of a developer whose portal writes to ``folder``, whatever the tests themselves run in."""
    own = ("DJANGO_", "DATABASE_", "CACHE_", "PORTAL_", "PYTEST_", "APP_CONFIG_", "BACKSTAGE_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    fixed = {
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_ENV": "development",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    return inherited | fixed | extra


@contextmanager
def running_portal(folder: Path, **extra: str) -> Iterator[RunningPortal]:
    """Run the portal as ``make run`` does, with everything that it writes in ``folder``."""
    environment = environment_for(folder, **extra)

    def command(port: int, _: Path) -> list[str]:
        # Targets of file locations are relative to the working folder.
        surroundings = ["--ignore-environment", f"--chdir={ROOT}", *(f"{k}={v}" for k, v in environment.items())]
        runserver = [sys.executable, "manage.py", "runserver", "--migrate", "--noreload", f"127.0.0.1:{port}"]
        return ["env", *surroundings, *runserver]

    portal = server.start("The portal", command, _answers)
    try:
        yield RunningPortal(f"http://127.0.0.1:{portal.port}", environment)
    finally:
        portal.stop()


@contextmanager
def filled_portal(folder: Path) -> Iterator[RunningPortal]:
    """Run the portal with the example catalog, and let it be read first."""
    with running_portal(folder) as running:
        # Relations come last, and are seen from both ends.
        service, database = "/catalog/default/component/booking-service", "/catalog/default/resource/booking-db"
        running.wait_for(service, database)
        running.wait_for(database, service)
        yield running


def manage(arguments: list[str], environment: Mapping[str, str], *, status: int = 0) -> str:
    """Run a management command and return what it printed; another ``status`` at its end shows the command's words."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/.backstage/health/v1/readiness", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False
