"""Long answers of a database, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from threading import get_ident
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

from portal.databases.configured import POSTGRESQL
from portal.databases.router import alias_for


def stream_texts(rows: QuerySet[Any, str], *, chunk: int) -> Iterator[str]:
    """Yield the texts of a query of one column (``values_list("…", flat=True)``), as ``stream_statement`` does."""
    try:
        statement, params = rows.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return iter(())
    return stream_statement(rows.model, statement, params, chunk=chunk)


def stream_statement(model: type[Model], statement: str, params: Sequence[Any], *, chunk: int) -> Iterator[str]:
    """Yield the texts that a statement finds in its one column, holding ``chunk`` of them at a time.

    It is run where ``model`` is kept. On PostgreSQL its rows are read while the server sends them; of a cursor that is
    declared, outside a transaction, the server keeps a copy of the whole answer first, and each chunk is asked for. The
    price: until the last row, or until the generator is closed, the connection is good for nothing else, or on SQLite
    for nothing newer. It belongs to the answer as long, and whoever asks in the meantime opens another one; but inside
    a transaction on PostgreSQL, a query waits for ever.
    """
    connection = connections[alias_for(model)]
    if connection.settings_dict["ENGINE"] == POSTGRESQL:
        yield from _as_they_come(connection, statement, params, chunk)
        return
    with connection.cursor() as cursor, _taken_along(connection):
        cursor.execute(statement, params)
        while rows := cursor.fetchmany(chunk):
            for (text,) in rows:
                yield text


def _as_they_come(connection: BaseDatabaseWrapper, statement: str, params: Sequence[Any], chunk: int) -> Iterator[str]:
    # The driver of one kind of database; portals on SQLite may not have it.
    from psycopg import capabilities

    # Before version 17, libpq gives single rows only: slower, but not more of them.
    size = chunk if capabilities.has_stream_chunked() else 1
    with (
        # Django's cursor: it connects first, and tells whoever watches the statements, such as a test that counts them.
        connection.cursor() as cursor,
        cursor.debug_sql(statement, params) if connection.queries_logged else nullcontext(),
        connection.wrap_database_errors,
        _taken_along(connection),
    ):
        for (text,) in cursor.cursor.stream(statement, params, size=size):
            yield text


@contextmanager
def _taken_along(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the connection from its thread; give it back if that is where this ends, unless there is another by then.

    Servers may read on in another thread than the one that began an answer. That one answers others meanwhile: they
    would wait for the connection, and the rest of the answer for a thread.
    """
    if connection.in_atomic_block or _is_the_database(connection):
        yield
        return
    thread, taken = get_ident(), connection.connection
    connection.connection = None
    try:
        yield
    finally:
        if get_ident() == thread and connection.connection is None:
            connection.connection = taken
        else:
            taken.close()


def _is_the_database(connection: Any) -> bool:
    """Say whether there is no other connection to the same data: SQLite's in memory, as in tests."""
    return connection.vendor == "sqlite" and connection.is_in_memory_db()
