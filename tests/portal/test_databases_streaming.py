"""Long answers out of a file: whoever asks for something else in the meantime isn't held back by them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from apps.catalog.models import Location
from portal.config import Config
from portal.databases import alias_for, databases_from, streaming
from portal.databases.streaming import stream_statement

ROWS = 1_000


@pytest.fixture
def connection(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BaseDatabaseWrapper]:
    """A connection of this thread's, as a plugin has it, to a table of words."""
    settings = databases_from(Config.of({}), {}, [("app", "portal")], data_dir=tmp_path)["default"]
    Path(settings["NAME"]).parent.mkdir()
    connection = ConnectionHandler({"default": settings})["default"]
    monkeypatch.setattr(streaming, "connections", {alias_for(Location): connection})
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE words (word TEXT)")
            cursor.executemany("INSERT INTO words VALUES (%s)", [(f"word-{number}",) for number in range(ROWS)])
        yield connection
        connection.close()


def words() -> Iterator[str]:
    """Begin to read them all."""
    return stream_statement(Location, "SELECT word FROM words", [], chunk=10)


def count(connection: BaseDatabaseWrapper) -> int:
    """Return how many there are now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM words")
        return int(cursor.fetchone()[0])


def add(connection: BaseDatabaseWrapper) -> None:
    """Add one."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO words VALUES ('another')")


def test_what_others_write_in_the_meantime_is_seen_but_not_by_the_list(connection: BaseDatabaseWrapper):
    found = words()
    next(found)
    other = connection.copy()
    add(other)
    other.close()
    assert count(connection) == ROWS + 1
    add(connection)
    assert sum(1 for _ in found) == ROWS - 1
    assert count(connection) == ROWS + 2


def test_another_thread_may_read_the_rest(connection: BaseDatabaseWrapper):
    found = words()
    next(found)
    with ThreadPoolExecutor(1) as another:
        assert another.submit(lambda: sum(1 for _ in found)).result() == ROWS - 1
    add(connection)
    assert count(connection) == ROWS + 1


def test_a_list_that_ends_where_it_began_gives_the_connection_back(connection: BaseDatabaseWrapper):
    before = connection.connection
    assert sum(1 for _ in words()) == ROWS
    assert connection.connection is before
