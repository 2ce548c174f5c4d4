"""Runs that are left out, since they would only give what is stored; and those that aren't."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.extension_points import ProcessingContext, Processor
from apps.catalog.models import RefreshEdge, RefreshState
from apps.catalog.operations import apply_delta_mutation, apply_full_mutation, process_due, processing
from apps.catalog.processing import Orchestrator
from portal.config import override_config
from tests.catalog.conftest import provided
from tests.catalog.processing_kit import pipeline


class Worker:
    """An orchestrator that keeps the names of the entities that it processes."""

    def __init__(self, *processors: Processor) -> None:
        self.orchestrator = pipeline(*processors)
        self.ran: list[str] = []
        self.orchestrator.process = self._process

    def _process(self, entity: Any, state: Any) -> Any:
        self.ran.append(entity["metadata"]["name"])
        return Orchestrator.process(self.orchestrator, entity, state)

    def refresh(self) -> list[str]:
        """Make all due, process it, and return what was run."""
        self.ran.clear()
        RefreshState.objects.update(next_update_at=timezone.now())
        assert process_due(self.orchestrator) == RefreshState.objects.count()
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


def test_a_location_is_read_each_time(tmp_path: Any) -> None:
    target = provided("all", type="file", target=str(tmp_path / "*.yaml"))
    target.entity["kind"] = "Location"
    apply_full_mutation(provider="test", entities=[target])
    worker = Worker()
    assert worker.refresh() == ["all"]
    assert worker.refresh() == ["all"]
