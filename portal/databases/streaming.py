"""Long answers of a database, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from portal.databases.configured import POSTGRESQL


def stream_texts(rows: QuerySet[Any, str], *, chunk: int) -> Iterator[str]:
    """Yield the texts of a query of one column (``values_list("…", flat=True)``), holding ``chunk`` of them at a time.

    On PostgreSQL it is one statement, whose rows are read while the server sends them. ``QuerySet.iterator()`` declares
    a cursor instead: outside a transaction the server then keeps a copy of the whole answer first, and each chunk is
    asked for. The price: until the last row, or until the generator is closed, the connection is good for nothing
    else, and a query on it would wait for ever.
    """
    if connections[rows.db].settings_dict["ENGINE"] == POSTGRESQL:
        yield from _as_they_come(rows, chunk)
    else:
        yield from rows.iterator(chunk_size=chunk)


def _as_they_come(rows: QuerySet[Any, str], chunk: int) -> Iterator[str]:
    # The driver of one kind of database; portals on SQLite may not have it.
    from psycopg import capabilities

    connection = connections[rows.db]
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return
    # Before version 17, libpq gives single rows only: slower, but not more of them.
    size = chunk if capabilities.has_stream_chunked() else 1
    with (
        # Django's cursor: it connects first, and tells whoever watches the statements, such as a test that counts them.
        connection.cursor() as cursor,
        cursor.debug_sql(sql, params) if connection.queries_logged else nullcontext(),
        connection.wrap_database_errors,
    ):
        for (text,) in cursor.cursor.stream(sql, params, size=size):
            yield text
