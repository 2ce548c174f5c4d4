"""Transactions that name their database: a bare ``transaction.atomic()`` would guard ``default`` and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from portal.databases.router import alias_for


def atomic_for(model: type[models.Model], *, savepoint: bool = True, durable: bool = False) -> Any:
    """Return a transaction (context manager or decorator) on the database that ``model`` lives in."""
    return transaction.atomic(using=alias_for(model), savepoint=savepoint, durable=durable)


def on_commit_for(model: type[models.Model], function: Callable[[], Any], *, robust: bool = False) -> None:
    """Run ``function`` once the open transaction on ``model``'s database is committed; at once if there is none."""
    transaction.on_commit(function, using=alias_for(model), robust=robust)
