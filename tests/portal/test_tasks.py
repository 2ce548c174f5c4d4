"""Queued tasks: asked for, tried again, taken over from workers that died."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import transaction

from portal.errors import ConflictError, InputError, NotFoundError
from portal.models import QueuedTask
from portal.services.scheduler import current_run
from portal.services.tasks.plugin import DeclaredTasks
from tests.portal.clocks import FakeClock
from tests.portal.tasks_kit import Baker, ListedTasks, committing, database


@pytest.fixture
def engine(clock: FakeClock) -> ListedTasks:
    return ListedTasks(clock)


@pytest.fixture
def tasks(engine: ListedTasks) -> DeclaredTasks:
    return engine.for_plugin("catalog")


@pytest.fixture
def baker() -> Baker:
    return Baker()


def rows() -> Any:
    return QueuedTask.objects.using("catalog")


def message_of(row: QueuedTask) -> str:
    found: str = orjson.loads(row.error or "{}")["message"]
    return found


# Asking


@committing
def test_a_task_is_done_with_its_payload_and_then_gone(engine: ListedTasks, tasks: DeclaredTasks, baker: Baker) -> None:
    tasks.task(name="bake")(baker.bake)
    task_id = tasks.enqueue("bake", {"what": "rye"})
    before = tasks.status(task_id)

    engine.work()

    assert before is not None
    assert (before.state, before.attempts) == ("waiting", 0)
    assert baker.baked == ["rye"]
    assert tasks.status(task_id) is None


@committing
def test_a_task_can_be_asked_for_by_its_function(engine: ListedTasks, tasks: DeclaredTasks, baker: Baker) -> None:
    declared = tasks.task()(baker.bake)
    tasks.enqueue(declared, {"what": "rye"})

    engine.work()

    assert baker.baked == ["rye"]


@committing
def test_what_is_rolled_back_was_never_asked_for(engine: ListedTasks, tasks: DeclaredTasks, baker: Baker) -> None:
    tasks.task()(baker.bake)

    with transaction.atomic(using="catalog"):
        tasks.enqueue("bake", {"what": "rye"})
        transaction.set_rollback(True, using="catalog")

    assert engine.queue == []
    assert not rows().exists()


@committing
def test_a_worker_hears_of_a_task_once_it_is_committed(engine: ListedTasks, tasks: DeclaredTasks, baker: Baker) -> None:
    tasks.task()(baker.bake)

    with transaction.atomic(using="catalog"):
        tasks.enqueue("bake", {"what": "rye"})
        assert engine.queue == []

    assert len(engine.queue) == 1


@committing
def test_an_engine_that_is_down_loses_nothing(
    engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object) -> None:
        raise OSError("no queue")

    tasks.task()(baker.bake)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_dispatch", down)
        tasks.enqueue("bake", {"what": "rye"})
    clock.advance(11)
    engine.tend("catalog")
    engine.work()

    assert baker.baked == ["rye"]


@database
def test_only_declared_tasks_can_be_asked_for(tasks: DeclaredTasks, baker: Baker) -> None:
    tasks.task()(baker.bake)

    with pytest.raises(NotFoundError, match=r"declared no task 'fry' \(declared: bake\)"):
        tasks.enqueue("fry")


@database
def test_a_payload_must_be_json(tasks: DeclaredTasks, baker: Baker) -> None:
    tasks.task()(baker.bake)

    with pytest.raises(InputError, match="payload for task 'bake' of plugin 'catalog' isn't JSON"):
        tasks.enqueue("bake", {"what": object()})


def test_a_name_is_declared_once(tasks: DeclaredTasks, baker: Baker) -> None:
    tasks.task()(baker.bake)

    with pytest.raises(ConflictError, match="has a task 'bake' already"):
        tasks.task(name="bake")(lambda: None)


def test_a_coroutine_is_no_task(tasks: DeclaredTasks) -> None:
    async def later() -> None: ...

    with pytest.raises(InputError, match="must be an ordinary function"):
        tasks.task()(later)


@committing
def test_a_delayed_task_waits(engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock) -> None:
    tasks.task()(baker.bake)
    tasks.enqueue("bake", {"what": "rye"}, delay=timedelta(seconds=90))

    assert engine.tend("catalog") == 5
    clock.advance(88)
    assert engine.tend("catalog") == 2
    engine.work()
    assert baker.baked == []
    clock.advance(2)
    engine.tend("catalog")
    engine.work()

    assert baker.baked == ["rye"]


# Failing


@committing
def test_a_failure_is_tried_again_later_and_later(
    engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock
) -> None:
    baker.failures = [ValueError("cold"), ValueError("colder"), ValueError("frozen")]
    tasks.task(retries=2, retry_delay=timedelta(seconds=10))(baker.bake)
    task_id = tasks.enqueue("bake", {"what": "rye"})
    engine.work()
    attempts = [len(baker.baked)]
    for seconds in (9, 1, 19, 1):
        clock.advance(seconds)
        engine.tend("catalog")
        engine.work()
        attempts.append(len(baker.baked))

    assert attempts == [1, 1, 2, 2, 3]
    status = tasks.status(task_id)
    assert status is not None
    assert (status.state, status.attempts) == ("failed", 3)
    assert orjson.loads(status.error or "") == {"name": "ValueError", "message": "frozen"}


@committing
def test_a_failure_is_kept_for_a_week(
    engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock
) -> None:
    baker.failures = [ValueError("cold")]
    tasks.task()(baker.bake)
    task_id = tasks.enqueue("bake", {"what": "rye"})
    engine.work()

    clock.advance(timedelta(days=7).total_seconds() - 1)
    engine.tend("catalog")
    assert tasks.status(task_id) is not None
    clock.advance(2)
    engine.tend("catalog")

    assert tasks.status(task_id) is None


@committing
def test_a_task_that_a_newer_version_asked_for_is_reported(
    engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock
) -> None:
    newer = ListedTasks(clock)
    newer.for_plugin("catalog").task()(baker.bake)
    task_id = newer.for_plugin("catalog").enqueue("bake", {"what": "rye"})

    engine.perform("catalog", task_id)

    assert "has no task 'bake'" in message_of(rows().get())


# Dying


@committing
def test_a_task_whose_worker_died_is_done_by_another(
    tasks: DeclaredTasks, engine: ListedTasks, baker: Baker, clock: FakeClock
) -> None:
    tasks.task()(baker.bake)
    task_id = tasks.enqueue("bake", {"what": "rye"})
    rows().filter(pk=task_id).update(state="running", attempts=1, lease_expires_at=clock.now() + timedelta(seconds=60))
    engine.queue.clear()

    clock.advance(60)
    engine.tend("catalog")
    engine.work()
    assert baker.baked == []
    clock.advance(1)
    engine.tend("catalog")
    engine.work()

    assert baker.baked == ["rye"]
    assert tasks.status(task_id) is None


@committing
@pytest.mark.parametrize(("resume", "attempts"), [(False, 1), (True, 3)])
def test_a_task_that_must_not_run_twice_or_kills_its_workers_is_reported(
    tasks: DeclaredTasks, engine: ListedTasks, baker: Baker, clock: FakeClock, resume: bool, attempts: int
) -> None:
    tasks.task(resume=resume)(baker.bake)
    task_id = tasks.enqueue("bake", {"what": "rye"})
    rows().filter(pk=task_id).update(state="running", attempts=attempts, lease_expires_at=clock.now())

    clock.advance(1)
    engine.tend("catalog")

    assert message_of(rows().get(state="failed")) == "The worker that did this is gone."


@committing
def test_an_id_that_was_lost_on_the_way_is_sent_again(
    engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock
) -> None:
    tasks.task()(baker.bake)
    tasks.enqueue("bake", {"what": "rye"})
    engine.queue.clear()

    clock.advance(10)
    engine.tend("catalog")
    assert engine.queue == []
    clock.advance(1)
    engine.tend("catalog")

    assert len(engine.queue) == 1


@committing
def test_an_id_that_waits_in_a_long_queue_is_not_sent_again(
    engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock
) -> None:
    tasks.task()(baker.bake)
    tasks.enqueue("bake", {"what": "rye"})

    clock.advance(3600)
    engine.tend("catalog")

    assert len(engine.queue) == 1


@committing
def test_an_id_that_comes_twice_is_done_once(engine: ListedTasks, tasks: DeclaredTasks, baker: Baker) -> None:
    tasks.task()(baker.bake)
    engine.queue.append(tasks.enqueue("bake", {"what": "rye"}))

    engine.work()

    assert baker.baked == ["rye"]


@committing
def test_the_lease_of_long_work_is_renewed(engine: ListedTasks, tasks: DeclaredTasks, clock: FakeClock) -> None:
    seen: list[str] = []

    def long_work() -> None:
        for _ in range(30):
            clock.advance(5)
            engine.tend("catalog")
            seen.append(rows().get().state)

    tasks.task()(long_work)
    tasks.enqueue("long_work")
    engine.work()

    assert set(seen) == {"running"}


@committing
def test_work_that_stops_with_its_worker_waits_for_the_next(
    engine: ListedTasks, tasks: DeclaredTasks, clock: FakeClock
) -> None:
    def long_work() -> None:
        engine.stop(["catalog"], grace=0)
        run = current_run()
        assert run is not None
        run.raise_if_stopped()

    tasks.task()(long_work)
    task_id = tasks.enqueue("long_work")
    engine.work()

    status = tasks.status(task_id)
    assert status is not None
    assert (status.state, status.attempts, status.error) == ("waiting", 0, None)


@committing
def test_a_stopping_worker_leaves_what_is_in_the_queue_to_the_next(
    engine: ListedTasks, tasks: DeclaredTasks, baker: Baker, clock: FakeClock
) -> None:
    other = ListedTasks(clock)
    tasks.task()(baker.bake)
    other.for_plugin("catalog").task()(baker.bake)
    tasks.enqueue("bake", {"what": "rye"})

    engine.stop(["catalog"], grace=0)
    engine.work()
    assert baker.baked == []
    other.tend("catalog")
    other.work()

    assert baker.baked == ["rye"]
