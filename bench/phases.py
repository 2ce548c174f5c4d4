"""The parts of a measurement: start, ingestion, refresh, one change in a large group. The reads are in `bench.load`."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ryaml

from bench.arithmetic import difference
from bench.catalog import member, members, write
from bench.databases import Database
from bench.portal import NotMeasured, OwnPortal, Portal
from bench.processes import Watch, memory

POLL_SECONDS = 0.2
QUIET_SECONDS = 2.0
#: A catalog that gets on slower than this many entities a second isn't waited for.
SLOWEST_RATE = 20
SHORTEST_PATIENCE = 120.0
VISIBLE_SECONDS = 120.0

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, and the CPU time that the portal and the database server had taken by then; None: not seen."""

    at: float
    cpu: float
    database_cpu: float | None

    @classmethod
    def now(cls, portal: Portal, database: Database) -> Mark:
        """Return the mark of this moment."""
        return cls(time.monotonic(), portal.cpu_seconds(), database.cpu_seconds())

    def since(self, began: Mark) -> Result:
        """Return what was spent between two marks, in seconds."""
        known = self.database_cpu is not None and began.database_cpu is not None
        spent = (self.database_cpu or 0.0) - (began.database_cpu or 0.0)
        return {
            "seconds": self.at - began.at,
            "cpu_seconds": self.cpu - began.cpu,
            "database_cpu_seconds": spent if known else None,
        }


def memory_of(portal: Portal) -> Result:
    """Return the memory of a portal's processes, in MiB, together and each."""
    found = memory(portal.pids())
    pss = [each.pss for each in found]
    return {
        "rss": sum(each.rss for each in found),
        "pss": sum(value for value in pss if value is not None) if None not in pss else None,
        "processes": [asdict(each) for each in found],
    }


def ingest(portal: OwnPortal, database: Database, locations: Sequence[Path], size: int | None) -> Result:
    """Start a portal on empty databases and these locations; return what it took until all is listed and stitched.

    ``size`` is the number of entities in the files; None if that isn't known: what is there in the end counts then.
    """
    idle = Mark(time.monotonic(), 0.0, database.cpu_seconds())
    with Watch(portal.roots) as watch:
        answered = portal.start(locations)
        # Beside the entities there are at least two locations: the one in the configuration, and what its file says.
        end = settled(portal, database, at_least=size + 2 if size else 3)
    total = portal.total()
    spent = end.since(idle)
    return spent | {
        "answered_seconds": answered,
        "entities": total,
        "rate": total / spent["seconds"],
        "peak": watch.peak,
        "memory": memory_of(portal),
        "database_size": database.size_mib(),
    }


def restart(portal: OwnPortal, locations: Sequence[Path]) -> Result:
    """Stop a portal and start it anew on the databases that it has."""
    portal.stop()
    answered = portal.start(locations)
    cpu = portal.cpu_seconds()
    time.sleep(QUIET_SECONDS)
    return {"answered_seconds": answered, "cpu_seconds": cpu, "memory": memory_of(portal)}


def refresh(portal: Portal, database: Database) -> Result:
    """Let everything be processed again though nothing has changed; return what that cost and how much was written."""
    settled(portal, database)
    moment, rows_before, began = datetime.now(UTC), database.rows_written(), Mark.now(portal, database)
    entities = database.make_all_due()
    end = settled(portal, database)
    rows_after = database.rows_written()
    written = None
    if rows_before is not None and rows_after is not None:
        # What the bench itself did isn't the portal's.
        rows_before["catalog_refreshstate"] = rows_before.get("catalog_refreshstate", 0) + entities
        written = difference(rows_after, rows_before)
    return end.since(began) | {
        "entities": entities,
        "entities_written": database.entities_written_since(moment),
        "rows_written": written,
    }


def join_large_group(portal: OwnPortal, database: Database, folder: Path, size: int) -> Result:
    """Take in a group of ``size`` members, let one user more belong to it, and return what that cost.

    Visible is it when both ends show it: the user is found by the group, and the group by the user.
    """
    newcomer = folder / "newcomer.yaml"
    newcomer.write_text(ryaml.dumps(member("newcomer", [])), encoding="utf-8")
    ingest(portal, database, [write(members(size), folder), newcomer], size + 2)
    rows_before, began = database.rows_written(), Mark.now(portal, database)
    newcomer.write_text(ryaml.dumps(member("newcomer", ["everybody"])), encoding="utf-8")
    portal.ask("/api/catalog/refresh", body={"entityRef": "user:default/newcomer"})
    filters = [
        "kind=user,metadata.name=newcomer,relations.memberof=group:default/everybody",
        "kind=group,metadata.name=everybody,relations.hasmember=user:default/newcomer",
    ]
    for each in filters:
        _until_found(portal, each)
    visible = time.monotonic() - began.at
    end = settled(portal, database)
    rows_after = database.rows_written()
    written = difference(rows_after, rows_before) if rows_after is not None and rows_before is not None else None
    return end.since(began) | {"members": size, "visible_seconds": visible, "rows_written": written}


def settled(portal: Portal, database: Database, *, at_least: int = 0) -> Mark:
    """Wait until so many entities are listed and none waits to be processed or stitched; return when that began.

    Entities that a worker has taken up don't wait, so quiet counts only after ``QUIET_SECONDS`` of it. Raises
    ``NotMeasured`` if it doesn't come to that.
    """
    deadline = time.monotonic() + max(SHORTEST_PATIENCE, at_least / SLOWEST_RATE)
    listed = at_least == 0
    quiet: Mark | None = None
    while True:
        listed = listed or portal.total() >= at_least
        if not listed or database.waiting():
            quiet = None
        elif quiet is None:
            quiet = Mark.now(portal, database)
        elif time.monotonic() - quiet.at >= QUIET_SECONDS:
            return quiet
        if time.monotonic() > deadline:
            raise NotMeasured(
                f"The catalog isn't settled: {portal.total()} entities of {at_least} are listed, "
                f"{database.waiting()} wait to be processed or stitched."
            )
        time.sleep(POLL_SECONDS)


def _until_found(portal: Portal, filter: str) -> None:
    deadline = time.monotonic() + VISIBLE_SECONDS
    path = f"/api/catalog/entities/by-query?limit=0&filter={quote(filter, safe='=,')}"
    while not json.loads(portal.ask(path))["totalItems"]:
        if time.monotonic() > deadline:
            raise NotMeasured(f"Nothing is found by {filter} after {VISIBLE_SECONDS:.0f} s.")
        time.sleep(0.05)
