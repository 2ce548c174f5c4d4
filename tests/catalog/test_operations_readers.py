"""A server that doesn't answer holds up what is read from servers, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.catalog import tasks as catalog_tasks
from apps.catalog.models import Priority, RefreshState
from apps.catalog.operations import connect_providers, process_due, stitch_pending
from apps.catalog.operations.outcomes import Claim, Outcome
from apps.catalog.operations.processing import give_back
from apps.catalog.operations.readers import Readers
from apps.catalog.processing import build_orchestrator
from apps.catalog.processing.waiting import may_wait
from portal.config import override_config
from portal.entities import Entity
from portal.services import services
from portal.services.url_reader import SearchResponse
from portal.testing.fakes import FakeUrlReader
from tests.catalog.conftest import CatalogFolder, component
from tests.waiting import PATIENCE

SLOW = "https://slow.example/all.yaml"


class SlowReader(FakeUrlReader):
    """Answers once it is let."""

    def __init__(self) -> None:
        super().__init__({SLOW: component("slow")})
        self.asked = threading.Semaphore(0)
        self.answers = threading.Event()

    def search(self, url: str, *, etag: str | None = None) -> SearchResponse:
        """Wait, then find."""
        self.asked.release()
        assert self.answers.wait(PATIENCE)
        return super().search(url, etag=etag)


@pytest.fixture
def server() -> Iterator[SlowReader]:
    """The web, which is slow."""
    reader = SlowReader()
    yield reader
    reader.answers.set()


class Worker:
    """A worker whose steps the test takes."""

    def __init__(self) -> None:
        self.readers: Readers[Outcome] = Readers()
        self.orchestrator = build_orchestrator()

    def work(self) -> int:
        """Process and stitch what there is, except what is being read."""
        done = 0
        while step := process_due(self.orchestrator, readers=self.readers):
            done += step
        while stitch_pending():
            pass
        return done

    def finish(self) -> None:
        """Work until everything has been read."""
        while not self.readers.idle:
            assert self.readers.wait(PATIENCE)
            self.work()


@pytest.fixture
def worker(folder: CatalogFolder, server: SlowReader) -> Iterator[Worker]:
    """A worker that has a slow location and a quick one to read."""
    folder.write("quick.yaml", component("quick"))
    locations = [{"type": "url", "target": SLOW}, {"type": "file", "target": str(folder.path / "quick.yaml")}]
    with override_config({"catalog": {"locations": locations}}):
        services["url_reader"] = server
        connect_providers()
        yield Worker()


def slow_location() -> RefreshState:
    """Return the row of the location that is slow."""
    return RefreshState.objects.get(location_key=f"url:{SLOW}", entity_ref__startswith="location:")


def make_due(**changes: object) -> None:
    """Make the slow location due, as time or somebody would."""
    RefreshState.objects.filter(pk=slow_location().pk).update(next_update_at=timezone.now(), **changes)


def test_a_slow_server_holds_up_nothing_else(folder: CatalogFolder, server: SlowReader, worker: Worker) -> None:
    worker.work()
    assert folder.refs() == {"component:default/quick"}
    assert not worker.readers.idle

    server.answers.set()
    worker.finish()
    assert folder.refs() == {"component:default/quick", "component:default/slow"}


def test_what_is_being_read_isnt_read_twice(server: SlowReader, worker: Worker) -> None:
    worker.work()
    make_due()
    worker.work()
    server.answers.set()
    worker.finish()
    assert server.read == [SLOW]


@pytest.mark.parametrize("change", [{"priority": Priority.INTERACTIVE}, {"unprocessed_hash": "another"}])
def test_unless_there_is_news_of_it(server: SlowReader, worker: Worker, change: dict[str, object]) -> None:
    worker.work()
    make_due(**change)
    worker.work()
    server.answers.set()
    worker.finish()
    assert server.read == [SLOW, SLOW]


def test_what_is_left_unfinished_is_due_at_once(server: SlowReader, worker: Worker) -> None:
    worker.work()
    assert server.asked.acquire(timeout=PATIENCE)
    assert slow_location().next_update_at > timezone.now()
    give_back(worker.readers)
    assert slow_location().next_update_at <= timezone.now()
    assert worker.readers.idle

    server.answers.set()
    successor = Worker()
    successor.work()
    successor.finish()
    assert server.read == [SLOW, SLOW]


def test_an_answer_that_comes_too_late_changes_nothing(
    folder: CatalogFolder, server: SlowReader, worker: Worker
) -> None:
    worker.work()
    RefreshState.objects.filter(pk=slow_location().pk).delete()
    server.answers.set()
    worker.finish()
    assert folder.refs() == {"component:default/quick"}


def test_a_run_waits_for_what_is_being_read_until_its_worker_stops(
    server: SlowReader, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked:
        stopped = False

    monkeypatch.setattr(catalog_tasks, "current_run", Asked)
    pipeline = catalog_tasks.Pipeline()

    def stop_once_asked() -> None:
        assert server.asked.acquire(timeout=PATIENCE)
        Asked.stopped = True

    stopper = threading.Thread(target=stop_once_asked)
    stopper.start()
    pipeline.run()
    stopper.join()
    assert slow_location().next_update_at <= timezone.now()


# The threads


def row(name: str, *, priority: int = 0) -> Claim:
    """Return a claimed row."""
    return Claim(
        entity_id=uuid4(),
        entity_ref=f"component:default/{name}",
        unprocessed_entity="{}",
        unprocessed_hash="",
        result_hash="",
        cache="",
        location_key=None,
        priority=priority,
        actor="",
    )


def test_no_more_than_so_many_are_read_at_once() -> None:
    readers: Readers[str] = Readers(threads=2)
    running, gate, together = threading.Semaphore(0), threading.Event(), []

    def work(name: str) -> str:
        running.release()
        assert gate.wait(PATIENCE)
        return name

    for name in "abc":
        readers.read(row(name), lambda name=name: work(name))  # type: ignore[misc]
    assert running.acquire(timeout=PATIENCE)
    assert running.acquire(timeout=PATIENCE)
    assert not running.acquire(timeout=0.05)
    gate.set()
    while not readers.idle:
        assert readers.wait(PATIENCE)
        together += readers.finished()
    assert sorted(together) == ["a", "b", "c"]


def test_what_somebody_waits_for_comes_first() -> None:
    readers: Readers[None] = Readers(threads=1)
    gate, order = threading.Event(), []

    def work(name: str) -> None:
        assert gate.wait(PATIENCE)
        order.append(name)

    readers.read(row("first"), lambda: work("first"))
    while readers._waiting:
        pass
    readers.read(row("second"), lambda: work("second"))
    readers.read(row("hurried", priority=Priority.INTERACTIVE), lambda: work("hurried"))
    gate.set()
    while not readers.idle:
        assert readers.wait(PATIENCE)
        readers.finished()
    assert order == ["first", "hurried", "second"]


def test_work_that_breaks_down_is_let_go() -> None:
    readers: Readers[str] = Readers(threads=1)

    def broken() -> str:
        raise RuntimeError("broken")

    readers.read(row("broken"), broken)
    readers.read(row("sound"), lambda: "sound")
    assert readers.wait(PATIENCE)
    assert readers.finished() == ["sound"]
    assert readers.idle


# Which entities those are


def entity(kind: str, location: str, **spec: object) -> Entity:
    """Return an entity that came from a location."""
    metadata = {"name": "x", "annotations": {"backstage.io/managed-by-location": location}}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("candidate", "text", "expected"),
    [
        (entity("Location", "file:/a.yaml"), "", False),
        (entity("Location", "file:/a.yaml", type="url"), "", True),
        (entity("Location", "url:https://x.example/a"), "", True),
        (entity("Location", "url:https://x.example/a", type="file"), "", False),
        ({**entity("Location", "url:https://x.example/a"), "spec": [1]}, "", True),
        (entity("API", "url:https://x.example/a", definition="x"), "", False),
        (entity("API", "url:https://x.example/a", definition={"$text": "./x"}), '{"$text":"./x"}', True),
        (entity("API", "file:/a.yaml", definition={"$text": "./x"}), '{"$text":"./x"}', False),
        (entity("API", "file:/a.yaml", parts=[{"$text": "https://x.example/a"}]), '{"$text":"https://', True),
        ({"kind": "API", "metadata": {"name": "x"}}, "", False),
    ],
)
def test_what_is_read_from_a_server_may_wait(candidate: Entity, text: str, expected: bool) -> None:
    assert may_wait(candidate, text=text) is expected
