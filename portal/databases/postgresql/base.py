"""Django's PostgreSQL backend, with a cheaper look at idle connections, and a shorter way for hot reads."""

from __future__ import annotations

import select
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base

from portal.databases.postgresql.session import PREPARE_THRESHOLD, Session


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked ``SELECT 1`` only if there is a reason to doubt it.

    ``CONN_HEALTH_CHECKS`` has every request look at its connections. A server that restarted, or ended a session, has
    closed its end of the socket: there is something to read where nothing was asked. That much is known without a
    round trip, which would cost a hot read as much as its own query.
    """

    _session: Session | None = None

    def fetch(self, statement: str, params: Sequence[Any], *, fixed: bool) -> list[tuple[Any, ...]]:
        """Run a statement; return all its rows. For ``fixed``, see ``Session.fetch``.

        In a transaction, and if somebody listens to the statements, it goes the way of all others.
        """
        self.close_if_health_check_failed()
        if self.in_atomic_block or not self.get_autocommit() or self.execute_wrappers or self.queries_logged:
            with self.cursor() as cursor:
                cursor.execute(statement, params)
                return cursor.fetchall()
        if self._session is None or self._session.connection is not self.connection:
            threshold = self.settings_dict["OPTIONS"].get("prepare_threshold", PREPARE_THRESHOLD)
            self._session = Session(self.connection, prepare_threshold=threshold)
        with self.wrap_database_errors:
            return self._session.fetch(statement, params, fixed=fixed)

    def is_usable(self) -> bool:
        """Say whether queries can be sent. After an error, and if there is unexpected news, by sending one."""
        if not self.errors_occurred and self._is_quiet():
            return True
        return super().is_usable()

    def _is_quiet(self) -> bool:
        """Say whether the connection is open and the server has sent nothing, not even that it hangs up."""
        if self.connection is None or self.connection.closed:
            return False
        news = select.poll()
        news.register(self.connection.fileno(), select.POLLIN)
        return not news.poll(0)
