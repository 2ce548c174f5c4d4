"""Hot reads on PostgreSQL: sent past the driver's cursors, and planned once where every value has the same plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DataError, OperationalError, ProgrammingError
from django.db.utils import ConnectionHandler
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from portal.config import Config
from portal.databases import databases_from
from portal.databases.postgresql import session
from portal.databases.postgresql.base import DatabaseWrapper
from portal.databases.postgresql.session import PREPARE_THRESHOLD

pytestmark = pytest.mark.postgres

Connect = Callable[..., DatabaseWrapper]


@pytest.fixture
def connect(postgres_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Connect]:
    """Connections as plugins have them, with other options if wanted."""
    config = Config.of({"backend": {"database": {"client": "pg", "connection": postgres_url}}})
    settings = databases_from(config, {}, [("app", "portal")], data_dir=Path("/data"))["default"]
    opened: list[DatabaseWrapper] = []

    def connected(**options: Any) -> DatabaseWrapper:
        own = {**settings, "NAME": "postgres", "OPTIONS": {**settings["OPTIONS"], **options}}
        connection = ConnectionHandler({"default": own})["default"]
        assert isinstance(connection, DatabaseWrapper)
        opened.append(connection)
        return connection

    with django_db_blocker.unblock():
        yield connected
        for connection in opened:
            connection.close()


@pytest.fixture
def connection(connect: Connect) -> DatabaseWrapper:
    """A connection with a table of its own: a hundred ids and names."""
    made = connect()
    with made.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE thing (id int PRIMARY KEY, name varchar(20))")
        cursor.execute("INSERT INTO thing SELECT id, 'thing-' || id FROM generate_series(1, 100) id")
    return made


def prepared(connection: DatabaseWrapper) -> list[str]:
    """Return the statements that the server keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
        return [statement for (statement,) in cursor.fetchall()]


def name_of(connection: DatabaseWrapper, number: int) -> str:
    """Read a thing's name as hot reads do."""
    ((name,),) = connection.fetch("SELECT name FROM thing WHERE id = %s", (number,), fixed=True)
    return str(name)


def often(connection: DatabaseWrapper) -> None:
    """Read until the statement is prepared."""
    for number in range(1, 2 * PREPARE_THRESHOLD):
        assert name_of(connection, number) == f"thing-{number}"
    assert prepared(connection) == ["SELECT name FROM thing WHERE id = $1"]


@pytest.mark.parametrize("fixed", [False, True])
def test_values_arrive_as_they_are(connect: Connect, fixed: bool) -> None:
    connection = connect(prepare_threshold=0)
    uid = UUID("018f4e6e-0000-7000-8000-000000000001")
    given = ("it's", 'a "quote"', "back\\slash", "100%", "%s", "naïve ☃", "", uid, 7, None)
    columns = "%s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::uuid, %s::int, %s::text"
    assert connection.fetch(f"SELECT {columns}, '100%%'", given, fixed=fixed) == [(*given, "100%")]


@pytest.mark.parametrize("fixed", [False, True])
def test_rows_are_those_of_a_cursor(connection: DatabaseWrapper, fixed: bool) -> None:
    statement = "SELECT id, name, id = 3, SUM(id) OVER (), now() < 'infinity' FROM thing WHERE id < %s ORDER BY id"
    with connection.cursor() as cursor:
        cursor.execute(statement, (5,))
        assert connection.fetch(statement, (5,), fixed=fixed) == cursor.fetchall()
    assert connection.fetch(statement, (0,), fixed=fixed) == []


@pytest.mark.parametrize("fixed", [False, True])
def test_nul_is_refused(connect: Connect, fixed: bool) -> None:
    """The driver's library would end the value there, and find what was not asked for."""
    connection = connect(prepare_threshold=0)
    with pytest.raises(DataError, match="NUL"):
        connection.fetch("SELECT %s::text", ("team\0-a",), fixed=fixed)


def test_what_is_run_often_is_planned_once(connection: DatabaseWrapper) -> None:
    often(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans > 0, custom_plans FROM pg_prepared_statements")
        assert cursor.fetchall() == [(True, 0)]


def test_what_depends_on_values_is_planned_for_them(connection: DatabaseWrapper) -> None:
    for number in range(1, 2 * PREPARE_THRESHOLD):
        connection.fetch("SELECT name FROM thing WHERE id < %s", (number,), fixed=False)
    assert prepared(connection) == []


def test_nothing_is_prepared_if_so_configured(connect: Connect) -> None:
    connection = connect(prepare_threshold=None)
    for _ in range(2 * PREPARE_THRESHOLD):
        assert connection.fetch("SELECT %s::int", (1,), fixed=True) == [(1,)]
    assert prepared(connection) == []


def test_the_server_keeps_so_many_and_no_more(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_PREPARED", 2)
    connection = connect(prepare_threshold=0)
    for column in ("a", "b", "a", "c"):
        assert connection.fetch(f"SELECT %s::int AS {column}", (1,), fixed=True) == [(1,)]
    assert prepared(connection) == ["SELECT $1::int AS a", "SELECT $1::int AS c"]


def test_another_session_of_a_pooler_knows_nothing(connection: DatabaseWrapper) -> None:
    often(connection)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    often(connection)


def test_another_session_of_a_pooler_has_it_already(connection: DatabaseWrapper) -> None:
    often(connection)
    connection._session = None
    often(connection)


def test_a_table_that_changed_is_planned_anew(connection: DatabaseWrapper) -> None:
    often(connection)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE thing ALTER COLUMN name TYPE text")
    often(connection)


def test_a_transaction_sees_what_it_wrote(connection: DatabaseWrapper) -> None:
    often(connection)
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE thing SET name = 'another' WHERE id = 1")
    assert name_of(connection, 1) == "another"
    connection.rollback()
    connection.set_autocommit(True)
    assert name_of(connection, 1) == "thing-1"


def test_who_watches_statements_sees_them(connection: DatabaseWrapper) -> None:
    often(connection)
    with CaptureQueriesContext(connection) as captured:
        assert name_of(connection, 1) == "thing-1"
    assert [query["sql"] for query in captured.captured_queries] == ["SELECT name FROM thing WHERE id = 1"]


@pytest.mark.parametrize("fixed", [False, True])
def test_errors_are_django_s(connection: DatabaseWrapper, fixed: bool) -> None:
    for _ in range(PREPARE_THRESHOLD + 2):
        with pytest.raises(ProgrammingError, match="nothing"):
            connection.fetch("SELECT * FROM nothing WHERE id = %s", (1,), fixed=fixed)
    with pytest.raises(DataError, match="invalid input syntax"):
        connection.fetch("SELECT %s::int", ("one",), fixed=fixed)
    assert name_of(connection, 1) == "thing-1"


@pytest.mark.parametrize("reads", [1, PREPARE_THRESHOLD + 1])
def test_a_session_that_ended_is_an_error_and_then_replaced(connect: Connect, postgres_url: str, reads: int) -> None:
    connection = connect()

    def pid() -> Any:
        return connection.fetch("SELECT pg_backend_pid() WHERE %s::int = 1", (1,), fixed=True)[0][0]

    before = {pid() for _ in range(reads)}
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [*before])
    with pytest.raises(OperationalError):
        pid()
    connection.close_if_unusable_or_obsolete()
    assert pid() not in before
