"""The portal under measurement: started as in production, with a worker of its own or an embedded one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.databases import Home
from bench.processes import cpu_seconds, trees
from tests.server import Server, free_port, temporary_directory

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
ASK_SECONDS = 120.0
LOG = ROOT / "var" / "bench.log"


class NotMeasured(Exception):
    """Something could not be measured; the message says why, and what to do."""


class Portal:
    """A portal to send requests to. ``roots`` are its processes' ids, as far as they are known."""

    def __init__(self, base: str, *, token: str = "", pids: Sequence[int] = ()) -> None:
        """Remember an address without a slash at its end, a bearer token, and the processes behind it."""
        self.base = base.rstrip("/")
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._pids = list(pids)

    def roots(self) -> list[int]:
        """Return the processes whose trees are the portal."""
        return self._pids

    def pids(self) -> list[int]:
        """Return all of the portal's processes."""
        return trees(self.roots())

    def cpu_seconds(self) -> float:
        """Return the CPU time that the portal has taken since it started."""
        return cpu_seconds(self.pids())

    def ask(self, path: str, *, body: Any = None) -> bytes:
        """GET, or POST a JSON ``body``; return what is answered. Raises ``NotMeasured`` unless that is a success."""
        data = None if body is None else json.dumps(body).encode()
        headers = self.headers | ({"Content-Type": "application/json"} if data else {})
        request = urllib.request.Request(self.base + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=ASK_SECONDS) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            raise NotMeasured(f"{path} answers {error.code}: {error.read()[:300].decode(errors='replace')}") from error
        except OSError as error:
            raise NotMeasured(f"{self.base}{path} doesn't answer: {error}") from error

    def ask_json(self, path: str, *, body: Any = None) -> Any:
        """Return what is answered, read as JSON."""
        return json.loads(self.ask(path, body=body))

    def total(self) -> int:
        """Return how many entities the catalog lists."""
        return int(self.ask_json("/api/catalog/entities/by-query?limit=0")["totalItems"])


class OwnPortal(Portal):
    """A portal that the bench starts and stops.

    ``workers`` is how many processes do background work beside those that answer requests; with none, these do it.
    """

    def __init__(self, home: Home, *, processes: int, threads: int, workers: int) -> None:
        """Choose a port."""
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
        self.home = home
        self._processes, self._threads, self._workers = processes, threads, workers
        self._server: Server | None = None

    def command(self) -> list[str]:
        """Return the command of ``make serve``."""
        serve = [sys.executable, str(ROOT / "manage.py"), "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        serve += ["--processes", str(self._processes), "--threads", str(self._threads)]
        return [*serve, "--workers", str(self._workers)]

    @property
    def command_shown(self) -> str:
        """The command without where this machine keeps Python and the project."""
        return " ".join(["python", *self.command()[1:]]).replace(f"{ROOT}/", "")

    def roots(self) -> list[int]:
        """Return the server's first process."""
        return [self._server.pid] if self._server else []

    def prepare(self) -> float:
        """Start for the first time: tables and static files are made. Stop; return the seconds until an answer."""
        seconds = self.start()
        self.stop()
        return seconds

    def start(self, locations: Sequence[Path] = ()) -> float:
        """Start on these location files; return the seconds until the first request was answered."""
        return self._run(self.command(), locations)

    def start_application(self, application: str, locations: Sequence[Path]) -> None:
        """Start another WSGI application instead of the portal's, one process of it, on these location files."""
        granian = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), application]
        self._run([sys.executable, "-m", *granian], locations)

    def _run(self, command: list[str], locations: Sequence[Path]) -> float:
        began = time.monotonic()
        with portal_environment(self.home, self.base, locations):
            self._server = _start(command, self.port)
        while True:
            with contextlib.suppress(NotMeasured):
                self.ask("/api/catalog/entities/by-query?limit=0")
                return time.monotonic() - began
            if time.monotonic() - began > START_SECONDS:
                raise NotMeasured(f"The portal doesn't answer after {START_SECONDS:.0f} s; {LOG} has its log.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop, and keep the log."""
        if self._server is None:
            return
        log = self._server.directory / "log"
        if log.exists():
            LOG.parent.mkdir(parents=True, exist_ok=True)
            LOG.write_bytes(log.read_bytes())
        self._server.stop()
        self._server = None


def _start(command: list[str], port: int) -> Server:
    """Start a command, and return once its process is known."""
    directory = temporary_directory()
    # An interrupt lets a server stop its own children.
    server = Server("the portal", command, port=port, directory=directory, stop_signal=signal.SIGINT)
    server.wait_until(lambda _: (directory / "pid").exists() and bool((directory / "pid").read_text()))
    return server


@contextlib.contextmanager
def portal_environment(home: Home, base: str, locations: Sequence[Path]) -> Iterator[None]:
    """Set what tells a portal's processes where their data and their configuration are."""
    config = home.folder / "app-config.yaml"
    # JSON is YAML.
    config.write_text(json.dumps(configuration(home, base, locations)), encoding="utf-8")
    before = dict(os.environ)
    os.environ.update(home.environment, PORTAL_CONFIG=str(config), PORTAL_ENV="production", PYTHONPATH=str(ROOT))
    if not home.environment["DATABASE_URL"]:
        del os.environ["DATABASE_URL"]
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def configuration(home: Home, base: str, locations: Sequence[Path]) -> dict[str, Any]:
    """Return the portal's configuration: as the measured Backstage's, open to all and with one round of processing."""
    return {
        "app": {"title": "Bench", "baseUrl": base, "extensions": ["page:catalog-unprocessed-entities"]},
        "backend": {"baseUrl": base, "auth": {"dangerouslyDisableDefaultAuthPolicy": True}, **home.config},
        "catalog": {
            "processingInterval": {"hours": 2},
            "rules": [{"allow": ["Component", "API", "Resource", "System", "Domain", "Location", "Group", "User"]}],
            "locations": [{"type": "file", "target": str(path)} for path in locations],
        },
    }
