"""How statements reach the catalog's database, and what comes back: plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connections

from apps.catalog.models import FinalEntity
from apps.catalog.queries.sql import Sql
from portal.databases import alias_for, fetch_rows
from portal.databases.streaming import stream_statement

#: How many rows of a long answer are in memory at a time.
STREAM_CHUNK = 100


def fetch(statement: Sql, *, fixed: bool = False) -> list[tuple[Any, ...]]:
    """Run a statement; return all its rows. For ``fixed``, see ``portal.databases.fetch_rows``."""
    return fetch_rows(FinalEntity, statement.text, statement.params, fixed=fixed)


def stream(statement: Sql, *, chunk: int = STREAM_CHUNK) -> Iterator[str]:
    """Run a statement; yield the texts of its one column as the database finds them."""
    return stream_statement(FinalEntity, statement.text, statement.params, chunk=chunk)


def vendor() -> str:
    """Return the kind of database that the catalog is in, as Django names it."""
    return connections[alias_for(FinalEntity)].vendor


def id_param(entity_id: str | UUID) -> Any:
    """Return an entity's id as the database's driver takes it."""
    connection = connections[alias_for(FinalEntity)]
    return FinalEntity._meta.pk.get_db_prep_value(entity_id, connection, prepared=False)


def id_text(stored: Any) -> str:
    """Return the text of an id as the driver gives it."""
    return str(stored if isinstance(stored, UUID) else UUID(stored))
