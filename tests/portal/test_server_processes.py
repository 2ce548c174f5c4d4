"""The processes of a server: the one that was started, and those that it starts itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys.portal import ROOT, environment_for
from tests.server import free_port, listens
from tests.waiting import PATIENCE, wait_until


def run(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start the first process of a server, in a group of its own."""
    with log.open("wb") as output:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output, process_group=0)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def granian(port: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    return [*command, "--workers-kill-timeout", "50", "portal.wsgi:application"]


def runserver(port: int) -> list[str]:
    return [sys.executable, "manage.py", "runserver", str(port)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("command", [granian, runserver])
def test_a_server_that_is_gone_leaves_no_process_behind(
    command: Callable[[int], list[str]], number: signal.Signals, tmp_path: Path
) -> None:
    port, environment = free_port(), environment_for(tmp_path, PORTAL_EMBEDDED_WORKER="0")
    process = run(command(port), environment, tmp_path / "log")
    try:
        wait_until(lambda: listens(port))
        process.send_signal(number)
        process.wait(PATIENCE)
        wait_until(lambda: not listens(port))
    finally:
        end(process)


@pytest.fixture
def served_with_workers(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """A server with two processes for background work: its first process, and the ids of these two."""
    workers = tmp_path / "workers"
    environment = environment_for(tmp_path, PORTAL_PLUGINS="tests.workplugin", WORKPLUGIN_FOLDER=str(tmp_path))
    command = [sys.executable, "manage.py", "serve", "--port", str(free_port()), "--workers", "2"]
    process = run(command, environment, tmp_path / "log")
    try:
        wait_until(lambda: workers.exists() and workers.read_text().count("\n") == 2)
        (tmp_path / "may-end").touch()
        yield process, [int(pid) for pid in workers.read_text().split()]
    finally:
        end(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_beside_a_server_stop_in_order_with_it(
    served_with_workers: tuple[subprocess.Popen[bytes], list[int]], number: signal.Signals, tmp_path: Path
) -> None:
    process, workers = served_with_workers
    assert len({process.pid, *workers}) == 3
    process.send_signal(number)
    process.wait(PATIENCE)
    wait_until(lambda: (tmp_path / "log").read_text().count("Worker stopped") == 2)


def test_a_server_ends_with_an_error_when_a_worker_beside_it_is_gone(
    served_with_workers: tuple[subprocess.Popen[bytes], list[int]], tmp_path: Path
) -> None:
    process, (worker, _) = served_with_workers
    os.kill(worker, signal.SIGKILL)
    assert process.wait(PATIENCE) == 1
    log = (tmp_path / "log").read_text()
    assert "ended with status -9" in log
    assert log.count("Worker stopped") == 1


def test_a_server_stops_while_it_is_starting(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    # Settings that take long to read, as from a slow disk.
    slow = f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(600)\n"
    (tmp_path / "slow_settings.py").write_text(slow)
    environment = environment_for(tmp_path, DJANGO_SETTINGS_MODULE="slow_settings", PYTHONPATH=str(tmp_path))
    process = run(granian(free_port()), environment, tmp_path / "log")
    try:
        wait_until(begun.exists)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        end(process)
    assert "Killing" not in (tmp_path / "log").read_text()
