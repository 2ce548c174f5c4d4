"""Measure the catalog and the pages: ``make bench``, or ``python -m bench``; ``--help`` lists the options.

The portal is started as in production on databases of its own, with a made-up catalog, and everything is gone
afterwards but the report: Markdown on standard output, JSON in ``bench/results``. ``--base-url`` measures the reads and
the pages of a portal that runs already.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import phases
from bench.catalog import generate, write
from bench.databases import Database, Home, home
from bench.load import bare_p50, measure, wrk
from bench.pages.measure import measure_own_pages, measure_pages
from bench.portal import ROOT, NotMeasured, OwnPortal, Portal
from bench.processes import others_cpu_seconds
from bench.reads import Read, reads
from bench.report import report
from tests.server import Unavailable

RESULTS = ROOT / "bench" / "results"
PARTS = ("ingestion", "restart", "refresh", "reads", "pages", "growth", "group")
GROWTH_CONNECTIONS = "1"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write. Returns 0, or 2 when something could not be measured."""
    options = options_from(arguments)
    # Told to stop, it still stops what it started and removes the data.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    results: dict[str, Any] = {"name": options.name, "conditions": conditions(options)}
    began, others = time.monotonic(), others_cpu_seconds()
    try:
        if {"reads", "growth"} & set(options.only):
            wrk()
        if options.base_url:
            measure_running(options, results)
        else:
            measure_own(options, results)
    except (NotMeasured, Unavailable) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    finally:
        share = (others_cpu_seconds() - others) / (time.monotonic() - began) / (os.cpu_count() or 1)
        results["conditions"]["taken by others meanwhile"] = f"{share:.0%} of the machine's CPU"
        if set(PARTS) & results.keys():
            keep(options, results)
    return 0


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure the catalog and the pages.")
    add = parser.add_argument
    add("--size", type=int, default=10_000, help="entities of the made-up catalog")
    add("--seed", type=int, default=1, help="another seed makes another catalog")
    add("--catalog", type=Path, help="measure with the catalog of this location file instead")
    add("--database", choices=("sqlite", "postgresql"), default="postgresql")
    add("--only", type=_words, default=list(PARTS), help=f"parts, of {', '.join(PARTS)}; all by default")
    add("--reads", type=_words, default=[], help="only these reads")
    add("--pages", type=_words, default=[], help="only these pages")
    add("--sizes", type=_words, help="further sizes at which growth measures the reads; a tenth of --size by default")
    add("--members", type=int, default=50_000, help="how large the group is")
    add("--processes", type=int, default=1, help="that answer requests")
    add("--workers", type=int, default=0, help="that do background work; with none, those that answer do")
    add("--threads", type=int, default=4, help="of each process")
    add("--connections", type=_words, default=["1", "8"])
    add("--rounds", type=int, default=3, help="the figures are the medians of so many rounds")
    add("--seconds", type=int, default=2, help="length of a round")
    add("--base-url", help="measure the reads and pages of a portal on this machine that runs already")
    add("--token", default="", help="for --base-url: a bearer token")
    add("--pids", type=_words, default=[], help="for --base-url: the portal's first processes, for CPU and memory")
    add("--catalog-database", help="for --base-url: its catalog's database, a URL or a SQLite file, for the bare SQL")
    add("--name", help="of the report, and of its file in bench/results")
    options = parser.parse_args(arguments)
    unknown = set(options.only) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.name = options.name or ("running" if options.base_url else f"{options.database}-{options.size}")
    options.sizes = [int(size) for size in options.sizes or [max(10, options.size // 10)]]
    return options


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def conditions(options: argparse.Namespace) -> dict[str, Any]:
    """Return under which conditions the figures come about."""
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": commit.stdout.strip(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "size": None if options.catalog or options.base_url else options.size,
        "catalog": str(options.catalog or ""),
        "rounds": f"the median of {options.rounds}, of {options.seconds} s or more each",
        "load on the machine before": round(os.getloadavg()[0], 1),
    }


def measure_running(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Measure the reads and the pages of a portal that runs already."""
    portal = Portal(options.base_url, token=options.token, pids=[int(pid) for pid in options.pids])
    results["conditions"]["address"] = portal.base
    database = None
    if address := options.catalog_database:
        database = Database("postgresql" if "://" in address else "sqlite", address)
        results["conditions"]["database"] = database.version()
    results["conditions"]["size"] = portal.total() - 2
    if "reads" in options.only:
        measure_reads(options, portal, database, results)
    if "pages" in options.only:
        collect(measure_pages(portal, options.pages, progress), results)


def measure_own(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Start portals, and measure what was asked for."""
    parts = set(options.only)
    if parts & {"ingestion", "restart", "refresh", "reads", "pages"}:
        measure_catalog(options, results)
    if "growth" in parts:
        measure_growth(options, results)
    if "group" in parts:
        progress(f"a group of {options.members:,}")
        with fresh(options, results) as (portal, place):
            results["group"] = phases.join_large_group(portal, place.database, place.folder, options.members)


def measure_catalog(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Let a portal take in the catalog, and measure that and what comes after on the same databases."""
    parts = set(options.only)
    with fresh(options, results) as (portal, place):
        location = options.catalog or write(generate(options.size, options.seed), place.folder / "catalog")
        progress("ingestion")
        ingestion = phases.ingest(portal, place.database, [location], None if options.catalog else options.size)
        if "ingestion" in parts:
            results["ingestion"] = ingestion
        if "restart" in parts:
            progress("restart")
            results["restart"] = phases.restart(portal, [location])
        if "refresh" in parts:
            progress("refresh")
            # A process that has just started remembers no runs.
            results["refresh"] = [phases.refresh(portal, place.database) for _ in range(2)]
        if "reads" in parts:
            place.database.tidy()
            measure_reads(options, portal, place.database, results)
        if "pages" in parts:
            place.database.tidy()
            collect(measure_own_pages(portal, [location], options.pages, progress), results)


def measure_reads(
    options: argparse.Namespace, portal: Portal, database: Database | None, results: dict[str, Any]
) -> None:
    """Measure each read at each number of connections, and its bare SQL where the database is known."""
    chosen = reads(portal, options.reads)
    found = results["reads"] = {}
    for read in chosen:
        progress(read.name)
        found[read.name] = {
            "connections": {count: measured_at(options, portal, read, count) for count in options.connections},
            "bare_p50": bare_p50(database, read, seconds=options.seconds) if database else None,
        }


def collect(pages: Iterable[tuple[str, dict[str, Any]]], results: dict[str, Any]) -> None:
    """Keep the figures of each page as soon as they are there: a page that can't be measured takes no other along."""
    results["pages"] = {}
    results["pages"].update(pages)


def measured_at(options: argparse.Namespace, portal: Portal, read: Read, connections: str) -> dict[str, Any]:
    """Return the figures of a read at a number of connections."""
    rounds, seconds = options.rounds, options.seconds
    return asdict(measure(portal, read, connections=int(connections), seconds=seconds, rounds=rounds))


def measure_growth(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Measure ingestion and reads at one connection for each size; those of the main catalog are taken over."""
    found = results["growth"] = {}
    if not options.catalog and {"ingestion", "reads"} <= results.keys() and GROWTH_CONNECTIONS in options.connections:
        measured = results["reads"].items()
        reads_at_one = {name: read["connections"][GROWTH_CONNECTIONS] for name, read in measured}
        found[str(options.size)] = {"ingestion": results["ingestion"], "reads": reads_at_one}
    for size in sorted({*options.sizes, options.size} - {int(size) for size in found}):
        progress(f"growth: {size:,} entities")
        with fresh(options, results) as (portal, place):
            location = write(generate(size, options.seed), place.folder / "catalog")
            ingestion = phases.ingest(portal, place.database, [location], size)
            place.database.tidy()
            figures = {
                read.name: measured_at(options, portal, read, GROWTH_CONNECTIONS)
                for read in reads(portal, options.reads)
            }
            found[str(size)] = {"ingestion": ingestion, "reads": figures}


@contextmanager
def fresh(options: argparse.Namespace, results: dict[str, Any]) -> Iterator[tuple[OwnPortal, Home]]:
    """Give a portal that was started once, and stopped, on databases without entities; both are gone afterwards."""
    with home(options.database) as place:
        portal = OwnPortal(place, processes=options.processes, threads=options.threads, workers=options.workers)
        try:
            results.setdefault("first_start_seconds", portal.prepare())
            results["conditions"] |= {"database": place.database.version(), "command": portal.command_shown}
            yield portal, place
        finally:
            portal.stop()


def progress(what: str) -> None:
    """Say what is being measured."""
    print(f"bench: {what} …", file=sys.stderr, flush=True)


def keep(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Write the results as JSON, and print the report."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{options.name}.json"
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(report(results))
    progress(f"written to {file.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
