"""The portal's WSGI application, which says in a header how many SQL statements a request took.

It is a server of its own for this count, so that the portal in production does nothing for it. Requests come one at a
time and no work is done in the background: every statement of the process belongs to the request, those of the threads
on which plugins ask each other among them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ["PORTAL_EMBEDDED_WORKER"] = "0"

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from portal.wsgi import application as portal_application


class _Statements:
    """Counts what connections execute."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.number += 1
        return execute(*arguments)

    def watch(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        """Count what a connection executes from now on; one that is opened anew is watched already."""
        if self not in connection.execute_wrappers:
            connection.execute_wrappers.append(self)


_statements = _Statements()
connection_created.connect(_statements.watch)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the portal does, with ``Server-Timing: sql;desc="4"`` beside."""
    before = _statements.number

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        timing = f'sql;desc="{_statements.number - before}"'
        return start_response(status, [*headers, ("Server-Timing", timing)], exc_info)

    return portal_application(environ, start)
