"""What becomes of database connections when a request begins and ends: those that the thread has open are looked at.

Django looks at all that are configured. With a database for each plugin, that took a tenth of a request.
"""

from __future__ import annotations

import threading
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class _Opened(threading.local):
    """The connections that this thread has opened, by alias."""

    def __init__(self) -> None:
        self.connections: dict[str, BaseDatabaseWrapper] = {}


_opened = _Opened()


def look_after_connections() -> None:
    """Have requests look after connections in this way, instead of in Django's; called once, at the start."""
    connection_created.connect(_note)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
        signal.connect(_close_old)


def _note(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    _opened.connections[connection.alias] = connection


def _close_old(**kwargs: Any) -> None:
    for connection in _opened.connections.values():
        connection.close_if_unusable_or_obsolete()
