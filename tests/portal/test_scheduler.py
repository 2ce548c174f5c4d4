"""When scheduled tasks run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import InputError
from portal.services.scheduler.cadence import parse_frequency
from tests.portal.clocks import START, FakeClock
from tests.portal.scheduler_kit import Process, both_scopes, database, seconds_after_start


@pytest.fixture
def process(clock: FakeClock) -> Process:
    return Process(clock)


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
