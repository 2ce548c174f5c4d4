"""Entities in the hands of workers: results that come late, batches that take long, workers that die."""

from __future__ import annotations

from datetime import timedelta
from textwrap import dedent
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import (
    RefreshState,
    Relation,
)
from apps.catalog.operations import (
    apply_full_mutation,
    connect_providers,
    delete_entities,
    process_due,
    processing,
    refresh_entity,
    settling,
)
from apps.catalog.processing import Orchestrator, build_orchestrator
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component, provided


def test_a_result_for_an_entity_that_was_deleted_meanwhile_is_dropped(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:

    apply_full_mutation(provider="test", entities=[provided("a")])
    process = Orchestrator.process

    def delete_then_process(self: Orchestrator, entity: Any, state: Any) -> Any:
        delete_entities(refs=["component:default/a"], cause="a test")
        return process(self, entity, state)

    monkeypatch.setattr(Orchestrator, "process", delete_then_process)
    assert process_due(build_orchestrator()) == 1
    assert not RefreshState.objects.exists()
    assert not Relation.objects.exists()


def test_what_was_read_first_and_comes_last_doesnt_replace_what_is_newer(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("web.yaml", component("web", system="first"))
    folder.read("web.yaml")
    folder.write("web.yaml", component("web", system="second"))
    process = Orchestrator.process

    def slow_process(self: Orchestrator, entity: Any, state: Any) -> Any:
        monkeypatch.setattr(Orchestrator, "process", process)
        result = process(self, entity, state)
        folder.write("web.yaml", component("web", system="third"))
        RefreshState.objects.update(next_update_at=timezone.now())
        folder.settle()
        return result

    RefreshState.objects.filter(entity_ref__startswith="location:").update(next_update_at=timezone.now())
    monkeypatch.setattr(Orchestrator, "process", slow_process)
    folder.settle()
    assert folder.entity("component:default/web")["spec"]["system"] == "third"


def test_of_a_batch_that_takes_long_what_is_done_is_stored_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "LONGEST_BATCH", 0.0)
    apply_full_mutation(provider="test", entities=[provided(name) for name in "abcd"])
    orchestrator = build_orchestrator()
    stored = []

    def process(*args: Any) -> Any:
        stored.append(RefreshState.objects.exclude(result_hash="").count())
        return Orchestrator.process(orchestrator, *args)

    monkeypatch.setattr(orchestrator, "process", process)
    called = []
    assert process_due(orchestrator, meanwhile=lambda: called.append(len(stored))) == 4
    assert stored == [0, 1, 2, 3]
    assert called == [1, 2, 3, 4]


def test_of_very_many_entities_half_is_handed_out_before_the_others_are_processed(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "FEW", 3)
    monkeypatch.setattr(settling, "_workers_share", lambda: True)
    folder.write("all.yaml", "\n---\n".join(dedent(component(name)) for name in "abcd"))
    orchestrator = build_orchestrator()
    due: list[list[str]] = []

    def process(entity: Any, state: Any) -> Any:
        waiting = RefreshState.objects.filter(next_update_at__lte=timezone.now(), entity_ref__startswith="component:")
        due.append(sorted(waiting.values_list("entity_ref", flat=True)))
        return Orchestrator.process(orchestrator, entity, state)

    monkeypatch.setattr(orchestrator, "process", process)
    locations = [{"type": "file", "target": str(folder.path / "all.yaml")}]
    with override_config({"catalog": {"locations": locations}}):
        connect_providers()
        process_due(orchestrator)
    handed_out = ["component:default/c", "component:default/d"]
    assert due == [[], handed_out, handed_out]
    folder.settle()
    assert folder.refs() == {f"component:default/{name}" for name in "abcd"}


def test_a_clock_that_was_ahead_keeps_nothing_from_being_looked_at(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    orchestrator = build_orchestrator()
    assert process_due(orchestrator) == 0
    RefreshState.objects.update(next_update_at=timezone.now() + timedelta(days=365))
    assert process_due(orchestrator) == 2
    assert process_due(orchestrator) == 0


def test_a_shorter_interval_holds_at_once(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml", processingInterval={"hours": 6})
    assert process_due(build_orchestrator()) == 2


def test_a_worker_that_dies_between_claim_and_store_is_overtaken(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:

    apply_full_mutation(provider="test", entities=[provided("a")])

    def die(self: Orchestrator, entity: Any, state: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Orchestrator, "process", die)
        with pytest.raises(SystemExit):
            process_due(build_orchestrator())
    folder.refresh()
    assert folder.refs() == {"component:default/a"}


@override_config({"catalog": {"processingInterval": {"hours": 12}}})
def test_that_is_long_before_a_long_rest_would_end(folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    apply_full_mutation(provider="test", entities=[provided("a")])

    def die(self: Orchestrator, entity: Any, state: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Orchestrator, "process", die)
        with pytest.raises(SystemExit):
            process_due(build_orchestrator())
    assert RefreshState.objects.get().next_update_at <= timezone.now() + processing.LEASE
    folder.refresh()
    assert RefreshState.objects.get().next_update_at > timezone.now() + timedelta(hours=11)


@pytest.mark.parametrize("interval", [{"seconds": 20}, {"hours": 12}])
def test_what_is_refreshed_while_it_is_processed_stays_due(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch, interval: dict[str, int]
) -> None:
    apply_full_mutation(provider="test", entities=[provided("a")])
    process = Orchestrator.process

    def refresh_then_process(self: Orchestrator, entity: Any, state: Any) -> Any:
        refresh_entity(ref="component:default/a")
        return process(self, entity, state)

    monkeypatch.setattr(Orchestrator, "process", refresh_then_process)
    with override_config({"catalog": {"processingInterval": interval}}):
        process_due(build_orchestrator())
    assert RefreshState.objects.get().next_update_at <= timezone.now()
