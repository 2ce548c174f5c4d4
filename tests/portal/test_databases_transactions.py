"""What the database broke off because of a deadlock is done again, and nothing else is."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from apps.catalog.models import FinalEntity
from portal.databases import atomic_for, retried_for


class Refusal(Exception):
    """What a driver raises; it has the code of the SQL standard."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class Work:
    """Fails so many times with a code, and counts how often it was done."""

    def __init__(self, *, fails: int, sqlstate: str = "40P01") -> None:
        self.done, self.fails, self.sqlstate = 0, fails, sqlstate

    def __call__(self) -> str:
        self.done += 1
        if self.done <= self.fails:
            raise OperationalError("broken off") from Refusal(self.sqlstate)
        return "done"


@pytest.mark.django_db(databases=["default", "catalog"], transaction=True)
def test_the_victim_of_a_deadlock_is_done_again() -> None:
    work = Work(fails=2)
    assert retried_for(FinalEntity, work) == "done"
    assert work.done == 3


@pytest.mark.django_db(databases=["default", "catalog"], transaction=True)
def test_it_is_given_up_in_the_end() -> None:
    work = Work(fails=100)
    with pytest.raises(OperationalError):
        retried_for(FinalEntity, work)
    assert work.done == 5


@pytest.mark.django_db(databases=["default", "catalog"], transaction=True)
def test_other_trouble_is_told_at_once() -> None:
    work = Work(fails=1, sqlstate="57014")
    with pytest.raises(OperationalError):
        retried_for(FinalEntity, work)
    assert work.done == 1


@pytest.mark.django_db(databases=["default", "catalog"], transaction=True)
def test_within_a_transaction_it_is_not_for_us_to_do_it_again() -> None:
    work = Work(fails=1)
    with pytest.raises(OperationalError), atomic_for(FinalEntity):
        retried_for(FinalEntity, work)
    assert work.done == 1
