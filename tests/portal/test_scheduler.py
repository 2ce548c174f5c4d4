"""The scheduler: when tasks run, who runs them, and what becomes of those that fail or die."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import ConflictError, InputError, NotFoundError
from portal.models import ScheduledTask
from portal.services.scheduler import DatabaseScheduler, Run, current_run, read_schedule
from portal.services.scheduler.cadence import parse_frequency
from portal.services.scheduler.plugin import PluginSchedule
from portal.services.scheduler.store import TicketStore
from tests.portal.clocks import START, FakeClock, Held, at_once

MINUTE = timedelta(minutes=1)
both_scopes = pytest.mark.parametrize("scope", ["local", "global"])
database = pytest.mark.django_db(databases=["default", "catalog"])


class Process:
    """A process with a worker, its clock shared with others."""

    def __init__(self, clock: FakeClock, plugin_id: str = "catalog") -> None:
        self.clock = clock
        self.schedule: PluginSchedule = DatabaseScheduler(clock=clock).for_plugin(plugin_id)
        self.runs: list[datetime] = []
        self.woken = 0

    def add(self, **arguments: Any) -> None:
        self.schedule.schedule(**{"id": "job", "fn": self.note, "frequency": MINUTE, "timeout": MINUTE, **arguments})

    def note(self) -> None:
        self.runs.append(self.clock.now())

    def start(self) -> Process:
        def wake() -> None:
            self.woken += 1

        self.schedule.start(wake)
        return self

    def tick(self, spawn: Callable[[Callable[[], None], str], None] = at_once) -> float:
        return self.schedule.tick(spawn)

    def pass_time(self, seconds: float) -> None:
        """Tick as the worker's loop does, for so many seconds."""
        end = self.clock.monotonic() + seconds
        while (wait := max(self.tick(), 0.001)) and self.clock.monotonic() + wait <= end:
            self.clock.advance(wait)
        self.clock.advance(max(0.0, end - self.clock.monotonic()))

    def state(self, task: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.schedule.tasks()[task]["taskState"]
        return found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def process(clock: FakeClock) -> Process:
    return Process(clock)


def seconds_after_start(moments: list[datetime]) -> list[float]:
    return [round((moment - START).total_seconds(), 1) for moment in moments]


# When


@given(every=st.integers(1, 10_000), late=st.integers(0, 100_000))
def test_an_interval_counts_from_the_planned_start_and_never_plans_for_the_past(every: int, late: int) -> None:
    cadence = parse_frequency(timedelta(seconds=every))
    now = START + timedelta(seconds=late)

    following = cadence.following(START, now)

    assert following == max(START + timedelta(seconds=every), now)


@pytest.mark.parametrize(
    ("frequency", "text"),
    [
        (timedelta(seconds=30), "PT30S"),
        ({"minutes": 90}, "PT1H30M"),
        ("PT30S", "PT30S"),
        ("5m", "PT5M"),
        ({"cron": "0 3 * * *"}, "0 3 * * *"),
        ("*/10 * * * * *", "*/10 * * * * *"),
        ("@hourly", "@hourly"),
        ("manual", "manual"),
        ({"trigger": "manual"}, "manual"),
    ],
)
def test_a_frequency_has_many_forms_and_one_text(frequency: Any, text: str) -> None:
    assert parse_frequency(frequency).text == text


@pytest.mark.parametrize(
    ("frequency", "words"),
    [
        ({"cron": "61 * * * *"}, "'61 * * * *' isn't valid"),
        ({"cron": "* * *"}, "has 3 fields"),
        ({"cron": "0 0 1 1 * * 2030"}, "has 7 fields"),
        ({"fortnights": 1}, "fortnights"),
        (timedelta(0), "longer than nothing"),
        ("soon", "must be a duration"),
        (17, "neither a duration"),
    ],
)
def test_a_bad_frequency_is_refused_with_the_rule(frequency: Any, words: str) -> None:
    with pytest.raises(InputError, match="Scheduled task 'job': ") as caught:
        Process(FakeClock()).add(frequency=frequency)

    assert words in caught.value.message


def test_cron_is_read_in_the_time_zone_of_the_portal(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"

    start = parse_frequency("0 3 * * *").after_start(datetime(2026, 7, 1, 12, tzinfo=UTC))

    assert start == datetime(2026, 7, 2, 1, tzinfo=UTC)


@database
@both_scopes
def test_an_interval_task_runs_at_once_and_then_from_start_to_start(process: Process, scope: str) -> None:
    process.add(scope=scope, frequency=timedelta(seconds=20))
    process.start().pass_time(61)

    assert seconds_after_start(process.runs) == [0, 20, 40, 60]


@database
def test_a_global_run_longer_than_its_interval_is_followed_by_the_next_at_once(process: Process) -> None:
    def slow() -> None:
        process.note()
        process.clock.advance(30)

    process.add(fn=slow, frequency=timedelta(seconds=20))
    process.start()
    for _ in range(3):
        process.tick()

    assert seconds_after_start(process.runs) == [0, 30, 60]


@database
@both_scopes
def test_the_initial_delay_is_waited_once(process: Process, scope: str) -> None:
    process.add(scope=scope, frequency=timedelta(seconds=20), initial_delay={"seconds": 7})
    process.start().tick()
    waiting = process.schedule.tasks()[0]
    process.pass_time(30)

    assert waiting["workerState"] == {"status": "initial-wait"}
    assert seconds_after_start(process.runs) == [7, 27]
    assert process.schedule.tasks()[0]["workerState"] == {"status": "idle"}


@database
def test_the_first_run_by_cron_has_a_head_start_of_a_second_and_is_not_repeated(process: Process) -> None:
    process.add(frequency="0 13 * * *")
    process.start().pass_time(2 * 3600)

    assert seconds_after_start(process.runs) == [3599]


@database
@both_scopes
def test_a_manual_task_runs_when_it_is_triggered_and_only_then(process: Process, scope: str) -> None:
    process.add(scope=scope, frequency="manual")
    process.start().pass_time(3600)
    assert process.runs == []

    process.schedule.trigger("job")
    process.pass_time(3600)

    assert seconds_after_start(process.runs) == [3600]


@database
@both_scopes
def test_a_triggered_task_does_not_wait_for_its_initial_delay(process: Process, scope: str) -> None:
    process.add(scope=scope, initial_delay={"hours": 1})
    process.start().tick()

    process.schedule.trigger("job")
    process.tick()

    assert process.woken == 2  # triggered, ended
    assert len(process.runs) == 1


def test_a_clock_set_back_does_not_stall_a_local_interval(process: Process) -> None:
    process.add(scope="local", frequency=timedelta(seconds=10))
    process.start().tick()

    process.clock.set_back(3600)
    process.pass_time(21)

    assert len(process.runs) == 3


def test_a_local_task_that_keeps_failing_rests_longer_and_longer(process: Process) -> None:
    healthy = False

    def work() -> None:
        process.note()
        if not healthy:
            raise RuntimeError("broken")

    process.add(scope="local", frequency=timedelta(seconds=1), fn=work)
    process.start().pass_time(100)
    assert seconds_after_start(process.runs) == [0, 1, 3, 7, 15, 31, 61, 91]

    healthy = True
    process.runs.clear()
    process.pass_time(25)
    assert seconds_after_start(process.runs)[:4] == [121, 122, 123, 124]


def test_local_tasks_need_no_database(process: Process) -> None:
    """The missing mark ``django_db`` is the test: any query would fail."""
    process.add(scope="local", frequency=timedelta(seconds=1))
    process.start().pass_time(10)
    process.schedule.tasks()

    assert len(process.runs) == 11


@database
def test_waiting_costs_one_query_in_five_seconds(process: Process, django_assert_num_queries: Any) -> None:
    process.add(id="slow", frequency=timedelta(hours=1))
    process.add(id="fast", scope="local", frequency=timedelta(seconds=1))
    process.start().pass_time(1)

    with django_assert_num_queries(12, using="catalog"):
        process.pass_time(60)

    assert len(process.runs) > 60


# Who


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
