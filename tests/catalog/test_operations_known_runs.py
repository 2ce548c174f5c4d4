"""Runs that are left out, since they would only give what is stored; and those that aren't."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.extension_points import DeferredEntity, ProcessingContext, Processor
from apps.catalog.models import RefreshEdge, RefreshState
from apps.catalog.operations import apply_delta_mutation, apply_full_mutation, process_due, processing
from apps.catalog.processing import Orchestrator, file_reader
from portal.config import override_config
from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION
from tests.catalog.conftest import CatalogFolder, component, provided
from tests.catalog.processing_kit import FakeUrlReader, pipeline


class Worker:
    """An orchestrator that keeps the names of the entities that it processes."""

    def __init__(self, *processors: Processor, reader: FakeUrlReader | None = None) -> None:
        self.orchestrator = pipeline(*processors, reader=reader)
        self.ran: list[str] = []
        self.orchestrator.process = self._process

    def _process(self, entity: Any, state: Any) -> Any:
        self.ran.append(entity["metadata"]["name"])
        return Orchestrator.process(self.orchestrator, entity, state)

    def refresh(self) -> list[str]:
        """Make all due, process it, and return what was run."""
        self.ran.clear()
        RefreshState.objects.update(next_update_at=timezone.now())
        while process_due(self.orchestrator):
            pass
        return sorted(self.ran)


def test_what_can_only_give_what_is_stored_isnt_run_again() -> None:
    apply_full_mutation(provider="test", entities=[provided("a"), provided("b")])
    worker = Worker()
    assert worker.refresh() == ["a", "b"]
    assert worker.refresh() == []
    assert not RefreshState.objects.filter(next_update_at__lte=timezone.now()).exists()


@override_config({"catalog": {"processingInterval": {"hours": 12}}})
def test_and_rests_at_once(django_assert_num_queries: Any) -> None:
    apply_full_mutation(provider="test", entities=[provided("a"), provided("b")])
    worker = Worker()
    worker.refresh()
    RefreshState.objects.update(next_update_at=timezone.now())
    # A savepoint and its release; what is due, what leads to it, and when it is due next.
    with django_assert_num_queries(5, using="catalog"):
        process_due(worker.orchestrator)
    assert not RefreshState.objects.filter(next_update_at__lte=timezone.now() + processing.LEASE).exists()


def test_each_worker_finds_out_for_itself() -> None:
    apply_full_mutation(provider="test", entities=[provided("a")])
    assert Worker().refresh() == ["a"]
    assert Worker().refresh() == ["a"]


def test_what_has_changed_is_run() -> None:
    apply_full_mutation(provider="test", entities=[provided("a"), provided("b")])
    worker = Worker()
    worker.refresh()
    apply_delta_mutation(provider="test", added=[provided("a", system="shop")])
    assert worker.refresh() == ["a"]
    assert worker.refresh() == []


def test_so_is_what_something_else_leads_to() -> None:
    apply_full_mutation(provider="test", entities=[provided("a")])
    worker = Worker()
    worker.refresh()
    RefreshEdge.objects.create(source_key="other", target_entity_ref="component:default/a")
    assert worker.refresh() == ["a"]
    assert worker.refresh() == []


def test_so_is_what_the_stored_result_is_given_up_of() -> None:
    apply_full_mutation(provider="test", entities=[provided("a")])
    worker = Worker()
    worker.refresh()
    RefreshState.objects.update(result_hash="")
    assert worker.refresh() == ["a"]


def test_so_is_what_failed() -> None:
    apply_full_mutation(provider="test", entities=[provided("a", type=1)])
    worker = Worker()
    assert worker.refresh() == ["a"]
    assert worker.refresh() == ["a"]


def test_so_is_what_may_include_a_file() -> None:
    apply_full_mutation(provider="test", entities=[provided("a", definition={"$unknown": "x"})])
    worker = Worker()
    assert worker.refresh() == ["a"]
    assert worker.refresh() == ["a"]


@pytest.mark.parametrize(("repeatable", "ran"), [(False, ["a"]), (True, [])])
def test_all_is_run_unless_each_processor_says_that_it_needs_nothing_else(repeatable: bool, ran: list[str]) -> None:
    class Labelling(Processor):
        name = "Labelling"

        def pre_process_entity(self, entity: Any, context: ProcessingContext) -> Any:
            return entity

    Labelling.repeatable = repeatable
    apply_full_mutation(provider="test", entities=[provided("a")])
    worker = Worker(Labelling())
    worker.refresh()
    assert worker.refresh() == ran


def test_what_remembers_something_new_each_time_is_run() -> None:
    class Counting(Processor):
        name = "Counting"
        repeatable = True

        def pre_process_entity(self, entity: Any, context: ProcessingContext) -> Any:
            context.cache.set("runs", (context.cache.get("runs") or 0) + 1)
            return entity

    apply_full_mutation(provider="test", entities=[provided("a")])
    worker = Worker(Counting())
    assert [worker.refresh() for _ in range(3)] == [["a"]] * 3


def location(target: object, type_: str = "file") -> DeferredEntity:
    """Return a Location, as a provider hands it over, that says itself where it comes from."""
    ref = f"{type_}:{target}"
    annotations = dict.fromkeys((ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION), ref)
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {"name": "all", "annotations": annotations},
        "spec": {"type": type_, "target": str(target)},
    }
    return DeferredEntity(entity, ref)


def test_a_file_is_read_again_if_it_has_changed(folder: CatalogFolder) -> None:
    path = folder.write("all.yaml", component("a"))
    apply_full_mutation(provider="test", entities=[location(path)])
    worker = Worker()
    assert worker.refresh() == ["a", "all"]
    assert worker.refresh() == []
    folder.write("all.yaml", component("a", system="shop"))
    assert worker.refresh() == ["a", "all"]
    assert worker.refresh() == []
    path.unlink()
    assert worker.refresh() == ["all"]
    assert folder.errors("location:default/all")


def test_of_what_is_in_it_only_what_has_changed_is_run(folder: CatalogFolder) -> None:
    def write(system: str) -> None:
        folder.write(
            "all.yaml", "\n---\n".join(dedent(text) for text in (component("a"), component("b", system=system)))
        )

    write("shop")
    apply_full_mutation(provider="test", entities=[location(folder.path / "all.yaml")])
    worker = Worker()
    worker.refresh()
    write("bank")
    assert worker.refresh() == ["all", "b"]
    folder.settle()
    assert folder.entity("component:default/a")["spec"]["owner"] == "team-a"
    assert folder.entity("component:default/b")["spec"]["system"] == "bank"
    edges = RefreshEdge.objects.filter(source_entity_ref="location:default/all")
    assert edges.count() == 2


def test_so_is_a_pattern_if_something_new_matches(folder: CatalogFolder) -> None:
    folder.write("a.yaml", component("a"))
    apply_full_mutation(provider="test", entities=[location(folder.path / "*.yaml")])
    worker = Worker()
    worker.refresh()
    assert worker.refresh() == []
    folder.write("b.yaml", component("b"))
    assert worker.refresh() == ["all", "b"]
    assert worker.refresh() == []


def test_a_file_that_changes_while_it_is_read_is_read_again(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.write("all.yaml", component("a"))
    apply_full_mutation(provider="test", entities=[location(path)])
    read = file_reader.read_file
    texts = iter([component("a"), component("a", system="shop")])

    def read_then_change(path: str) -> bytes:
        content = read(path)
        if (text := next(texts, None)) is not None:
            folder.write("all.yaml", text)
        return content

    monkeypatch.setattr(file_reader, "read_file", read_then_change)
    worker = Worker()
    worker.refresh()
    assert worker.refresh() == ["a", "all"]
    assert worker.refresh() == []


def test_what_is_read_from_a_server_is_asked_for_each_time() -> None:
    url = "https://git.example/all.yaml"
    apply_full_mutation(provider="test", entities=[location(url, "url")])
    worker = Worker(reader=FakeUrlReader({url: component("a")}))
    worker.refresh()
    assert worker.refresh() == ["all"]
