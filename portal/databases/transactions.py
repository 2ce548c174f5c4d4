"""Transactions that name their database: a bare ``transaction.atomic()`` would guard ``default`` and nothing else."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError, connections, models, transaction

from portal.databases.router import alias_for

T = TypeVar("T")

#: How often work is begun again that the database broke off for the sake of other work.
ATTEMPTS = 5
#: The longest pause before it is begun again for the first time, in seconds.
PAUSE = 0.05
#: SQLSTATE of a deadlock, and of transactions that can't be put in an order.
BROKEN_OFF = frozenset({"40P01", "40001"})


def atomic_for(model: type[models.Model], *, savepoint: bool = True, durable: bool = False) -> Any:
    """Return a transaction (context manager or decorator) on the database that ``model`` lives in."""
    return transaction.atomic(using=alias_for(model), savepoint=savepoint, durable=durable)


def on_commit_for(model: type[models.Model], function: Callable[[], Any], *, robust: bool = False) -> None:
    """Run ``function`` once the open transaction on ``model``'s database is committed; at once if there is none."""
    transaction.on_commit(function, using=alias_for(model), robust=robust)


def retried_for(model: type[models.Model], work: Callable[[], T]) -> T:
    """Do ``work``, a transaction on ``model``'s database; do it again if that was broken off because of a deadlock.

    Inside another transaction it is done once: what was broken off then is that one.
    """
    if connections[alias_for(model)].in_atomic_block:
        return work()
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in BROKEN_OFF:
                raise
        # Not in step with the other one, which may have been broken off as well.
        time.sleep(random.random() * attempt * PAUSE)
    return work()
