"""The module that reads very large sources in bursts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection
from apps.catalog.models import HeldRemoval, RefreshEdge, RefreshState
from apps.catalog.modules.incremental.extension_points import Burst, IncrementalOptions
from apps.catalog.operations import apply_delta_mutation, apply_full_mutation, confirm_removal
from portal.databases import alias_for
from portal.errors import ConflictError, InputError
from portal.plugins import ModuleFailed
from portal.services.events import ImmediateEvents
from portal.services.scheduler import Run, RunStopped, StopReason
from portal.services.scheduler.runs import set_current_run
from tests.catalog.conftest import provided
from tests.catalog.modules.incremental_source import SOURCES, Source
from tests.catalog.modules.kit import installed, refresh, scheduled, unprocessed

MODULE = "apps.catalog.modules.incremental"
SOURCE_MODULE = "tests.catalog.modules.incremental_source"
OTHER_APPS = tuple(django_settings.INSTALLED_APPS)
#: A burst that is over after one step, and one that isn't over before the source is.
ONE_STEP, ALL_STEPS = timedelta(microseconds=1), timedelta(minutes=5)


class Crash(BaseException):
    """The worker dies here."""


@pytest.fixture(autouse=True)
def module(incremental_tables: None) -> Iterator[None]:
    """Install the module, without sources."""
    with override_settings(INSTALLED_APPS=[*OTHER_APPS, MODULE]):
        yield
    SOURCES.clear()


def options(**values: Any) -> IncrementalOptions:
    """Return options under which one run reads the whole source."""
    return IncrementalOptions(
        **{"burst_length": ALL_STEPS, "burst_interval": "3s", "rest_length": {"hours": 12}, **values}
    )


@contextmanager
def ingesting(*sources: Source, config: dict[str, Any] | None = None, **values: Any) -> Iterator[ImmediateEvents]:
    """Install a module that adds the sources, all with the same options."""
    SOURCES[:] = [(source, options(**values)) for source in sources]
    with installed(SOURCE_MODULE, config or {}) as events:
        yield events


def ingestion(name: str = "source") -> Any:
    """Return where a provider stands."""
    from apps.catalog.modules.incremental.models import Ingestion

    return Ingestion.objects.get(provider=name)


def wait(name: str = "source") -> None:
    """Let the time come for what a provider does next."""
    from apps.catalog.modules.incremental.models import Ingestion

    Ingestion.objects.filter(provider=name).update(next_action_at=timezone.now())


def run(name: str = "source") -> None:
    """Do a provider's next burst."""
    wait(name)
    refresh(name)


def names(source: str = "source") -> str:
    """Return what the catalog has of a source, in order, by the last letter."""
    edges = RefreshEdge.objects.filter(source_key=source)
    return "".join(sorted(ref[-1] for ref in edges.values_list("target_entity_ref", flat=True)))


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


# What is cut off


def test_another_worker_goes_on_where_one_died() -> None:
    with pytest.raises(Crash):
        work(Source(has="abcdef"), dies_at=5)
    assert names() == "abcd"
    source = Source(has="abcdef")
    work(source)
    assert source.asked == [{"at": 4}]
    assert names() == "abcdef"


def test_a_worker_that_stops_ends_the_burst_after_the_step_in_hand() -> None:
    source = Source(has="abcdef")
    now = timezone.now()
    running = Run(started_at=now, timeout=ALL_STEPS, planned=now, started=0)
    running.stop(StopReason.SHUTDOWN)
    with ingesting(source):
        set_current_run(running)
        try:
            refresh("source")
        finally:
            set_current_run(None)
    assert names() == "ab"
    assert ingestion().last_error == ""


def test_a_step_that_was_told_to_stop_is_no_error() -> None:
    source = Source(has="abc")
    source.faults = [RunStopped("The run was stopped with its worker.")]
    with ingesting(source):
        with pytest.raises(RunStopped):
            refresh("source")
        assert ingestion().errors_in_a_row == 0
        refresh("source")
    assert names() == "abc"


def test_a_worker_that_was_overtaken_changes_nothing() -> None:
    source = Source(has="abcdef")
    with ingesting(source, burst_length=ONE_STEP):
        refresh("source")
        wait()
        ask = source.next
        overtaken: list[bool] = []

        def slowly(context: Any, cursor: Any) -> Burst:
            step = ask(context, cursor)
            if not overtaken:
                overtaken.append(True)
                source.has[2:4] = "xy"
                refresh("source")
            return step

        with mock.patch.object(source, "next", slowly), mock.patch.object(source, "around", source_context):
            refresh("source")
        assert ingestion().sequence == 2
    assert names() == "abxy"


@contextmanager
def source_context() -> Iterator[str]:
    """Stand for the one connection that both workers of a test have."""
    yield "connection 1"


# What goes wrong


