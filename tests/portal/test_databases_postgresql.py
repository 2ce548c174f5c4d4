"""What we do on PostgreSQL only: a look at idle connections instead of a query, and rows that are read as they come."""

from __future__ import annotations

import select
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, OperationalError
from django.db.backends.postgresql import base as django_backend
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from apps.catalog.models import Location
from portal.config import Config
from portal.databases import alias_for, databases_from, streaming
from portal.databases.postgresql.base import DatabaseWrapper
from portal.databases.streaming import stream_statement, stream_texts

pytestmark = pytest.mark.postgres


@pytest.fixture
def connection(postgres_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    """A connection of this thread's, as a plugin has it."""
    config = Config.of({"backend": {"database": {"client": "pg", "connection": postgres_url}}})
    settings = databases_from(config, {}, [("app", "portal")], data_dir=Path("/data"))["default"]
    connection = ConnectionHandler({"default": {**settings, "NAME": "postgres"}})["default"]
    assert isinstance(connection, DatabaseWrapper)
    with django_db_blocker.unblock():
        yield connection
        connection.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The answers of the queries that were sent to find out."""
    answers: list[bool] = []
    asking = django_backend.DatabaseWrapper.is_usable

    def is_usable(self: django_backend.DatabaseWrapper) -> bool:
        answers.append(asking(self))
        return answers[-1]

    monkeypatch.setattr(django_backend.DatabaseWrapper, "is_usable", is_usable)
    return answers


def begin_request(connection: DatabaseWrapper) -> None:
    """Do what Django does when a request begins."""
    connection.close_if_unusable_or_obsolete()


def query(connection: DatabaseWrapper, sql: str) -> object:
    """Return the one value that a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_connection_that_stands_costs_no_query(connection: DatabaseWrapper, asked: list[bool]) -> None:
    query(connection, "SELECT 1")
    begin_request(connection)
    assert query(connection, "SELECT 2") == 2
    assert asked == []


def test_a_connection_that_the_server_ended_is_replaced(
    connection: DatabaseWrapper, asked: list[bool], postgres_url: str
) -> None:
    before = query(connection, "SELECT pg_backend_pid()")
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [before])
    begin_request(connection)
    assert query(connection, "SELECT pg_backend_pid()") != before
    assert asked == [False]


def test_news_from_the_server_is_no_end(connection: DatabaseWrapper, asked: list[bool], postgres_url: str) -> None:
    before = query(connection, "SELECT pg_backend_pid()")
    with connection.cursor() as cursor:
        cursor.execute("LISTEN gossip")
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("NOTIFY gossip")
    assert select.select([connection.connection], [], [], 10)[0]
    begin_request(connection)
    assert query(connection, "SELECT pg_backend_pid()") == before
    assert asked == [True]


def test_after_an_error_it_is_asked(connection: DatabaseWrapper, asked: list[bool]) -> None:
    with pytest.raises(DatabaseError):
        query(connection, "SELECT nonsense")
    begin_request(connection)
    assert query(connection, "SELECT 1") == 1
    assert asked == [True]


class TestStreaming:
    """Long answers, a few rows at a time."""

    #: The numbers of the rows of a large answer.
    STATEMENT = "SELECT 'https://host/' || n FROM generate_series(1, %s) AS n"

    @pytest.fixture(autouse=True)
    def _connected(self, connection: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streaming, "connections", {alias_for(Location): connection})

    def read(self, count: int, *, chunk: int = 500) -> Iterator[str]:
        """Ask for so many texts."""
        return stream_statement(Location, self.STATEMENT, [count], chunk=chunk)

    def test_every_row_comes_in_order(self) -> None:
        assert list(self.read(50_000)) == [f"https://host/{number}" for number in range(1, 50_001)]
        assert list(self.read(0)) == []

    def test_of_nothing_nothing_is_asked(self, asked: list[bool]) -> None:
        assert list(stream_texts(Location.objects.values_list("target", flat=True).none(), chunk=500)) == []
        assert asked == []

    def test_whoever_stops_early_can_use_the_connection(self, connection: DatabaseWrapper) -> None:
        texts = self.read(50_000, chunk=10)
        assert len(list(islice(texts, 25))) == 25
        texts.close()  # type: ignore[attr-defined]
        assert query(connection, "SELECT 1") == 1

    def test_whoever_asks_in_the_meantime_gets_another_connection(self, connection: DatabaseWrapper) -> None:
        texts = self.read(50_000, chunk=10)
        next(texts)
        assert query(connection, "SELECT 1") == 1
        assert sum(1 for _ in texts) == 49_999
        assert query(connection, "SELECT 1") == 1

    def test_another_thread_may_read_the_rest(self, connection: DatabaseWrapper) -> None:
        texts = self.read(50_000, chunk=10)
        next(texts)
        with ThreadPoolExecutor(1) as another:
            assert another.submit(lambda: sum(1 for _ in texts)).result() == 49_999
        assert query(connection, "SELECT 1") == 1

    def test_an_answer_that_ends_where_it_began_gives_the_connection_back(self, connection: DatabaseWrapper) -> None:
        before = query(connection, "SELECT pg_backend_pid()")
        assert len(list(self.read(50_000))) == 50_000
        assert query(connection, "SELECT pg_backend_pid()") == before

    def test_no_cursor_is_declared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(DatabaseWrapper, "chunked_cursor", None)
        assert len(list(self.read(50_000))) == 50_000

    def test_what_goes_wrong_is_djangos_error(self, connection: DatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 1")
        with pytest.raises(OperationalError):
            list(self.read(5_000_000))
