"""The worker: what it does for which plugins, inside a server and in a process of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from portal.errors import ConfigError, ConflictError, NotFoundError
from portal.services import health, lifecycle, scheduler, services
from portal.services.health import CheckedHealth
from portal.services.lifecycle import Stage
from portal.services.scheduler import Worker, embedded, rooms
from portal.services.scheduler.loops import Loop
from tests.portal.clocks import FakeClock
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
MINUTE = timedelta(minutes=1)


# Rooms


@pytest.fixture
def workplugin(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the plugin with background work."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.workplugin"]
    monkeypatch.setenv("WORKPLUGIN_FOLDER", str(tmp_path))


@pytest.mark.usefixtures("workplugin")
def test_plugins_with_a_room_for_tasks_are_found() -> None:
    assert "workplugin" in rooms.plugins_with_tasks()
    assert rooms.plugins_with_tasks(["workplugin"]) == ["workplugin"]
    assert rooms.plugins_with_tasks(["app"]) == []


@pytest.mark.usefixtures("workplugin")
def test_a_room_registers_once() -> None:
    assert rooms.register_rooms(["workplugin"]) == {}
    assert rooms.register_rooms(["workplugin"]) == {}

    with pytest.raises(ConflictError, match="'order' already"):
        scheduler.for_plugin("workplugin").schedule(id="order", fn=print, frequency=MINUTE, timeout=MINUTE)


@pytest.mark.usefixtures("workplugin")
def test_a_room_that_fails_is_reported_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.workplugin import tasks as room

    def fail(scheduler: object, tasks: object) -> None:
        raise OSError("no flour")

    with monkeypatch.context() as patch:
        patch.setattr(room, "register", fail)
        assert rooms.register_rooms(["workplugin"]) == {"workplugin": "OSError: no flour"}
        patch.delattr(room, "register")
        assert "has no function register(scheduler, tasks)" in rooms.register_rooms(["workplugin"])["workplugin"]

    assert rooms.register_rooms(["workplugin"]) == {}


# The worker


@pytest.fixture
def local_work(workplugin: None, monkeypatch: pytest.MonkeyPatch) -> SimpleQueue[str]:
    """Work that needs no database, and what it has done."""
    from tests.workplugin import tasks as room

    done: SimpleQueue[str] = SimpleQueue()

    def register(scheduler: Any, tasks: Any) -> None:
        scheduler.schedule(id="knead", fn=lambda: done.put("kneaded"), frequency=MINUTE, timeout=MINUTE, scope="local")

    monkeypatch.setattr(room, "register", register)
    return done


def test_a_worker_works_until_it_is_stopped(local_work: SimpleQueue[str]) -> None:
    worker = Worker(["workplugin"])
    worker.start()
    assert local_work.get(timeout=PATIENCE) == "kneaded"
    scheduler.for_plugin("workplugin").trigger("knead")
    assert local_work.get(timeout=PATIENCE) == "kneaded"

    assert worker.stop(PATIENCE)
    assert scheduler.for_plugin("workplugin").tasks()[0]["workerState"] is None


def test_a_worker_names_what_it_could_not_finish(workplugin: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.workplugin import tasks as room

    begun, may_end = threading.Event(), threading.Event()

    def bake() -> None:
        begun.set()
        may_end.wait(PATIENCE)

    def register(scheduler: Any, tasks: Any) -> None:
        scheduler.schedule(id="bake", fn=bake, frequency=MINUTE, timeout=MINUTE, scope="local")

    monkeypatch.setattr(room, "register", register)
    worker = Worker(["workplugin"])
    worker.start()
    assert begun.wait(PATIENCE)

    assert not worker.stop(grace=0.01)
    may_end.set()


def test_a_worker_that_does_not_get_on_turns_readiness_red(
    local_work: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    services["health"] = CheckedHealth(monotonic=clock.monotonic)
    lifecycle.start()
    health.unregister("databases")
    worker = Worker(["workplugin"])
    worker.start()
    local_work.get(timeout=PATIENCE)
    assert health.readiness().ok

    monkeypatch.setattr(Loop, "problem", lambda loop: f"'{loop.name}' is stuck.")
    assert health.readiness().ok, "an answer is good for a moment"
    health.register("again", lambda: None)

    assert health.readiness().problems == ("'schedule of workplugin' is stuck.",)
    worker.stop(PATIENCE)
    assert health.readiness().ok


def test_a_plugin_whose_work_can_not_be_set_up_turns_readiness_red(
    workplugin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.workplugin import tasks as room

    def fail(scheduler: object, tasks: object) -> None:
        raise OSError("no flour")

    monkeypatch.setattr(room, "register", fail)
    worker = Worker(["workplugin"])
    worker.start()

    assert worker.problem() == "The background work of plugin 'workplugin' can't be set up; the log says why."
    worker.stop(PATIENCE)


def test_a_worker_for_an_unknown_plugin_says_which_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"No plugin 'kubernets' is installed; there are: .*app, catalog"):
        Worker(["kubernets"])
    with pytest.raises(CommandError, match="No plugin 'kubernets'"):
        call_command("worker", plugins="kubernets")


# Inside a server


@pytest.fixture
def server_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[], None]]]:
    """Be a process that serves; what it does at its end is in the list, and done if the test hasn't."""
    at_end: list[Callable[[], None]] = []
    monkeypatch.setattr(embedded, "_started", False)
    monkeypatch.setattr(
        embedded, "Finalize", lambda obj, function, args, exitpriority: at_end.append(lambda: function(*args))
    )
    yield at_end
    for end in at_end:
        end()


