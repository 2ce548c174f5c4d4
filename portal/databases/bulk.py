"""Reading and writing rows by the thousand: one statement or one stream for a batch, and no instance for a row.

Rows are tuples of plain values, in the order of ``columns``, which are the names of the model's columns. What a
database takes fastest is used: ``COPY`` and JSON on PostgreSQL, prepared statements elsewhere. Everything runs inside
the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from types import NoneType
from typing import Any, TypeVar, cast

import orjson
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.constants import OnConflict

from portal.databases.router import alias_for

Row = Sequence[Any]
T = TypeVar("T")

#: How many rows are sent at a time where they are sent as one value.
CHUNK = 5_000
#: How many rows are looked for at a time. SQLite takes 32,766 parameters.
SELECTED = 1_000

#: Of COPY's text format: what no value is likely to hold, and what stands for null.
DELIMITER = "\x1f"
NULL = "\\N"
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", DELIMITER: "\\x1f"}


class Lock(StrEnum):
    """What nobody else may do to rows until the transaction ends."""

    NONE = ""
    #: Neither change nor delete them. Those who only keep them from being deleted aren't waited for.
    CHANGE = "FOR NO KEY UPDATE"
    #: Not delete them.
    DELETE = "FOR KEY SHARE"


def select_rows(
    model: type[models.Model], columns: Sequence[str], *, key: str, values: Iterable[Any], lock: Lock = Lock.NONE
) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of the rows whose ``key`` is one of ``values``; those to be locked in the order of the key.

    Databases that have no such lock have one for all of the database, which the transaction holds once it writes.
    """
    connection = connections[alias_for(model)]
    name = connection.ops.quote_name
    rows_of = f"SELECT {_names(columns, connection)} FROM {_table(model, connection)}"
    for batch in _chunks(values, SELECTED):
        if connection.vendor != "postgresql":
            rows = model._default_manager.filter(**{f"{key}__in": batch}).order_by()
            rows = rows.select_for_update().order_by(key) if lock else rows
            yield from rows.values_list(*columns)
            continue
        wanted = f"SELECT value::{_types(model, connection)[key]} FROM json_array_elements_text(%s) AS given(value)"
        order = f" ORDER BY {name(key)} {lock}" if lock else ""
        with connection.cursor() as cursor:
            cursor.execute(f"{rows_of} WHERE {name(key)} IN ({wanted}){order}", [orjson.dumps(batch).decode()])
            yield from cursor.fetchall()


def append_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], *, using: str | None = None
) -> None:
    """Insert rows. Raises ``IntegrityError`` if one is there already."""
    connection = connections[using or alias_for(model)]
    into = f"{_table(model, connection)} ({_names(columns, connection)})"
    if connection.vendor == "postgresql":
        _copy(connection, into, rows)
    else:
        marks = ", ".join(["%s"] * len(columns))
        _execute_many(connection, f"INSERT INTO {into} VALUES ({marks})", _adapted(model, columns, rows, connection))


def upsert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
    using: str | None = None,
) -> None:
    """Insert rows, or update the columns ``update`` of those whose ``key`` is there already; with none, leave those.

    No two rows may have the same key.
    """
    connection = connections[using or alias_for(model)]
    into = f"INSERT INTO {_table(model, connection)} ({_names(columns, connection)})"
    on_conflict = OnConflict.UPDATE if update else OnConflict.IGNORE
    fields = model._meta.concrete_fields
    suffix = connection.ops.on_conflict_suffix_sql(fields, on_conflict, update, key)
    if connection.vendor == "postgresql":
        _send(connection, f"{into} SELECT * FROM {_recordset(model, columns, connection)} {suffix}", columns, rows)
    else:
        insert = connection.ops.insert_statement(on_conflict=on_conflict)
        into = into.replace("INSERT INTO", insert, 1)
        statement = f"{into} VALUES ({', '.join(['%s'] * len(columns))}) {suffix}"
        _execute_many(connection, statement, _adapted(model, columns, rows, connection))


def update_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    key: Sequence[str],
    add: Collection[str] = (),
    using: str | None = None,
) -> None:
    """Set the other columns of the rows that have these values in the columns ``key``, which come first.

    Numbers in columns named by ``add`` are added to what is stored. No two rows may have the same key.
    """
    connection = connections[using or alias_for(model)]
    table, name = _table(model, connection), connection.ops.quote_name
    changed = columns[len(key) :]

    def setting(column: str, value: str) -> str:
        return f"{name(column)} = {f'{table}.{name(column)} + ' if column in add else ''}{value}"

    if connection.vendor == "postgresql":
        sets = ", ".join(setting(column, f"given.{name(column)}") for column in changed)
        source = _recordset(model, columns, connection)
        _send(connection, f"UPDATE {table} SET {sets} FROM {source} WHERE {_given(table, key, name)}", columns, rows)
    else:
        sets = ", ".join(setting(column, "%s") for column in changed)
        same = " AND ".join(f"{name(column)} = %s" for column in key)
        moved = ((*row[len(key) :], *row[: len(key)]) for row in _adapted(model, columns, rows, connection))
        _execute_many(connection, f"UPDATE {table} SET {sets} WHERE {same}", moved)


