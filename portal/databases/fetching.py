"""Short answers of a database, the shortest way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.models import Model

from portal.databases.configured import POSTGRESQL
from portal.databases.router import alias_for


def fetch_rows(
    model: type[Model], statement: str, params: Sequence[Any], *, fixed: bool = False
) -> list[tuple[Any, ...]]:
    """Run a statement, with ``%s`` for its values, where ``model`` is kept; return all its rows.

    Values are texts, numbers, ids and None. ``fixed`` says that there is but one sensible plan for the statement,
    whatever the values: PostgreSQL makes it once for each connection then, instead of each time.
    """
    connection: Any = connections[alias_for(model)]
    if connection.settings_dict["ENGINE"] == POSTGRESQL:
        return connection.fetch(statement, params, fixed=fixed)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
