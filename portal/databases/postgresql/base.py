"""Django's PostgreSQL backend, except for how it finds out whether an idle connection still stands."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked ``SELECT 1`` only if there is a reason to doubt it.

    ``CONN_HEALTH_CHECKS`` has every request look at its connections. A server that restarted, or ended a session, has
    closed its end of the socket: there is something to read where nothing was asked. That much is known without a
    round trip, which would cost a hot read as much as its own query.
    """

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
