"""What Django does to connections around each request, for those that the thread has opened.

Django's own look goes through all databases, three times a request, to find which of them the thread uses. A portal has
a database for each plugin, and a request needs one or two: finding them took as long as a hot read's own query.
"""

from __future__ import annotations

from threading import local
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class _Opened(local):
    """The connections of a thread that were ever open."""

    def __init__(self) -> None:
        self.connections: list[BaseDatabaseWrapper] = []


_opened = _Opened()


def look_after_opened_connections() -> None:
    """Put this module in the place of Django's receivers, in a process that serves.

    For requests that a server sends: Django's test client goes on with Django's own, which it switches off and on.
    """
    connection_created.connect(_note)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
        signal.connect(_close_old, sender=WSGIHandler)
    if not settings.DEBUG:
        # There are no queries to forget.
        request_started.disconnect(reset_queries)


def _note(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection not in _opened.connections:
        _opened.connections.append(connection)


def _close_old(**_: Any) -> None:
    """Close what is broken, or has been open for long enough."""
    for connection in _opened.connections:
        connection.close_if_unusable_or_obsolete()
