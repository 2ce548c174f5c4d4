"""Statements handed to libpq as they are: for reads that take less time than psycopg's cursors take to send them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

#: How often a statement is run before the server is asked to keep its plan, if ``prepare_threshold`` doesn't say.
PREPARE_THRESHOLD = 5
#: How many plans the server keeps for a session. Beyond them the one that wasn't used for longest is given up.
MOST_PREPARED = 100
#: How many statements are counted that aren't prepared yet.
MOST_COUNTED = 1000

_NAME_IS_UNKNOWN, _NAME_IS_TAKEN, _PLAN_IS_OUTDATED = b"26000", b"42P05", b"0A000"


class Session:
    """A connection's session of the server, in autocommit mode, and the statements that are prepared in it.

    These are named after their texts. So if a pooler hands this client another session, a name is unknown there or
    means the same.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, prepare_threshold: int | None) -> None:
        """``prepare_threshold`` is psycopg's: None prepares nothing."""
        self.connection = connection
        self._threshold = prepare_threshold
        self._rows = Transformer(connection)
        self._escaping = pq.Escaping(connection.pgconn)
        self._names: dict[str, bytes] = {}
        self._runs: dict[str, int] = {}

    def fetch(self, text: str, params: Sequence[Any], *, fixed: bool) -> list[tuple[Any, ...]]:
        """Run a statement with ``%s`` for its values; return its rows. Raises ``psycopg.Error``.

        ``fixed`` says that its best plan is the same for all values: then it is planned once.
        """
        values = [_written(value) for value in params]
        name = self._prepared(text, len(values)) if fixed and self._threshold is not None else None
        result = self._run(text, values) if name is None else self._run_prepared(name, text, values)
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise self._error(result)
        self._rows.set_pgresult(result)
        return self._rows.load_rows(0, result.ntuples, tuple)

    def _error(self, result: PGresult) -> psycopg.Error:
        if self.connection.pgconn.status == pq.ConnStatus.BAD:
            # What libpq says then has no code to tell what it is.
            return psycopg.OperationalError(result.get_error_message())
        return error_from_result(result)

    def _run(self, text: str, values: Sequence[bytes | None]) -> PGresult:
        """Run a statement with its values written into it: it is planned for them."""
        literals = (b"NULL" if value is None else self._escaping.escape_literal(value) for value in values)
        return self.connection.pgconn.exec_(text.encode() % tuple(literals))

    def _run_prepared(self, name: bytes, text: str, values: list[bytes | None]) -> PGresult:
        result = self.connection.pgconn.exec_prepared(name, values)  # type: ignore[arg-type]  # None is NULL
        if _state(result) not in {_NAME_IS_UNKNOWN, _PLAN_IS_OUTDATED}:
            return result
        self._give_up(text)
        return self._run(text, values)

    def _prepared(self, text: str, values: int) -> bytes | None:
        """Return the name under which the server has a statement, or None as long as it is rarely run."""
        name = self._names.pop(text, None)
        if name is None:
            runs = self._runs.pop(text, 0) + 1
            if runs <= (self._threshold or 0):
                if len(self._runs) >= MOST_COUNTED:
                    self._runs.clear()
                self._runs[text] = runs
                return None
            name = self._prepare(text, values)
        if name is not None:
            # Last is who was used last.
            self._names[text] = name
        return name

    def _prepare(self, text: str, values: int) -> bytes | None:
        server = self.connection.pgconn
        if not self._names:
            # By itself the server would go on planning, or else keep plans made for other statements' values.
            server.exec_(b"SET plan_cache_mode = force_generic_plan")
        elif len(self._names) >= MOST_PREPARED:
            self._give_up(next(iter(self._names)))
        name = b"portal_" + blake2b(text.encode(), digest_size=16).hexdigest().encode()
        numbered = text % tuple(f"${number}" for number in range(1, values + 1))
        result = server.prepare(name, numbered.encode())
        done = result.status == pq.ExecStatus.COMMAND_OK or _state(result) == _NAME_IS_TAKEN
        return name if done else None

    def _give_up(self, text: str) -> None:
        name = self._names.pop(text)
        # It is an error if another session had it. There's nothing to do then.
        self.connection.pgconn.exec_(b"DEALLOCATE " + name)


def _written(value: Any) -> bytes | None:
    """Return a value as PostgreSQL reads it: of text, numbers and ids."""
    if value is None:
        return None
    written = str(value).encode()
    if 0 in written:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return written


def _state(result: PGresult) -> bytes | None:
    return result.error_field(pq.DiagnosticField.SQLSTATE)
