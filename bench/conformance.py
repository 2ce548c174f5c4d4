"""Start the portal on fresh databases and ask it what a Backstage was asked.

``python -m bench.conformance`` starts the kit's echo server and the portal with the kit's configuration,
waits until the catalog is settled, and runs the kit's ``replay.py``, whose table and status it passes on.
Nothing that it starts outlives it. ``make conformance`` calls it; ``--help`` lists the options.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.server import Server, Unavailable, free_port
from tests.services import postgres

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "var" / "conformance.log"
ECHO_PORT = 7099
QUIET_SECONDS = 5.0
SETTLE_SECONDS = 120.0
ASK_SECONDS = 10.0


class NotRun(Exception):
    """The comparison could not be made; the message says what is missing."""


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison. Returns 0 when all answers conform, 1 when some differ, 2 when it could not run."""
    parser = argparse.ArgumentParser(description="Compare the portal's answers with those of a Backstage.")
    parser.add_argument("--kit", type=Path, required=True, help="folder that holds replay.py, echo.py and data/")
    parser.add_argument("--section", help="sections to ask for, separated by commas; all by default")
    parser.add_argument("--only", help="numbers of the rows to ask for, separated by commas")
    parser.add_argument("--verbose", action="store_true", help="show the rows that differ")
    parser.add_argument("--report", type=Path, help="write the verdict of each row to this JSON file")
    parser.add_argument("--log", type=Path, default=LOG, help="where the portal's log goes")
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgresql"),
        default=os.environ.get("CONFORMANCE_DATABASE", "sqlite"),
        help="what keeps the plugins' data (also: CONFORMANCE_DATABASE)",
    )
    options = parser.parse_args(arguments)
    try:
        return compare(options)
    except (NotRun, Unavailable) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2


def compare(options: argparse.Namespace) -> int:
    """Start both servers, replay, stop them. Returns the exit status: 0 if all that was asked for conforms."""
    kit = options.kit.resolve()
    for name in ("replay.py", "echo.py", "app-config.yaml", "data"):
        if not (kit / name).exists():
            raise NotRun(f"no {name} in {kit}; CONFORMANCE_KIT names the folder of the kit")
    with contextlib.ExitStack() as stack:
        stack.enter_context(echo_server(kit))
        settings = stack.enter_context(fresh_databases(options.database))
        base = stack.enter_context(portal(kit, settings, options.log))
        wait_until_settled(base)
        report = options.report or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "report.json"
        command = [sys.executable, str(kit / "replay.py"), "--base", base, "--data", str(kit / "data")]
        for name, value in {"section": options.section, "only": options.only, "report": report}.items():
            if value:
                command += [f"--{name}", str(value)]
        status = subprocess.run(command + ["--verbose"] * options.verbose, check=False).returncode
        if status > 1 or not options.section:
            return status
        return verdict(report, set(options.section.split(",")))


def verdict(report: Path, sections: set[str]) -> int:
    """Return 0 if every row of these sections conforms. The replay itself always asks for ``auth`` as well."""
    rows = json.loads(report.read_text(encoding="utf-8"))
    return int(any(row["differs"] for row in rows if row["section"] in sections))


@contextlib.contextmanager
def echo_server(kit: Path) -> Iterator[None]:
    """Run the kit's echo server, whose port the kit's configuration names; one that runs already will do."""
    if _listens(ECHO_PORT):
        if ask(f"http://127.0.0.1:{ECHO_PORT}/static/all.yaml") != (200, (kit / "data" / "all.yaml").read_bytes()):
            raise NotRun(f"something else than this kit's echo server listens on port {ECHO_PORT}")
        yield
        return
    command = [sys.executable, str(kit / "echo.py"), str(ECHO_PORT)]
    with running("echo.py", command, ECHO_PORT):
        yield


@contextlib.contextmanager
def fresh_databases(kind: str) -> Iterator[dict[str, str]]:
    """Give the environment that names empty databases; they are removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="greenroom-conformance-") as folder:
        environment = {"PORTAL_DATA_DIR": folder}
        if kind == "sqlite":
            os.environ.pop("DATABASE_URL", None)
            yield environment
            return
        prefix = f"conformance_{secrets.token_hex(4)}_"
        overlay = Path(folder) / "databases.yaml"
        overlay.write_text(f"backend:\n  database:\n    prefix: {prefix}\n", encoding="utf-8")
        url = postgres()
        try:
            yield environment | {"DATABASE_URL": url, "PORTAL_CONFIG": str(overlay)}
        finally:
            drop_databases(url, prefix)


def drop_databases(url: str, prefix: str) -> None:
    """Remove the PostgreSQL databases whose names begin with ``prefix``."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall()
        for (name,) in found:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def portal(kit: Path, environment: dict[str, str], log: Path) -> Iterator[str]:
    """Run the portal as in production, with the kit's configuration; give its address."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    configs = [str(kit / "app-config.yaml"), environment.get("PORTAL_CONFIG", "")]
    os.environ.update(environment)
    os.environ.update(
        PORTAL_CONFIG=":".join(filter(None, configs)),
        CONFORMANCE_DATA=str(kit / "data"),
        BASE_URL=base,
        PYTHONPATH=str(ROOT),
        HOST="127.0.0.1",
        PORT=str(port),
    )
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    migrated = subprocess.run(migrate, cwd=ROOT, capture_output=True, text=True, check=False)
    if migrated.returncode:
        raise NotRun(f"the databases could not be made:\n{migrated.stderr.strip()}")
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--blocking-threads", "4", "portal.wsgi:application"]
    with running("the portal", command, port, log):
        yield base


@contextlib.contextmanager
def running(name: str, command: list[str], port: int, log: Path | None = None) -> Iterator[None]:
    """Run a server until the block ends; its output is kept in ``log``."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-conformance-"))
    # An interrupt lets a server stop its own children.
    server = Server(name, command, port=port, directory=folder, stop_signal=signal.SIGINT)
    try:
        server.wait_until(_listens)
        yield
    finally:
        if log is not None and (folder / "log").exists():
            log.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / "log", log)
        server.stop()


def wait_until_settled(base: str) -> None:
    """Return once the portal is ready and the catalog has held still for ``QUIET_SECONDS``."""
    deadline = time.monotonic() + SETTLE_SECONDS
    last: tuple[int, bytes] | None = None
    since = time.monotonic()
    ready = 0
    while time.monotonic() < deadline:
        ready, _ = ask(f"{base}/.backstage/health/v1/readiness")
        total = ask(f"{base}/api/catalog/entities/by-query?limit=0")
        entities = ask(f"{base}/api/catalog/entities")
        now = (entities[0], total[1] + entities[1])
        if now != last:
            last, since = now, time.monotonic()
        filled = total[0] == 200 and b'"totalItems":0' not in total[1]
        if ready == 200 and filled and time.monotonic() - since >= QUIET_SECONDS:
            return
        time.sleep(0.5)
    seen = "it answers nothing" if last is None else f"/api/catalog/entities answers {last[0]}"
    raise NotRun(f"the catalog was not settled within {SETTLE_SECONDS:.0f} s: readiness answers {ready}, {seen}")


def ask(url: str) -> tuple[int, bytes]:
    """Return status and body of a GET; status 0 when nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=ASK_SECONDS) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 0, str(error).encode()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
