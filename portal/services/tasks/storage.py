"""Where huey keeps its queue: in the plugin's database, if it can."""

from __future__ import annotations

import threading
from typing import Any

import orjson
from django.db import connections
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BaseStorage, MemoryStorage, PostgresStorage, SqliteStorage

POSTGRESQL_PREFIX = "portal_huey"
#: Seconds between looks into a queue that other processes write to.
POLL_SECONDS = 1.0


def storage_for(alias: str) -> tuple[type[BaseStorage], dict[str, Any]]:
    """Return huey's storage class and its options for a database alias.

    SQLite in memory, and databases that huey doesn't know, get a queue in the process's memory: what other
    processes ask for is then found in its row, some seconds later.
    """
    connection = connections[alias]
    match connection.vendor:
        case "sqlite" if not connection.is_in_memory_db():  # type: ignore[attr-defined]
            options = {
                "filename": str(connection.settings_dict["NAME"]),
                "timeout": connection.settings_dict["OPTIONS"].get("timeout", 20),
            }
            return WakingSqliteStorage, options
        case "postgresql":
            return PostgresStorage, {
                "connection": lambda: _connect_postgresql(alias),
                "table_prefix": POSTGRESQL_PREFIX,
                "read_timeout": POLL_SECONDS,
            }
    return WakingMemoryStorage, {}


class Waking:
    """Lets a consumer sleep until something is put into the queue by this process, or a second has passed."""

    blocking = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._changed = threading.Condition()
        self._changes = 0
        super().__init__(*args, **kwargs)

    def wake(self) -> None:
        """Let every consumer look."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Put a message into the queue and wake the consumers."""
        super().enqueue(data, priority)  # type: ignore[misc]
        self.wake()

    def dequeue(self) -> bytes | None:
        """Take a message, waiting a moment for one."""
        seen = self._changes
        found: bytes | None = super().dequeue()  # type: ignore[misc]
        if found is None:
            with self._changed:
                self._changed.wait_for(lambda: self._changes != seen, POLL_SECONDS)
            found = super().dequeue()  # type: ignore[misc]
        return found


class WakingSqliteStorage(Waking, SqliteStorage):
    """A queue in a SQLite file."""


class WakingMemoryStorage(Waking, MemoryStorage):
    """A queue in memory."""


class JsonSerializer(Serializer):
    """Writes messages as JSON: a database is no place for pickles, which run as code when they are read."""

    def _serialize(self, data: Any) -> bytes:
        return orjson.dumps(list(data))

    def _deserialize(self, data: bytes) -> Any:
        return Message(*orjson.loads(bytes(data)))


def _connect_postgresql(alias: str) -> Any:
    import psycopg
    from psycopg import sql

    parameters = connections[alias].get_connection_params()
    role = parameters.pop("assume_role", None)
    for django_only in ("context", "cursor_factory", "server_side_binding", "pool", "isolation_level"):
        parameters.pop(django_only, None)
    connection = psycopg.connect(**parameters, autocommit=True)
    if role:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    return connection