def delete_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], *, using: str | None = None
) -> None:
    """Delete the rows that have these values in these columns, which must not be null."""
    connection = connections[using or alias_for(model)]
    table, name = _table(model, connection), connection.ops.quote_name
    if connection.vendor == "postgresql":
        source = _recordset(model, columns, connection)
        _send(connection, f"DELETE FROM {table} USING {source} WHERE {_given(table, columns, name)}", columns, rows)
    else:
        same = " AND ".join(f"{name(column)} = %s" for column in columns)
        _execute_many(connection, f"DELETE FROM {table} WHERE {same}", _adapted(model, columns, rows, connection))


def _copy(connection: BaseDatabaseWrapper, into: str, rows: Iterable[Row]) -> None:
    statement = f"COPY {into} FROM STDIN WITH (DELIMITER '{DELIMITER}')"
    with connection.cursor() as cursor, connection.wrap_database_errors, cast(Any, cursor).copy(statement) as copy:
        for chunk in _chunks(rows):
            copy.write(_copy_text(chunk))


def _copy_text(rows: Sequence[Row]) -> str:
    """Return rows in COPY's text format. Escaping each value takes longer than all the rest, and is rarely needed."""
    columns = [_copy_column(column) for column in zip(*rows, strict=True)]
    text = "\n".join(map(DELIMITER.join, zip(*(texts for texts, _ in columns), strict=True)))
    nulls = sum(nulls for _, nulls in columns)
    expected = {"\n": len(rows) - 1, "\r": 0, "\\": nulls, DELIMITER: len(rows) * (len(columns) - 1)}
    if any(text.count(character) != count for character, count in expected.items()):
        escaped = ([value if value is NULL else _escaped(value) for value in texts] for texts, _ in columns)
        text = "\n".join(map(DELIMITER.join, zip(*escaped, strict=True)))
    return text + "\n"


def _escaped(value: str) -> str:
    for character, escape in ESCAPES.items():
        value = value.replace(character, escape)
    return value


def _copy_column(values: Sequence[Any]) -> tuple[Sequence[str], int]:
    """Return values as texts, and how many of them are null.

    What comes several times in a row, as an entity's id does, is turned into a text once.
    """
    types = set(map(type, values))
    if types == {str}:
        return values, 0
    if types <= {str, NoneType}:
        return [NULL if value is None else value for value in values], values.count(None)
    texts: list[str] = []
    last, text = None, NULL
    for value in values:
        if value is not last:
            last, text = value, _copy_value(value)
        texts.append(text)
    return texts, sum(value is None for value in values) if NoneType in types else 0


def _copy_value(value: Any) -> str:
    if value is None:
        return NULL
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _send(connection: BaseDatabaseWrapper, statement: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Run a statement on rows that travel as one JSON value."""
    with connection.cursor() as cursor:
        for chunk in _chunks(rows):
            records = [dict(zip(columns, row, strict=True)) for row in chunk]
            cursor.execute(statement, [orjson.dumps(records).decode()])


def _execute_many(connection: BaseDatabaseWrapper, statement: str, rows: Iterator[Row]) -> None:
    with connection.cursor() as cursor:
        for chunk in _chunks(rows):
            cursor.executemany(statement, chunk)


def _chunks(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _recordset(model: type[models.Model], columns: Sequence[str], connection: BaseDatabaseWrapper) -> str:
    types = _types(model, connection)
    typed = ", ".join(f"{connection.ops.quote_name(column)} {types[column]}" for column in columns)
    return f"json_to_recordset(%s::json) AS given ({typed})"


def _types(model: type[models.Model], connection: BaseDatabaseWrapper) -> dict[str, str | None]:
    return {field.column: field.db_type(connection) for field in model._meta.concrete_fields if field.column}


def _given(table: str, columns: Iterable[str], name: Callable[[str], str]) -> str:
    return " AND ".join(f"{table}.{name(column)} = given.{name(column)}" for column in columns)


def _adapted(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], connection: BaseDatabaseWrapper
) -> Iterator[Row]:
    """Turn UUIDs and times into what a driver takes that knows neither."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    converters = [_converter(fields[column], connection) for column in columns]
    if not any(converters):
        yield from rows
        return
    changed = [(index, converter) for index, converter in enumerate(converters) if converter]
    for row in rows:
        values = list(row)
        for index, converter in changed:
            if values[index] is not None:
                values[index] = converter(values[index])
        yield values


def _converter(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Callable[[Any], Any] | None:
    while field.remote_field is not None:
        field = cast(Any, field).target_field
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field:
        return lambda value: value.hex
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    return None


def _table(model: type[models.Model], connection: BaseDatabaseWrapper) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _names(columns: Sequence[str], connection: BaseDatabaseWrapper) -> str:
    return ", ".join(map(connection.ops.quote_name, columns))
