"""Readiness: red until the process has started, while it stops, and whenever a check fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.migrations.recorder import MigrationRecorder

from portal.services import lifecycle
from portal.services.health import CheckedHealth, Readiness
from portal.services.health.databases import DatabasesCheck
from tests.portal.clocks import FakeClock
from tests.waiting import PATIENCE

database = pytest.mark.django_db(databases="__all__")


class Oven:
    """Something that is checked."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.asked = 0

    def __call__(self) -> str | None:
        self.asked += 1
        return self.problem


@pytest.fixture
def oven() -> Oven:
    return Oven()


@pytest.fixture
def health(clock: FakeClock, oven: Oven) -> CheckedHealth:
    """A health service whose only check is the oven's."""
    health = CheckedHealth(monotonic=clock.monotonic, patience=0.05)
    health.unregister("databases")
    health.register("oven", oven)
    return health


@pytest.fixture
def started() -> Iterator[None]:
    lifecycle.start()
    yield
    lifecycle.shutdown()


def test_a_process_is_alive_whatever_its_checks_say(health: CheckedHealth, oven: Oven) -> None:
    oven.problem = "The oven is cold."

    assert health.liveness() == {"status": "ok"}


def test_a_process_that_has_not_started_is_not_ready(health: CheckedHealth) -> None:
    assert health.readiness() == Readiness(False, ("The process hasn't started yet.",))


@pytest.mark.usefixtures("started")
def test_a_started_process_whose_checks_pass_is_ready(health: CheckedHealth) -> None:
    readiness = health.readiness()

    assert (readiness.status_code, readiness.body) == (200, {"status": "ok"})


@pytest.mark.usefixtures("started")
def test_a_stopping_process_is_not_ready(health: CheckedHealth) -> None:
    lifecycle.shutdown()

    readiness = health.readiness()

    assert readiness.status_code == 503
    assert readiness.body == {"message": "The process is stopping.", "status": "error"}


def test_a_process_that_failed_to_start_says_what_failed_and_keeps_the_details(health: CheckedHealth) -> None:
    def fail() -> None:
        raise OSError("password=hunter2")

    lifecycle.for_plugin("catalog").on_startup(fail)
    with pytest.raises(Exception, match="hunter2"):
        lifecycle.start()

    message = health.readiness().body["message"]

    assert "plugin 'catalog'" in message
    assert "hunter2" not in message


@pytest.mark.usefixtures("started")
def test_every_problem_is_named(health: CheckedHealth, oven: Oven) -> None:
    oven.problem = "The oven is cold."
    health.register("flour", lambda: "There is no flour.")

    assert health.readiness().problems == ("The oven is cold.", "There is no flour.")


@pytest.mark.usefixtures("started")
def test_a_check_that_breaks_counts_as_failed(health: CheckedHealth) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret")

    health.register("broken", broken)

    assert health.readiness().problems == ("The check 'broken' failed; the log says why.",)


@pytest.mark.usefixtures("started")
def test_an_answer_is_good_for_two_seconds(health: CheckedHealth, oven: Oven, clock: FakeClock) -> None:
    health.readiness()
    oven.problem = "The oven is cold."
    clock.advance(1.9)
    assert health.readiness().ok
    assert oven.asked == 1

    clock.advance(0.2)

    assert not health.readiness().ok


@pytest.mark.usefixtures("started")
def test_a_removed_check_is_forgotten_at_once(health: CheckedHealth, oven: Oven) -> None:
    oven.problem = "The oven is cold."
    assert not health.readiness().ok

    health.unregister("oven")

    assert health.readiness().ok


@pytest.mark.usefixtures("started")
def test_a_check_that_hangs_holds_one_probe_and_turns_the_others_red(health: CheckedHealth) -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        may_answer.wait(PATIENCE)

    health.register("hanging", hang)
    probe = threading.Thread(target=health.readiness)
    probe.start()
    assert asked.wait(PATIENCE)

    readiness = health.readiness()
    may_answer.set()
    probe.join(PATIENCE)

    assert readiness.problems == ("The check 'hanging' doesn't come to an end.",)
    assert health.readiness().ok


@database
def test_migrated_databases_are_fine_and_cost_one_query_each(django_assert_num_queries: Any) -> None:
    check = DatabasesCheck()
    check()

    with django_assert_num_queries(1, using="catalog"):
        assert check() is None


@database
def test_a_database_that_lacks_a_migration_says_what_to_run() -> None:
    recorder = MigrationRecorder(connections["catalog"])
    recorder.record_unapplied("portal", "0001_initial")

    problem = DatabasesCheck()()

    assert problem == "Database 'catalog' lacks the migrations portal.0001_initial; run 'manage.py migrate'."


@database
def test_a_database_that_was_never_migrated_is_told_from_one_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationRecorder.Migration._meta, "db_table", "no_such_table")
    monkeypatch.setattr(MigrationRecorder, "has_table", lambda self: False)

    problem = DatabasesCheck().problem_of("catalog")

    assert problem is not None
    assert "lacks the migrations" in problem


@database
def test_a_database_that_is_away_is_named_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection to db.internal refused for user 'sa'")

    monkeypatch.setattr(connections["catalog"], "connection", None)
    monkeypatch.setattr(connections["catalog"], "connect", refuse)

    assert DatabasesCheck().problem_of("catalog") == "Database 'catalog' can't be reached."


@database
@pytest.mark.usefixtures("started")
def test_a_new_service_checks_the_databases() -> None:
    MigrationRecorder(connections["catalog"]).record_unapplied("portal", "0001_initial")

    assert "run 'manage.py migrate'" in CheckedHealth().readiness().body["message"]
