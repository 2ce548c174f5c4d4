"""Bursts that are cut off or fail: what is there stays, and the next one goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection
from apps.catalog.modules.incremental.extension_points import Burst
from apps.catalog.operations import apply_delta_mutation, apply_full_mutation
from portal.errors import InputError
from portal.services.scheduler import Run, RunStopped, StopReason
from portal.services.scheduler.runs import set_current_run
from tests.catalog.conftest import provided
from tests.catalog.modules.incremental_kit import ALL_STEPS, ONE_STEP, ingesting, ingestion, names, options, run, wait
from tests.catalog.modules.incremental_source import Source
from tests.catalog.modules.kit import refresh, unprocessed

pytestmark = pytest.mark.usefixtures("incremental")


class Crash(BaseException):
    """The worker dies here."""


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
