"""Asking a host many small questions."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.catalog.modules import parallel
from apps.catalog.modules.parallel import in_parallel
from portal.services.scheduler import Run, current_run
from portal.services.scheduler.runs import set_current_run
from tests.waiting import PATIENCE


def test_answers_come_in_the_order_of_the_questions() -> None:
    def ask(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number * 2

    assert list(in_parallel(ask, range(120))) == [(number, number * 2) for number in range(120)]


def test_a_few_are_asked_at_a_time_and_no_more() -> None:
    together = threading.Barrier(parallel.WORKERS)
    asking: list[int] = []
    most: list[int] = []

    def ask(number: int) -> None:
        asking.append(number)
        most.append(len(asking))
        together.wait(timeout=PATIENCE)
        asking.remove(number)

    assert len(list(in_parallel(ask, range(parallel.WORKERS * 2)))) == parallel.WORKERS * 2
    assert max(most) <= parallel.WORKERS


def test_the_first_error_ends_it() -> None:
    asked: list[int] = []

    def ask(number: int) -> None:
        asked.append(number)
        if number == 1:
            raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"):
        list(in_parallel(ask, iter(range(10_000))))
    assert len(asked) <= parallel.BATCH


def test_questions_are_part_of_the_run_that_asks() -> None:
    now = timezone.now()
    run = Run(started_at=now, timeout=timedelta(minutes=1), planned=now, started=time.monotonic())
    set_current_run(run)
    try:
        assert [found for _, found in in_parallel(lambda _: current_run(), range(3))] == [run] * 3
    finally:
        set_current_run(None)
