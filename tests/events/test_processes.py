"""Processes that share the bus: workers on one database, and a deployment that reaches it over the network."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests import server
from tests.journeys.portal import ROOT, environment_for, manage
from tests.newsplugin.tasks import COUNT
from tests.waiting import PATIENCE, wait_until

NUMBERS = [str(number) for number in range(COUNT)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that names databases of this test's own."""
    if request.param == "sqlite":
        yield {}
        return
    url, prefix = request.getfixturevalue("postgres_url"), f"events_{uuid4().hex[:8]}_"
    config = tmp_path / "databases.yaml"
    config.write_text(f"backend: {{database: {{prefix: {prefix}}}}}\n")
    yield {"DATABASE_URL": url, "PORTAL_CONFIG": str(config)}
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        for (name,) in names.fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a portal with the plugin that spreads news."""
    return environment_for(
        tmp_path,
        PORTAL_PLUGINS="tests.newsplugin",
        NEWSPLUGIN_FOLDER=str(tmp_path),
        SECRET_KEY="shared by all processes of a deployment, as it has to be",
        LOG_LEVEL="info",
    )


class Notes:
    """What the processes have noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, subscription: str) -> list[str]:
        """Return what was heard under a subscription, but for greetings; in each process in order."""
        return [text for name, text in self._lines() if name == subscription and text != "hello"]

    def greeted(self) -> set[str]:
        """Return the subscriptions that have heard anything."""
        return {name for name, _ in self._lines()}

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait, and fail with what there is."""
        wait_until(condition, lambda: Counter(name for name, _ in self._lines()))

    def _lines(self) -> list[tuple[str, str]]:
        files = sorted(self.folder.glob("*.notes"))
        lines = [line for file in files for line in file.read_text().splitlines()]
        return [(name, text) for name, _, text in (line.partition(" ") for line in lines)]


@contextmanager
def worker(name: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Run a worker for the plugin; it must end in order."""
    command = [sys.executable, str(ROOT / "manage.py"), "worker", "--plugins", "newsplugin"]
    own = {**environment, "NEWSPLUGIN_NAME": name}
    log = Path(environment["NEWSPLUGIN_FOLDER"]) / f"{name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, env=own, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0, log.read_text()
        finally:
            process.kill()
            process.wait()
    assert "Traceback" not in log.read_text(), log.read_text()


def test_each_event_is_for_one_process_of_a_subscription_and_for_every_subscription(
    environment: dict[str, str], database: dict[str, str], tmp_path: Path
) -> None:
    environment |= database
    notes = Notes(tmp_path)
    manage(["migrate", "--verbosity", "0"], environment)
    with worker("one", environment), worker("two", environment), worker("publisher", environment):
        notes.wait_until(lambda: notes.greeted() == {"one", "two", "shared"})
        (tmp_path / "go").touch()
        notes.wait_until(lambda: all(set(NUMBERS) <= set(notes.of(name)) for name in ("one", "two", "shared")))

    assert notes.of("one") == notes.of("two") == NUMBERS
    assert sorted(notes.of("shared"), key=int) == NUMBERS, "once, whichever process it was"


def test_a_deployment_without_the_plugin_uses_the_bus_of_another(environment: dict[str, str], tmp_path: Path) -> None:
    notes = Notes(tmp_path)

    def command(port: int, _: Path) -> list[str]:
        settings = {**environment, "NEWSPLUGIN_NAME": "server"}
        surroundings = ["--ignore-environment", f"--chdir={ROOT}", *(f"{k}={v}" for k, v in settings.items())]
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
        return ["env", *surroundings, *granian, "--blocking-threads", "8", "portal.wsgi:application"]

    manage(["migrate", "--verbosity", "0"], environment)
    portal = server.start("The portal", command, server.listens)
    config = tmp_path / "remote.yaml"
    target = f"http://127.0.0.1:{portal.port}/api/events"
    config.write_text(f"discovery: {{endpoints: [{{target: '{target}', plugins: [events]}}]}}\n")
    remote = {
        **environment,
        "PORTAL_DATA_DIR": str(tmp_path / "remote"),
        "PORTAL_CONFIG": str(config),
        "DJANGO_SETTINGS_MODULE": "tests.newsplugin.without_events",
    }
    try:
        with worker("remote", remote), worker("publisher", remote):
            notes.wait_until(lambda: notes.greeted() == {"server", "remote", "shared"})
            (tmp_path / "go").touch()
            expected = ("server", "remote", "shared")
            notes.wait_until(lambda: all(set(NUMBERS) <= set(notes.of(name)) for name in expected))
    finally:
        portal.stop()

    assert notes.of("server") == notes.of("remote") == NUMBERS
    assert sorted(notes.of("shared"), key=int) == NUMBERS
