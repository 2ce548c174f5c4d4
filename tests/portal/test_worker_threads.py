"""The threads of a worker: loops that survive, and threads that are used again."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from portal.services.scheduler import threads
from portal.services.scheduler.loops import Loop
from portal.services.scheduler.threads import ThreadPool
from tests.portal.clocks import FakeClock
from tests.waiting import PATIENCE

# Loops


class Steps:
    """The steps of a loop, which fail as often as they are told."""

    def __init__(self, *, failures: int = 0) -> None:
        self.failures = failures
        self.taken: SimpleQueue[str] = SimpleQueue()

    def __call__(self) -> float:
        self.taken.put(threading.current_thread().name)
        if self.failures:
            self.failures -= 1
            raise OSError("no database")
        return 3600.0


def test_a_loop_waits_as_long_as_its_step_says() -> None:
    assert Loop("baking", lambda: 7.5).take_step() == 7.5


def test_a_failing_step_is_taken_again_later_and_later() -> None:
    loop = Loop("baking", Steps(failures=8))

    assert [loop.take_step() for _ in range(9)] == [1, 2, 4, 8, 16, 30, 30, 30, 3600]


def test_one_failure_is_no_problem_and_three_are() -> None:
    loop = Loop("baking", Steps(failures=3))
    problems = []
    for _ in range(4):
        loop.take_step()
        problems.append(loop.problem())

    assert problems == [None, None, "Background work 'baking' keeps failing; the log says why.", None]


def test_a_step_that_takes_a_minute_is_stuck(clock: FakeClock) -> None:
    problems: list[str | None] = []

    def slow() -> float:
        clock.advance(60)
        problems.append(loop.problem())
        clock.advance(1)
        problems.append(loop.problem())
        return 0

    loop = Loop("baking", slow, clock=clock)
    loop.take_step()

    assert problems == [None, "Background work 'baking' is stuck."]
    assert loop.problem() is None


def test_a_loop_that_is_woken_looks_at_once() -> None:
    steps = Steps()
    loop = Loop("baking", steps)
    loop.start()
    first = steps.taken.get(timeout=PATIENCE)
    loop.wake()
    second = steps.taken.get(timeout=PATIENCE)

    assert first == second == "baking"
    assert loop.stop(PATIENCE)


# Threads


def test_a_thread_is_used_again() -> None:
    pool = ThreadPool("test")
    seen: list[int] = []
    for _ in range(3):
        pool.spawn(lambda: seen.append(threading.get_ident()), "job")
        assert pool.wait_until_idle(PATIENCE)
    pool.close()

    assert len(set(seen)) == 1


def test_work_that_waits_for_other_work_finds_a_thread() -> None:
    pool, met = ThreadPool("test"), threading.Barrier(12, timeout=PATIENCE)
    for number in range(12):
        pool.spawn(met.wait, f"job {number}")  # type: ignore[arg-type]

    assert pool.wait_until_idle(PATIENCE)
    pool.close()


def test_what_runs_is_known_by_name() -> None:
    pool, may_end, named = ThreadPool("test"), threading.Event(), SimpleQueue[str]()

    def work() -> None:
        named.put(threading.current_thread().name)
        may_end.wait(PATIENCE)

    pool.spawn(work, "catalog:refresh")

    assert named.get(timeout=PATIENCE) == "catalog:refresh"
    assert pool.busy() == ["catalog:refresh"]
    assert not pool.wait_until_idle(0.001)
    may_end.set()
    assert pool.wait_until_idle(PATIENCE)
    pool.close()


def test_work_that_fails_leaves_the_thread_usable() -> None:
    pool, seen = ThreadPool("test"), SimpleQueue[str]()

    def fail() -> None:
        raise OSError("no flour")

    pool.spawn(fail, "failing")
    assert pool.wait_until_idle(PATIENCE)
    pool.spawn(lambda: seen.put("done"), "good")

    assert seen.get(timeout=PATIENCE) == "done"
    pool.close()


def test_idle_threads_end() -> None:
    pool, threads = ThreadPool("test", idle_seconds=0.01), SimpleQueue[threading.Thread]()
    pool.spawn(lambda: threads.put(threading.current_thread()), "job")
    thread = threads.get(timeout=PATIENCE)
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert pool.busy() == []


def test_a_thread_tidies_its_connections_around_each_job_and_closes_them_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: SimpleQueue[str] = SimpleQueue()

    class Connections:
        def close_all(self) -> None:
            steps.put("closed")

    monkeypatch.setattr(threads, "close_old_connections", lambda: steps.put("tidied"))
    monkeypatch.setattr(threads, "connections", Connections())
    pool = ThreadPool("test")
    pool.spawn(lambda: steps.put("worked"), "job")
    assert pool.wait_until_idle(PATIENCE)
    pool.close()

    assert [steps.get(timeout=PATIENCE) for _ in range(4)] == ["tidied", "worked", "tidied", "closed"]
