"""Connections between requests: of those that a thread has opened, what is broken or old is closed, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from portal.databases.upkeep import look_after_opened_connections

SIGNALS = (request_started, request_finished, connection_created)


@pytest.fixture(autouse=True)
def _signals(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Receivers as Django has them, and afterwards as they were: other tests load what serves."""
    before = [list(signal.receivers) for signal in SIGNALS]
    request_started.connect(reset_queries)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
    with django_db_blocker.unblock():
        yield
    for signal, receivers in zip(SIGNALS, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()


def opened(folder: Path, *, max_age: int | None) -> BaseDatabaseWrapper:
    """Return a connection that is open."""
    settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "a.sqlite3", "CONN_MAX_AGE": max_age}
    connection = ConnectionHandler({"default": settings})["default"]
    connection.ensure_connection()
    return connection


@pytest.mark.parametrize("signal", [request_started, request_finished])
def test_what_is_old_is_closed_and_what_isnt_stays(signal: object, tmp_path: Path) -> None:
    look_after_opened_connections()
    old, lasting = opened(tmp_path, max_age=0), opened(tmp_path, max_age=None)
    signal.send(sender=WSGIHandler)  # type: ignore[attr-defined]
    assert old.connection is None
    assert lasting.connection is not None
    lasting.close()


def test_what_failed_is_asked_whether_it_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_after_opened_connections()
    connection = opened(tmp_path, max_age=None)
    connection.errors_occurred = True
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    request_finished.send(sender=WSGIHandler)
    assert connection.connection is None


def test_another_threads_connections_are_its_own(tmp_path: Path) -> None:
    look_after_opened_connections()
    with ThreadPoolExecutor(1) as another:
        theirs = another.submit(opened, tmp_path, max_age=0).result()
        request_finished.send(sender=WSGIHandler)
        assert theirs.connection is not None
        another.submit(request_finished.send, sender=WSGIHandler).result()
        assert theirs.connection is None


def test_django_doesnt_look_as_well() -> None:
    look_after_opened_connections()
    assert not request_started.disconnect(close_old_connections)
    assert not request_finished.disconnect(close_old_connections)
    assert not request_started.disconnect(reset_queries)


def test_where_queries_are_kept_they_are_forgotten_too(settings: Settings) -> None:
    settings.DEBUG = True
    look_after_opened_connections()
    assert request_started.disconnect(reset_queries)
