"""The engines that bring queued tasks to their workers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import orjson
import pytest
from huey import Huey
from huey.storage import PostgresStorage

from portal.models import QueuedTask
from portal.services.tasks import HueyTasks, ImmediateTasks
from portal.services.tasks.storage import JsonSerializer, WakingMemoryStorage, WakingSqliteStorage, storage_for
from tests.portal.tasks_kit import Baker, committing, database
from tests.waiting import PATIENCE

in_memory = pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="needs a queue in memory; the databases of this run are on a server"
)


@pytest.fixture
def baker() -> Baker:
    return Baker()


@committing
def test_the_immediate_engine_works_when_it_is_asked(baker: Baker) -> None:
    tasks = ImmediateTasks().for_plugin("catalog")
    tasks.task()(baker.bake)
    tasks.enqueue("bake", {"what": "rye"})

    assert baker.baked == ["rye"]


class Performed(HueyTasks):
    """huey without rows: what it is asked to perform is noted, and takes as long as the test wants."""

    def __init__(self) -> None:
        super().__init__(workers=2)
        self.begun: SimpleQueue[tuple[str, str, str]] = SimpleQueue()
        self.may_end = threading.Event()

    def perform(self, plugin_id: str, task_id: str) -> None:
        self.begun.put((plugin_id, task_id, threading.current_thread().name))
        assert self.may_end.wait(PATIENCE)


@pytest.fixture
def huey_tasks() -> Iterator[Performed]:
    engine = Performed()
    yield engine
    engine.may_end.set()
    engine.close()


@in_memory
def test_huey_works_on_as_many_threads_as_it_is_told(huey_tasks: Performed) -> None:
    huey_tasks.start("catalog")
    for task_id in ("one", "other"):
        huey_tasks._dispatch("catalog", task_id)

    begun = {huey_tasks.begun.get(timeout=PATIENCE), huey_tasks.begun.get(timeout=PATIENCE)}

    assert begun == {("catalog", "one", "tasks:catalog"), ("catalog", "other", "tasks:catalog")}


@in_memory
def test_huey_waits_for_what_is_being_done(huey_tasks: Performed) -> None:
    huey_tasks.start("catalog")
    huey_tasks._dispatch("catalog", "one")
    huey_tasks.begun.get(timeout=PATIENCE)

    assert not huey_tasks.stop(["catalog"], grace=0.01)
    huey_tasks.may_end.set()
    assert huey_tasks.stop(["catalog"], grace=10)


@in_memory
def test_huey_begins_nothing_more_once_it_is_stopped(huey_tasks: Performed) -> None:
    huey_tasks.may_end.set()
    huey_tasks.start("catalog")
    assert huey_tasks.stop(["catalog"], grace=10)

    huey_tasks._dispatch("catalog", "one")

    with pytest.raises(Empty):
        huey_tasks.begun.get(timeout=0.05)
    assert not huey_tasks._queue_is_empty("catalog")


def test_the_queue_of_a_sqlite_database_is_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "catalog.sqlite3"
    queue = Huey(
        "catalog", results=False, serializer=JsonSerializer(), storage_class=WakingSqliteStorage, filename=str(file)
    )
    try:
        queue.task(name="note")(print)
        queue.enqueue(queue._registry.string_to_task(f"{print.__module__}.note")(args=("flour",)))

        assert b"flour" in orjson.dumps(queue.pending()[0].args)
        assert b"pickle" not in file.read_bytes()
    finally:
        queue.storage.close()


@pytest.mark.postgres
def test_the_queue_of_a_postgresql_database_is_in_it(postgres_url: str) -> None:
    queue = Huey("catalog", results=False, serializer=JsonSerializer(), storage_class=PostgresStorage, dsn=postgres_url)
    try:
        queue.flush()
        seen: list[str] = []

        def note(what: str) -> None:
            seen.append(what)

        wrapped = queue.task(name="note")(note)
        wrapped("one")
        wrapped("other")
        while queue.pending_count():
            queue.execute(queue.dequeue())

        assert seen == ["one", "other"]
    finally:
        queue.storage.close()


@in_memory
@database
def test_a_database_in_memory_gets_a_queue_in_memory() -> None:
    assert storage_for("default") == (WakingMemoryStorage, {})


def test_a_table_with_a_name_of_hueys_is_reported(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QueuedTask._meta, "db_table", "task")

    errors = HueyTasks().check()

    assert [error.id for error in errors] == ["portal.E151"]
    assert "'task'" in errors[0].msg
