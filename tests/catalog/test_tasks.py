"""What the catalog puts on the schedule, and what a run of its pipeline does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalog import tasks as catalog_tasks
from apps.catalog.models import Priority, RefreshState, StitchRequest
from apps.catalog.operations import apply_delta_mutation, apply_full_mutation, connect_providers, process_due
from apps.catalog.processing import build_orchestrator
from portal.config import override_config
from portal.services import scheduler, tasks
from tests.catalog.conftest import CatalogFolder, component, provided


def register() -> list[str]:
    """Register the room as a worker does, and return what the scheduler's API lists."""
    mine = scheduler.for_plugin("catalog")
    catalog_tasks.register(mine, tasks.for_plugin("catalog"))
    return [task["taskId"] for task in mine.tasks()]


def test_the_orphan_cleanup_is_listed_as_in_backstage_and_the_pipeline_is_not() -> None:
    assert register() == ["catalog_orphan_cleanup"]
    (task,) = scheduler.for_plugin("catalog").tasks()
    assert task["settings"] == {"version": 2, "cadence": "PT30S", "timeoutAfterDuration": "PT24S"}
    assert len(scheduler.for_plugin("catalog")) == 4  # type: ignore[arg-type]


def test_an_instance_that_processes_nothing_schedules_nothing() -> None:
    with override_config({"catalog": {"processingInterval": False}}):
        assert register() == []


def test_a_run_reads_the_configured_locations_and_works_until_nothing_is_left(folder: CatalogFolder) -> None:
    folder.write("all.yaml", "---".join(component(f"c-{number}") for number in range(450)))
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(folder.path / "all.yaml")}]}}):
        catalog_tasks.Pipeline().run()
    assert len(folder.refs()) == 450
    assert not StitchRequest.objects.exists()
    assert not RefreshState.objects.filter(processed_entity__isnull=True).exists()


def test_a_run_follows_what_has_changed_in_the_configuration(folder: CatalogFolder) -> None:
    for name in ("web", "api"):
        folder.write(f"{name}.yaml", component(name))
    pipeline = catalog_tasks.Pipeline()

    def run_with(*names: str, **catalog: object) -> None:
        locations = [{"type": "file", "target": str(folder.path / f"{name}.yaml")} for name in names]
        with override_config({"catalog": {"locations": locations, **catalog}}):
            pipeline.run()
            catalog_tasks.clear_away()

    run_with("web")
    assert folder.refs() == {"component:default/web"}
    run_with("web", "api", rules=[{"allow": ["Location"]}])
    assert folder.refs() == {"component:default/web"}, "the rules forbid it"
    run_with("api", rules=[{"allow": ["Component", "Location"]}])
    assert folder.refs() == set(), "it rests until its time comes"
    RefreshState.objects.update(next_update_at=timezone.now())
    run_with("api", rules=[{"allow": ["Component", "Location"]}])
    assert folder.refs() == {"component:default/api"}


def test_after_many_changes_the_database_looks_at_its_tables(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_tasks, "MANY", 10)
    folder.write("all.yaml", "---".join(component(f"c-{number}") for number in range(20)))
    locations = {"locations": [{"type": "file", "target": str(folder.path / "all.yaml")}]}
    pipeline = catalog_tasks.Pipeline()
    with override_config({"catalog": locations}), CaptureQueriesContext(connections["catalog"]) as queries:
        pipeline.run()
        pipeline.run()
    looks = [query["sql"] for query in queries if query["sql"].startswith("ANALYZE")]
    assert [sql for sql in looks if "catalog_searchentry" in sql] == ['ANALYZE "catalog_searchentry"']


def test_while_others_add_to_it_the_backlog_waits_but_not_for_ever(
    folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("web.yaml", component("web"))
    locations = {"locations": [{"type": "file", "target": str(folder.path / "web.yaml")}]}
    with override_config({"catalog": locations}):
        connect_providers()
        process_due(build_orchestrator())
    soon = timezone.now() + timedelta(seconds=60)
    StitchRequest.objects.create(entity_ref="component:default/coming", next_stitch_at=soon)
    waited = []
    pipeline = catalog_tasks.Pipeline()

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        assert folder.refs() == set()
        StitchRequest.objects.update(next_stitch_at=timezone.now() - catalog_tasks.PATIENCE)
        return False

    monkeypatch.setattr(pipeline._readers, "wait", wait)
    with override_config({"catalog": locations}):
        pipeline.run()
    assert waited == [catalog_tasks.CALM.total_seconds()]
    assert folder.refs() == {"component:default/web"}


def test_configured_locations_that_have_not_changed_are_left_alone(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web"))
    locations = {"locations": [{"type": "file", "target": str(folder.path / "web.yaml")}]}
    pipeline = catalog_tasks.Pipeline()
    with override_config({"catalog": locations}):
        pipeline.run()
    before = list(RefreshState.objects.values_list("entity_ref", "next_update_at"))
    with override_config({"app": {"title": "Another"}, "catalog": locations}):
        pipeline.run()
    assert list(RefreshState.objects.values_list("entity_ref", "next_update_at")) == before


def test_a_run_ends_when_its_worker_stops(folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        stopped = True

    monkeypatch.setattr(catalog_tasks, "current_run", Stopped)
    folder.write("web.yaml", component("web"))
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(folder.path / "web.yaml")}]}}):
        catalog_tasks.Pipeline().run()
    assert folder.refs() == set()


def test_what_somebody_waits_for_is_served_beside_a_backlog(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="slow", entities=[provided(f"c-{number}") for number in range(300)])
    apply_delta_mutation(provider="fast", added=[provided("mine")], priority=Priority.INTERACTIVE)
    catalog_tasks.Pipeline(interactive_only=True).run()
    assert folder.refs() == {"component:default/mine"}