@pytest.mark.usefixtures("local_work")
def test_a_server_works_and_stops_working_when_it_ends(
    server_process: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_EMBEDDED_WORKER", "1")
    monkeypatch.setattr(embedded, "Worker", lambda: Worker(["workplugin"]))
    worker = embedded.start_embedded_worker()

    assert worker is not None
    assert embedded.start_embedded_worker() is None, "a process has one"
    stages = [lifecycle.stage]
    server_process[0]()
    stages.append(lifecycle.stage)
    assert stages == [Stage.STARTED, Stage.STOPPED]


@pytest.mark.usefixtures("local_work")
def test_a_server_without_a_worker_lists_tasks_all_the_same(
    server_process: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_EMBEDDED_WORKER", "0")

    assert embedded.start_embedded_worker() is None

    listed = scheduler.for_plugin("workplugin").tasks()
    assert [(task["taskId"], task["workerState"]) for task in listed] == [("knead", None)]


def test_a_server_stays_up_when_it_could_not_start_all(
    server_process: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("no flour")

    monkeypatch.setenv("PORTAL_EMBEDDED_WORKER", "0")
    lifecycle.for_plugin("catalog").on_startup(fail)

    embedded.start_embedded_worker()

    assert health.readiness().status_code == 503


@pytest.mark.parametrize(("value", "wanted"), [("", True), ("1", True), ("true", True), ("0", False), ("no", False)])
def test_the_environment_says_whether_servers_work(value: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_EMBEDDED_WORKER", value)

    assert embedded.embedded_worker_wanted() is wanted


def test_an_environment_that_says_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_EMBEDDED_WORKER", "perhaps")

    with pytest.raises(ConfigError, match="PORTAL_EMBEDDED_WORKER must be a boolean, not 'perhaps'"):
        embedded.embedded_worker_wanted()


# A process of its own


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a portal of its own, on SQLite files, with the plugin installed."""
    config = tmp_path / "app-config.yaml"
    config.write_text("app: {title: Test}\n")
    return {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "CACHE_URL"}},
        "PORTAL_CONFIG": str(config),
        "PORTAL_DATA_DIR": str(tmp_path / "var"),
        "PORTAL_PLUGINS": "tests.workplugin",
        "WORKPLUGIN_FOLDER": str(tmp_path),
        "PYTHONWARNINGS": "default",
    }


def wait_for(notes: Path, line: str, process: subprocess.Popen[str]) -> None:
    def noted() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return notes.exists() and line in notes.read_text()

    wait_until(noted, lambda: f"'{line}' was never noted")


def test_a_worker_process_finishes_what_it_has_begun(environment: dict[str, str], tmp_path: Path) -> None:
    def manage(*arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    subprocess.run(manage("migrate", "--verbosity", "0"), env=environment, cwd=ROOT, check=True)
    process = subprocess.Popen(
        manage("worker", "--plugins", "workplugin"),
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    notes = tmp_path / "notes"
    try:
        wait_for(notes, "baking rye", process)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        (tmp_path / "may-end").touch()
        output, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()

    assert process.returncode == 0, output
    assert sorted(notes.read_text().split("\n")) == ["", "baked rye", "baking rye", "kneaded"]
    assert "Working for workplugin." in output
    assert "Traceback" not in output
    with sqlite3.connect(tmp_path / "var" / "db" / "workplugin.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM portal_queued_task").fetchone() == (0,)
        assert database.execute("SELECT task_id, current_run_ticket FROM portal_scheduled_task").fetchall() == [
            ("order", None)
        ]
    database.close()