def test_an_error_backs_off_longer_and_longer_and_keeps_what_is_there() -> None:
    source = Source(has="abcd")
    with ingesting(source, backoff=["1m", "10m"]):
        refresh("source")
        source.has = list("ab")
        source.faults = [OSError("no route"), OSError("no route"), OSError("still no route")]
        for minutes in (1, 10, 10):
            with pytest.raises(OSError, match="no route"):
                run()
            assert waits(ingestion().next_action_at, timedelta(minutes=minutes))
        assert ingestion().last_error == "OSError: still no route"
        assert names() == "abcd"
        asked = len(source.asked)
        refresh("source")
        assert len(source.asked) == asked
        run()
    assert names() == "ab"
    assert (ingestion().errors_in_a_row, ingestion().last_error) == (0, "")


def test_the_step_that_failed_is_tried_again_and_no_other() -> None:
    source = Source(has="abcdef")
    with ingesting(source, burst_length=ONE_STEP):
        refresh("source")
        source.faults = [OSError("no route")]
        with pytest.raises(OSError, match="no route"):
            run()
        run()
    assert source.asked == [None, {"at": 2}, {"at": 2}]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Burst(done=False), "has no cursor"),
        (Burst(done=False, cursor={1, 2}), "The cursor isn't JSON"),
        (Burst(done=True, entities=[provided("a"), DeferredEntity({"kind": "Component"})]), "apiVersion"),
    ],
)
def test_a_step_that_makes_no_sense_changes_nothing(step: Burst, message: str) -> None:
    source = Source(has="ab")
    with ingesting(source):
        refresh("source")
        with mock.patch.object(source, "next", return_value=step), pytest.raises(InputError, match=message):
            run()
    assert names() == "ab"
    assert message in ingestion().last_error
    assert waits(ingestion().next_action_at, timedelta(seconds=30))


def test_an_error_after_the_last_step_is_kept_and_the_rest_stays() -> None:
    @contextmanager
    def badly_closed() -> Iterator[str]:
        yield "connection 0"
        raise OSError("can't close")

    source = Source(has="ab")
    with (
        ingesting(source),
        mock.patch.object(source, "around", badly_closed),
        pytest.raises(OSError, match="can't close"),
    ):
        refresh("source")
    assert names() == "ab"
    assert (ingestion().status, ingestion().last_error) == ("resting", "OSError: can't close")
    assert waits(ingestion().next_action_at, timedelta(hours=12))


def waits(until: datetime, span: timedelta) -> bool:
    """Say whether it is about so long until then."""
    return abs(until - timezone.now() - span) < timedelta(seconds=10)


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


# The invariant


class Mortal(EntityProviderConnection):
    """The connection of a worker that dies at the given moment: before its first write (1), after it (2), and so on."""

    def __init__(self, dies_at: int | None) -> None:
        self.moments = dies_at or 0

    def apply_full_mutation(self, entities: Iterable[DeferredEntity]) -> None:
        raise AssertionError("An incremental provider never states everything at once.")

    def apply_delta_mutation(self, *, added: Iterable[DeferredEntity] = (), removed: Iterable[str] = ()) -> None:
        self._moment()
        apply_delta_mutation(provider="source", added=added, removed=removed)
        self._moment()

    def refresh(self, keys: Iterable[str]) -> None:
        raise AssertionError("An incremental provider refreshes nothing.")

    def _moment(self) -> None:
        self.moments -= 1
        if self.moments == 0:
            raise Crash


def work(source: Source, *, burst_length: timedelta = ALL_STEPS, dies_at: int | None = None) -> None:
    """Be a worker that has just started, and do one burst."""
    from apps.catalog.modules.incremental.provider import BurstingEntityProvider

    wait()
    BurstingEntityProvider(source, options(burst_length=burst_length)).refresh(Mortal(dies_at))


contents = st.text("abcdefgh", max_size=8).map(lambda text: "".join(dict.fromkeys(text)))
#: Of each worker that comes: how many names a page has, whether its burst is one step, and at which moment it dies.
workers = st.lists(st.tuples(st.integers(1, 4), st.booleans(), st.none() | st.integers(1, 8)), max_size=8)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=contents, after=contents, coming=workers, page=st.integers(1, 4))
def test_however_it_is_cut_and_wherever_it_is_cut_off_the_same_entities_come_out(
    before: str, after: str, coming: list[tuple[int, bool, int | None]], page: int
) -> None:
    forget()
    work(Source(has=before))
    for size, short, moment in coming:
        try:
            work(Source(has=after, page=size), burst_length=ONE_STEP if short else ALL_STEPS, dies_at=moment)
        except Crash:
            assert {*before} & {*after} <= set(names()) <= {*before, *after}
    if ingestion().number == 1:
        work(Source(has=after, page=page), burst_length=ONE_STEP)
    while ingestion().status == "ingesting":
        work(Source(has=after, page=page), burst_length=ONE_STEP)
    assert names() == "".join(sorted(after))
    assert {ref[-1] for ref in unprocessed()} == {*after}


def forget() -> None:
    """Leave nothing of an earlier example."""
    from apps.catalog.modules.incremental.models import Ingestion

    apply_full_mutation(provider="source", entities=(), certain=True)
    Ingestion.objects.all().delete()
