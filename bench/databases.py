"""Where the measured portal keeps its data, and what the bench asks of it directly.

The bench looks into the catalog's database for three things that no API tells: whether work is left, how many rows
were written, and how long the bare SQL takes (`bench.bare`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bench.conformance import drop_databases
from bench.processes import cpu_seconds, parent_of, tree
from tests.postgresql import start_postgres

#: As the server was set up that Backstage's figures were measured on; the rest is PostgreSQL's defaults.
POSTGRESQL = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "512MB",
}
STATISTICS_SECONDS = 15.0
QUIET_SECONDS = 2.0

Row = tuple[Any, ...]


class Database:
    """One connection to the catalog's database, outside the portal; statements have ``%s`` for parameters."""

    def __init__(self, vendor: str, address: str) -> None:
        """Remember where it is. ``address`` is a URL of PostgreSQL or the path of a SQLite file."""
        self.vendor, self.address = vendor, address
        self._connection: Any = None

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a query; return all its rows. Lists as parameters are for PostgreSQL's ``ANY``."""
        found: list[Row] = self._execute(statement, parameters).fetchall()
        return found

    def number(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Return the only number that a query answers."""
        return int(self.rows(statement, parameters)[0][0])

    def write(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement that changes something; return how many rows it touched."""
        return int(self._execute(statement, parameters).rowcount)

    def waiting(self) -> int:
        """Return how many entities still have to be processed or stitched."""
        due = self.number(
            "SELECT count(*) FROM catalog_refreshstate WHERE next_update_at <= %s", [self.moment(datetime.now(UTC))]
        )
        return due + self.number("SELECT count(*) FROM catalog_stitchrequest")

    def make_all_due(self) -> int:
        """Let every entity be processed again, as if its time had come; return how many there are."""
        past = self.moment(datetime.now(UTC) - timedelta(seconds=1))
        return self.write("UPDATE catalog_refreshstate SET next_update_at = %s", [past])

    def entities_written_since(self, moment: datetime) -> int:
        """Return how many final entities have been written since then."""
        return self.number(
            "SELECT count(*) FROM catalog_finalentity WHERE last_updated_at >= %s", [self.moment(moment)]
        )

    def moment(self, moment: datetime) -> Any:
        """Return a time as the database compares it: SQLite's are texts."""
        return moment if self.vendor == "postgresql" else f"{moment:%Y-%m-%d %H:%M:%S.%f}"

    def rows_written(self) -> dict[str, int] | None:
        """Return the rows inserted, updated and deleted so far, by table; None where the database doesn't count."""
        if self.vendor != "postgresql":
            return None
        query = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables ORDER BY relname"
        last, since, deadline = self.rows(query), time.monotonic(), time.monotonic() + STATISTICS_SECONDS
        # Sessions hand their counts in late.
        while time.monotonic() - since < QUIET_SECONDS and time.monotonic() < deadline:
            time.sleep(0.25)
            found = self.rows(query)
            if found != last:
                last, since = found, time.monotonic()
        return {name: int(count) for name, count in last}

    def tidy(self) -> None:
        """Do what PostgreSQL's autovacuum would have done after a while; it was done to Backstage's as well."""
        if self.vendor == "postgresql":
            self.write("VACUUM ANALYZE")

    def size_mib(self) -> float:
        """Return the size of the database in MiB."""
        if self.vendor == "postgresql":
            size = self.number("SELECT pg_database_size(current_database())")
        else:
            size = sum(path.stat().st_size for path in Path(self.address).parent.glob(f"{Path(self.address).name}*"))
        return size / 2**20

    def cpu_seconds(self) -> float | None:
        """Return the CPU time of the whole PostgreSQL server, if it runs on this machine; None if that isn't seen."""
        if self.vendor != "postgresql" or urlsplit(self.address).hostname not in ("127.0.0.1", "localhost", "::1"):
            return None
        postmaster = parent_of(self.number("SELECT pg_backend_pid()"))
        return cpu_seconds(tree(postmaster)) if postmaster else None

    def version(self) -> str:
        """Return what it is, such as ``PostgreSQL 18.1``."""
        if self.vendor == "postgresql":
            return "PostgreSQL " + str(self.rows("SHOW server_version")[0][0])
        return f"SQLite {sqlite3.sqlite_version}"

    def close(self) -> None:
        """Give the connection back; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _execute(self, statement: str, parameters: Sequence[Any]) -> Any:
        if self._connection is None:
            self._connection = self._connect()
        if self.vendor == "sqlite":
            statement = statement.replace("%s", "?")
        return self._connection.execute(statement, parameters)

    def _connect(self) -> Any:
        if self.vendor == "sqlite":
            return sqlite3.connect(self.address, timeout=30, isolation_level=None)
        import psycopg

        return psycopg.connect(self.address, autocommit=True)


@dataclass(frozen=True)
class Home:
    """Empty databases for one portal: a folder for its files, and what its configuration and environment say."""

    folder: Path
    database: Database
    environment: dict[str, str]
    config: dict[str, Any]


@contextlib.contextmanager
def home(kind: str) -> Iterator[Home]:
    """Give room for a portal's data, on ``sqlite`` or ``postgresql``; it is gone afterwards.

    PostgreSQL is the server that ``DATABASE_URL`` names, or one of our own. Raises ``Unavailable`` if there is none.
    """
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-") as name:
        folder = Path(name)
        environment = {"PORTAL_DATA_DIR": name, "DATABASE_URL": ""}
        if kind == "sqlite":
            database = Database("sqlite", str(folder / "db" / "catalog.sqlite3"))
            yield Home(folder, database, environment, {})
            database.close()
            return
        url, prefix = server_url(), f"bench_{secrets.token_hex(4)}_"
        database = Database("postgresql", urlunsplit(urlsplit(url)._replace(path=f"/{prefix}catalog")))
        try:
            yield Home(folder, database, environment | {"DATABASE_URL": url}, {"database": {"prefix": prefix}})
        finally:
            database.close()
            drop_databases(url, prefix)


def server_url() -> str:
    """Return the address of the PostgreSQL server to measure on; it is started at the first use, once."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        os.environ["DATABASE_URL"] = start_postgres(POSTGRESQL)
    return os.environ["DATABASE_URL"]
