"""When a request begins and ends, the connections of its thread are looked at, and no others."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.signals import request_finished, request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.dispatch import Signal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "catalog"])


def opened(alias: str) -> BaseDatabaseWrapper:
    """Return this thread's connection, open and not to be checked again."""
    connection = connections[alias]
    connection.ensure_connection()
    connection.health_check_done = True
    return connection


@pytest.mark.parametrize("signal", [request_started, request_finished])
def test_what_the_thread_has_opened_is_checked_again(signal: Signal):
    def serve() -> list[bool]:
        mine = [opened("default"), opened("catalog")]
        signal.send(sender=None)
        checked = [not connection.health_check_done for connection in mine]
        connections.close_all()
        return checked

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(serve).result() == [True, True]


def test_what_another_thread_has_opened_is_left_alone():
    theirs = opened("catalog")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(request_started.send, sender=None).result()
    assert theirs.health_check_done


def test_a_database_is_not_connected_for_it():
    def serve() -> bool:
        request_started.send(sender=None)
        return any(connection.connection is not None for connection in connections.all(initialized_only=True))

    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(serve).result()
