"""What becomes of the runs of scheduled tasks, how they are listed and how they are configured."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import DatabaseError

from portal.errors import InputError
from portal.models import ScheduledTask
from portal.services.scheduler import current_run, read_schedule
from portal.services.scheduler.store import TicketStore
from tests.portal.clocks import START, FakeClock, Held
from tests.portal.scheduler_kit import Process, both_scopes, database, seconds_after_start


@pytest.fixture
def process(clock: FakeClock) -> Process:
    return Process(clock)


# What becomes of it


@database
@both_scopes
def test_a_failure_is_recorded_and_the_schedule_goes_on(process: Process, scope: str) -> None:
    outcomes = iter([ValueError("no flour"), None])

    def bake() -> None:
        process.note()
        error = next(outcomes)
        if error:
            raise error

    process.add(scope=scope, fn=bake)
    process.start().tick()
    assert orjson.loads(process.state()["lastRunError"]) == {"name": "ValueError", "message": "no flour"}
    process.pass_time(61)

    assert len(process.runs) == 2
    assert "lastRunError" not in process.state()


@database
def test_a_shutdown_lets_an_interrupted_task_start_again_at_once(clock: FakeClock) -> None:
    stopping, other, held = Process(clock), Process(clock), Held()

    def work() -> None:
        run = current_run()
        assert run is not None
        run.raise_if_stopped()

    for process, function in ((stopping, work), (other, other.note)):
        process.add(fn=function, frequency={"hours": 1})
        process.start()
    stopping.tick(held)
    stopping.schedule.stop()
    held.finish()
    other.tick()

    assert len(other.runs) == 1
    assert "lastRunError" not in other.state()


@database
def test_a_stopped_schedule_begins_nothing(process: Process) -> None:
    process.add()
    process.start()
    process.schedule.stop()
    process.pass_time(120)

    assert process.runs == []
    assert process.schedule.tasks()[0]["workerState"] is None


@database
def test_new_settings_bring_the_next_start_forward_and_never_put_it_off(clock: FakeClock) -> None:
    def planned(frequency: Any) -> datetime | None:
        restarted = Process(clock)
        restarted.add(frequency=frequency)
        restarted.start().tick()
        return ScheduledTask.objects.using("catalog").get(task_id="job").next_run_start_at

    assert planned({"hours": 2}) == START + timedelta(hours=2)
    assert planned({"hours": 1}) == START + timedelta(hours=1)
    assert planned({"hours": 5}) == START + timedelta(hours=1)
    assert planned("manual") is None
    assert planned({"minutes": 10}) == START + timedelta(minutes=10)


@database
def test_a_task_that_is_deleted_from_the_database_is_stored_again(process: Process) -> None:
    process.add()
    process.start().tick()
    ScheduledTask.objects.using("catalog").all().delete()

    process.pass_time(15)

    assert len(process.runs) == 2


@database
def test_a_ticket_that_can_not_be_given_back_runs_out(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("gone")

    process.add()
    process.start()
    with monkeypatch.context() as patch:
        patch.setattr(TicketStore, "release", broken)
        process.tick()
    process.pass_time(59)
    assert len(process.runs) == 1
    process.pass_time(10)

    assert 60 < seconds_after_start(process.runs)[1] <= 66


@database
def test_tasks_are_listed_as_backstage_lists_them(process: Process) -> None:
    process.add(id="catalog_orphan_cleanup", frequency={"seconds": 30}, timeout={"seconds": 24})
    before = process.schedule.tasks()
    process.start().tick()

    assert before[0]["taskState"] is None
    assert before[0]["workerState"] is None
    assert process.schedule.tasks() == [
        {
            "taskId": "catalog_orphan_cleanup",
            "pluginId": "catalog",
            "scope": "global",
            "settings": {"version": 2, "cadence": "PT30S", "timeoutAfterDuration": "PT24S"},
            "taskState": {
                "status": "idle",
                "startsAt": "2026-03-02T12:00:30.000+00:00",
                "lastRunEndedAt": "2026-03-02T12:00:00.000+00:00",
            },
            "workerState": {"status": "idle"},
        }
    ]


@database
@both_scopes
def test_a_running_task_is_listed_with_its_time_limit(process: Process, scope: str) -> None:
    process.add(scope=scope, initial_delay={"seconds": 3}, timeout={"minutes": 2})
    process.start()
    process.tick()
    process.clock.advance(3)
    process.tick(Held())
    listed = process.schedule.tasks()[0]

    assert listed["settings"]["initialDelayDuration"] == "PT3S"
    assert listed["workerState"] == {"status": "running"}
    assert listed["taskState"] == {
        "status": "running",
        "startedAt": "2026-03-02T12:00:03.000+00:00",
        "timesOutAt": "2026-03-02T12:02:03.000+00:00",
    }


def test_a_plugins_inner_machinery_is_not_listed_but_runs(process: Process) -> None:
    process.add(scope="local", listed=False)
    process.start().tick()

    assert process.schedule.tasks() == []
    assert len(process.runs) == 1


# Configuration


def test_a_schedule_is_read_from_configuration(process: Process) -> None:
    value = {"frequency": {"cron": "0 3 * * *"}, "timeout": "PT3M", "initialDelay": {"seconds": 15}, "scope": "local"}

    process.add(**read_schedule(value, where="catalog.providers.github.schedule"))

    listed = process.schedule.tasks()[0]
    assert listed["scope"] == "local"
    assert listed["settings"] == {
        "version": 2,
        "cadence": "0 3 * * *",
        "initialDelayDuration": "PT15S",
        "timeoutAfterDuration": "PT3M",
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("daily", "must be an object"),
        ({"frequency": "1h"}, "lacks 'timeout'"),
        ({"frequency": "1h", "timeout": "1m", "delay": 1}, "unknown key 'delay'"),
        ({"frequency": "1h", "timeout": "1m", "scope": "galactic"}, "'global' or 'local'"),
        ({"frequency": "1h", "timeout": {"seconds": -1}}, "The timeout must not be a negative"),
    ],
)
def test_a_bad_schedule_is_refused_with_its_key(value: Any, words: str) -> None:
    with pytest.raises(InputError, match=r"catalog\.providers\.x\.schedule") as caught:
        read_schedule(value, where="catalog.providers.x.schedule")

    assert words in caught.value.message
