"""The module that reads very large sources in bursts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test import override_settings
from django.utils import timezone

from apps.catalog.models import HeldRemoval, RefreshState
from apps.catalog.operations import confirm_removal
from portal.databases import alias_for
from portal.errors import ConflictError, InputError
from portal.plugins import ModuleFailed
from portal.services.events import ImmediateEvents
from tests.catalog.modules.incremental_kit import (
    ALL_STEPS,
    MODULE,
    ONE_STEP,
    SOURCE_MODULE,
    ingesting,
    ingestion,
    names,
    options,
    run,
)
from tests.catalog.modules.incremental_source import SOURCES, Source
from tests.catalog.modules.kit import installed, refresh, scheduled, unprocessed

OTHER_APPS = tuple(django_settings.INSTALLED_APPS)
pytestmark = pytest.mark.usefixtures("incremental")


# A cycle


def test_a_source_is_read_step_by_step_and_then_rests() -> None:
    source = Source(has="abcde")
    with ingesting(source):
        refresh("source")
        assert names() == "abcde"
        assert source.asked == [None, {"at": 2}, {"at": 4}]
        assert (source.opened, source.closed) == (1, 1)
        row = ingestion()
        assert (row.status, row.sequence, row.last_error) == ("resting", 3, "")
        assert row.next_action_at - row.completed_at == timedelta(hours=12)
        refresh("source")
        assert len(source.asked) == 3
    assert unprocessed()["component:default/source-a"]["key"] == "source"


def test_a_burst_ends_after_its_length_and_the_next_one_goes_on() -> None:
    source = Source(has="abcde")
    with ingesting(source, burst_length=ONE_STEP):
        refresh("source")
        assert names() == "ab"
        assert ingestion().next_action_at > timezone.now() + timedelta(seconds=2)
        refresh("source")
        assert names() == "ab"
        run()
        assert names() == "abcd"
        run()
        assert names() == "abcde"
    assert source.asked == [None, {"at": 2}, {"at": 4}]
    assert source.opened == 3


def test_what_is_gone_is_removed_when_the_source_has_been_read_to_its_end() -> None:
    source = Source(has="abcde")
    with ingesting(source):
        refresh("source")
    source.has = list("acef")
    with ingesting(source, burst_length=ONE_STEP):
        run()
        assert names() == "abcde"
        run()
    assert names() == "acef"
    assert "component:default/source-b" not in unprocessed()


def test_an_ingestion_that_is_unchanged_writes_no_entity() -> None:
    source = Source(has="abc")
    with ingesting(source):
        refresh("source")
        RefreshState.objects.update(next_update_at=timezone.now() + timedelta(days=1))
        run()
    assert not RefreshState.objects.filter(next_update_at__lte=timezone.now()).exists()
    assert ingestion().number == 2


def test_the_provider_runs_as_a_task_of_the_catalog_that_is_one_for_all_workers() -> None:
    with ingesting(Source()):
        task = scheduled("source:refresh")
    assert task.scope == "global"
    assert task.frequency == timedelta(seconds=3)
    assert isinstance(task.timeout, timedelta)
    assert task.timeout > ALL_STEPS


def test_a_provider_that_is_disabled_is_not_run() -> None:
    config = {"catalog": {"providerOptions": {"source": {"disabled": True}}}}
    with ingesting(Source(), Source("other"), config=config):
        scheduled("other:refresh")
        with pytest.raises(KeyError):
            scheduled("source:refresh")


def test_two_providers_do_not_meet() -> None:
    north, south = Source("north", has="abc"), Source("south", has="xyz")
    with ingesting(north, south):
        refresh("north")
        refresh("south")
        south.faults = [OSError("no route")]
        north.has = list("ab")
        run("north")
        with pytest.raises(OSError, match="no route"):
            run("south")
    assert (names("north"), names("south")) == ("ab", "xyz")
    assert ingestion("north").status == "resting"
    assert ingestion("south").status == "ingesting"


def test_the_module_may_be_installed_after_the_one_that_adds_to_it() -> None:
    SOURCES[:] = [(Source(), options())]
    with override_settings(INSTALLED_APPS=[*OTHER_APPS, SOURCE_MODULE]), installed(MODULE, {}):
        scheduled("source:refresh")


# What isn't believed


def test_removals_above_the_limit_are_rejected_and_what_is_new_comes_all_the_same() -> None:
    source = Source(has="abcdefgh")
    with ingesting(source, reject_removals_above_percentage=25):
        refresh("source")
        source.has = list("abcdex")
        run()
        assert names() == "abcdefghx"
        assert "Of 8 entities 3 are gone" in ingestion().last_error
        assert ingestion().status == "resting"
        source.has = list("abcdefgx")
        run()
    assert names() == "abcdefgx"
    assert ingestion().last_error == ""


def test_an_empty_source_removes_nothing_if_that_is_rejected() -> None:
    source = Source(has="abc")
    with ingesting(source, reject_empty_source_collections=True):
        refresh("source")
        source.has = []
        run()
    assert names() == "abc"
    assert "The source was empty" in ingestion().last_error


def test_an_empty_source_is_emptied_otherwise() -> None:
    source = Source(has="abc")
    with ingesting(source):
        refresh("source")
        source.has = []
        run()
    assert names() == ""


def test_a_removal_that_is_too_large_for_the_catalog_waits_until_it_is_confirmed() -> None:
    source = Source(has="abcdefghijklmnop")
    with ingesting(source):
        refresh("source")
        source.has = list("abcd")
        run()
        assert names() == "abcdefghijklmnop"
        assert HeldRemoval.objects.get().count == 12
        confirm_removal(provider="source", actor="user:default/admin")
        assert names() == "abcd"
        run()
    assert names() == "abcd"
    assert not HeldRemoval.objects.exists()


# News


def test_news_is_applied_at_once_and_survives_the_reading_that_is_under_way() -> None:
    source = Source(has="abcd")
    with ingesting(source, burst_length=ONE_STEP) as events:
        refresh("source")
        tell(events, source="source", added="x", removed="a")
        assert names() == "bx"
        run()
    assert names() == "bcdx"
    assert ingestion().status == "resting"


def test_news_of_something_else_changes_nothing_and_a_rest_marks_nothing() -> None:
    source = Source(has="ab")
    with ingesting(source) as events:
        tell(events, source="elsewhere", added="x")
        refresh("source")
        tell(events, source="source", added="x")
        assert names() == "abx"
        run()
    assert names() == "ab"


def tell(events: ImmediateEvents, **payload: Any) -> None:
    """Publish news of a source."""
    events.for_plugin("events").publish("source.changed", payload)


# What is added


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"burst_length": "soon"}, "burst_length"),
        ({"burst_interval": timedelta(0)}, "burst_interval must be longer than nothing"),
        ({"rest_length": "0s"}, "rest_length must be longer than nothing"),
        ({"backoff": []}, "backoff is empty"),
        ({"reject_removals_above_percentage": 101}, "between 0 and 100"),
    ],
)
def test_options_say_what_is_wrong_with_them(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        options(**values)


def test_without_the_module_a_provider_is_refused() -> None:
    SOURCES[:] = [(Source(), options())]
    with (
        override_settings(INSTALLED_APPS=OTHER_APPS),
        pytest.raises(ModuleFailed, match=r"add apps\.catalog\.modules\.incremental to backend\.plugins"),
        installed(SOURCE_MODULE, {}),
    ):
        pass


@pytest.mark.parametrize(("source", "message"), [("", "has no name"), ("twice", "There are two")])
def test_a_provider_has_a_name_of_its_own(source: str, message: str) -> None:
    with pytest.raises(ModuleFailed, match=message) as failed, ingesting(Source(source), Source(source)):
        pass
    assert isinstance(failed.value.__cause__, InputError | ConflictError)


def test_the_tables_live_in_the_catalogs_database_and_match_their_migration() -> None:
    from apps.catalog.modules.incremental.models import Ingestion

    assert alias_for(Ingestion) == "catalog"
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(loader.graph)
    assert "catalog_incremental" not in changes
