"""Which process runs a scheduled task, and who may say so."""

from __future__ import annotations

import orjson
import pytest

from portal.errors import ConflictError, NotFoundError
from portal.models import ScheduledTask
from portal.services.scheduler import Run, current_run
from tests.portal.clocks import FakeClock, Held
from tests.portal.scheduler_kit import Process, both_scopes, database, seconds_after_start


@pytest.fixture
def process(clock: FakeClock) -> Process:
    return Process(clock)


@database
def test_only_one_process_runs_a_global_task(clock: FakeClock) -> None:
    one, other, held = Process(clock), Process(clock), Held()
    for process in (one, other):
        process.add()
        process.start()
    one.tick(held)

    other.pass_time(30)
    assert other.runs == []
    held.finish()

    assert len(one.runs) == 1
    other.pass_time(31)
    assert seconds_after_start(other.runs) == [60]


@database
def test_a_crashed_workers_task_is_taken_over_when_its_lease_has_run_out(clock: FakeClock) -> None:
    crashed, other = Process(clock), Process(clock)
    for process in (crashed, other):
        process.add(timeout={"hours": 1})
        process.start()
    crashed.tick(Held())

    other.pass_time(59)
    assert other.runs == []
    other.pass_time(10)

    assert 60 < seconds_after_start(other.runs)[0] <= 66


@database
def test_the_lease_of_a_long_run_is_renewed(clock: FakeClock) -> None:
    busy, other, held = Process(clock), Process(clock), Held()
    for process in (busy, other):
        process.add(timeout={"hours": 1})
        process.start()
    busy.tick(held)

    for _ in range(120):
        clock.advance(5)
        busy.tick()
        other.tick()

    assert other.runs == []


@database
@both_scopes
def test_a_run_longer_than_its_timeout_is_told_to_stop(process: Process, scope: str) -> None:
    held, told = Held(), []

    def work() -> None:
        run = current_run()
        assert run is not None
        told.append(run.stopped)
        run.raise_if_stopped()

    process.add(scope=scope, fn=work, timeout={"seconds": 30})
    process.start().tick(held)
    process.clock.advance(31)
    process.tick(held)
    held.finish()

    assert told == [True]
    assert "longer than its timeout" in orjson.loads(process.state()["lastRunError"])["message"]


@database
def test_another_process_takes_over_from_a_run_that_is_overdue(clock: FakeClock) -> None:
    stuck, other = Process(clock), Process(clock)
    for process in (stuck, other):
        process.add(timeout={"seconds": 30})
        process.start()
    held = Held()
    stuck.tick(held)

    for _ in range(8):
        clock.advance(5)
        stuck.tick(held)
        other.tick()

    assert len(other.runs) == 1
    assert stuck.runs == []
    assert len(held.functions) == 1, "the stuck process must not begin a second run beside the first"


@database
def test_outside_of_a_run_there_is_none() -> None:
    assert current_run() is None


@database
def test_a_task_can_be_triggered_from_a_process_that_does_not_know_it(clock: FakeClock) -> None:
    worker, web = Process(clock), Process(clock)
    worker.add(frequency={"hours": 1})
    worker.start().pass_time(1)

    web.schedule.trigger("job")
    worker.pass_time(5)

    assert len(worker.runs) == 2


@database
@both_scopes
def test_a_running_task_can_not_be_triggered(process: Process, scope: str) -> None:
    process.add(scope=scope)
    process.start().tick(Held())

    with pytest.raises(ConflictError, match="'job' is running already"):
        process.schedule.trigger("job")


@database
def test_an_unknown_task_can_not_be_triggered_or_cancelled(process: Process) -> None:
    with pytest.raises(NotFoundError, match="Plugin 'catalog' has no scheduled task 'nothing'"):
        process.schedule.trigger("nothing")
    with pytest.raises(NotFoundError, match="'nothing'"):
        process.schedule.cancel("nothing")


def test_a_local_task_can_not_be_triggered_where_no_worker_is(process: Process) -> None:
    process.add(scope="local")

    with pytest.raises(ConflictError, match="this process has none"):
        process.schedule.trigger("job")


@database
def test_a_task_that_no_worker_has_stored_yet_can_be_triggered(process: Process) -> None:
    process.add(frequency="manual")

    process.schedule.trigger("job")

    process.start().tick()
    assert len(process.runs) == 1


@database
def test_a_cancelled_run_stops_and_waits_for_its_next_start(clock: FakeClock) -> None:
    worker, web, held = Process(clock), Process(clock), Held()
    seen: list[Run | None] = []
    worker.add(fn=lambda: seen.append(current_run()))
    worker.start().tick(held)

    web.schedule.cancel("job")
    clock.advance(5)
    worker.tick(held)
    held.finish()

    assert [run.stopped for run in seen if run] == [True]
    assert "cancelled" in worker.state()["lastRunError"]
    assert worker.state()["startsAt"] == "2026-03-02T12:01:00.000+00:00"
    with pytest.raises(ConflictError, match="isn't running"):
        web.schedule.cancel("job")


@database
def test_two_plugins_may_have_tasks_of_one_id_in_one_database(clock: FakeClock) -> None:
    """``auth`` has no database of its own in this test, so it shares that of the core."""
    one, other = Process(clock, "app"), Process(clock, "no-such-plugin")
    for process in (one, other):
        process.add()
        process.start().tick()

    assert ScheduledTask.objects.using("default").count() == 2
    assert len(one.runs) == len(other.runs) == 1


def test_an_id_is_given_once(process: Process) -> None:
    process.add()

    with pytest.raises(ConflictError, match="has a scheduled task 'job' already"):
        process.add(scope="local")
