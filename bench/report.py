"""Tables in Markdown, out of the results of a run and beside the published figures of a Backstage.

``python -m bench.report FILE…`` prints those of results that were kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bench.arithmetic import ratio
from bench.pages.table import sections as page_sections
from bench.tables import number, table

BACKSTAGE = Path(__file__).with_name("backstage.json")
Result = Mapping[str, Any]


@cache
def backstage() -> Result:
    """Return the published figures; where each comes from stands in the file."""
    figures: Result = json.loads(BACKSTAGE.read_text(encoding="utf-8"))
    return figures


def backstage_at(size: int | None) -> Result:
    """Return Backstage's figures with a catalog of this size, on the newest Node measured; empty if there are none."""
    return next((run for run in backstage()["runs"] if run["size"] == size), {})


def report(results: Result) -> str:
    """Return the whole report: conditions, then a table for each part that was measured."""
    return "\n\n".join(_sections(results)) + "\n"


def _sections(results: Result) -> Iterator[str]:
    conditions, size = results["conditions"], results["conditions"]["size"]
    yield f"## {results['name']}"
    yield "\n".join(f"- {name}: {value}" for name, value in conditions.items() if value not in (None, "", []))
    if {"ingestion", "restart", "refresh"} & results.keys():
        yield "### Start, ingestion and memory"
        yield table(["what", "Greenroom", "Backstage", "times"], list(_work(results, backstage_at(size))))
    if results.get("reads"):
        yield "### Reads"
        yield table(READS, list(_reads(results["reads"], backstage_at(size).get("reads", {}))))
    if results.get("growth"):
        yield "### Growth, with reads at one connection"
        yield _growth(results["growth"])
    if results.get("pages"):
        yield "### Pages"
        yield from page_sections(results["pages"])
    if "group" in results:
        yield "### One more member of a large group"
        yield table(["what", "figure"], list(_group(results["group"])))


def _work(results: Result, peer: Result) -> Iterator[list[str]]:
    ingestion, theirs = results.get("ingestion"), peer.get("ingestion", {})
    if ingestion:
        first = number(results.get("first_start_seconds"), "s")
        yield ["first start to first answer, tables and static files made", first, "–", "–"]
        yield _less("first ingestion, all listed and stitched", ingestion["seconds"], theirs.get("seconds"), "s")
        rate = ratio(ingestion["rate"], theirs.get("rate"))
        yield ["entities a second", number(ingestion["rate"]), number(theirs.get("rate")), number(rate)]
        yield _less("peak memory (RSS)", ingestion["peak"], theirs.get("peak"), "MiB")
        yield _less("CPU of the portal", ingestion["cpu_seconds"], theirs.get("cpu_seconds"), "s")
        yield ["CPU of PostgreSQL", number(ingestion["database_cpu_seconds"], "s"), "–", "–"]
        yield _less("size of the catalog's database", ingestion["database_size"], theirs.get("database_size"), "MiB")
        yield from _memory("memory after ingestion", ingestion["memory"])
    if "restart" in results:
        quickest = backstage()["restart"]["answered_seconds"][0]
        yield _less("start to first answer, databases exist", results["restart"]["answered_seconds"], quickest, "s")
        yield ["CPU of the portal until then", number(results["restart"]["cpu_seconds"], "s"), "–", "–"]
        yield from _memory("memory after that start", results["restart"]["memory"], backstage()["restart"]["memory"])
    for round_, again in zip(("first", "second"), results.get("refresh", ()), strict=False):
        written = again["rows_written"]
        yield [f"unchanged full refresh, {round_} of a process", number(again["seconds"], "s"), "–", "–"]
        yield ["its CPU of the portal", number(again["cpu_seconds"], "s"), "–", "–"]
        yield ["its CPU of PostgreSQL", number(again["database_cpu_seconds"], "s"), "–", "–"]
        yield ["final entities that it wrote", str(again["entities_written"]), "–", "–"]
        if written is not None:
            yield ["all rows that it wrote, by table", tables(written), "–", "–"]


def _memory(what: str, ours: Result, theirs: Result | None = None) -> Iterator[list[str]]:
    yield _less(f"{what} (RSS)", ours["rss"], (theirs or {}).get("rss"), "MiB")
    yield [f"{what} (PSS)", number(ours["pss"], "MiB"), "–", "–"]
    largest = max((process["rss"] for process in ours["processes"]), default=None)
    yield [f"{what}, of the largest process (RSS)", number(largest, "MiB"), "–", "–"]


def _less(what: str, ours: float, theirs: float | None, unit: str) -> list[str]:
    return [what, number(ours, unit), number(theirs, unit), number(ratio(theirs, ours))]


READS = [
    "read", "connections", "req/s", "p50 ms", "p99 ms", "CPU ms", "KiB", "peak MiB", "failed",
    "SQL p50 ms", "p50 / SQL", "2 SQL + 1 ms", "Backstage req/s", "times", "Backstage p99 ms", "times",
]  # fmt: skip


def _reads(reads: Result, theirs: Result) -> Iterator[list[str]]:
    for name, read in reads.items():
        for connections, ours in read["connections"].items():
            peer = theirs.get(name, {}).get(connections, {})
            # The bare SQL is measured on one connection, and comparable with that only.
            bare = read.get("bare_p50") if connections == "1" else None
            yield [
                name,
                connections,
                number(ours["rate"]),
                number(ours["p50"]),
                number(ours["p99"]),
                number(ours["cpu"]),
                number(ours["bytes"] / 1024),
                number(ours["peak"]),
                str(ours["failed"]),
                number(bare),
                number(ratio(ours["p50"], bare)),
                number(None if bare is None else 2 * bare + 1),
                number(peer.get("rate")),
                number(ratio(ours["rate"], peer.get("rate"))),
                number(peer.get("p99")),
                number(ratio(peer.get("p99"), ours["p99"])),
            ]


def _growth(growth: Result) -> str:
    sizes = sorted(growth, key=int)
    ingestions = [growth[size]["ingestion"] for size in sizes]
    rows = [
        _grown("entities taken in a second", [each["rate"] for each in ingestions]),
        _grown("peak memory then (RSS), MiB", [each["peak"] for each in ingestions]),
    ]
    for name in growth[sizes[0]]["reads"]:
        figures = [growth[size]["reads"][name]["p95"] for size in sizes]
        rows.append(_grown(f"{name}, p95 ms", figures))
    return table(["what", *(f"{int(size):,} entities" for size in sizes), "last / first"], rows)


def _grown(what: str, figures: Sequence[float]) -> list[str]:
    return [what, *map(number, figures), number(ratio(figures[-1], figures[0]))]


def _group(group: Result) -> Iterator[list[str]]:
    yield ["members before", f"{group['members']:,}"]
    yield ["until both ends show it", number(group["visible_seconds"], "s")]
    yield ["CPU of the portal", number(group["cpu_seconds"], "s")]
    if group["rows_written"] is not None:
        yield ["rows written", f"{sum(group['rows_written'].values()):,}"]
        yield ["of these by table", tables(group["rows_written"])]


def tables(written: Mapping[str, int]) -> str:
    """Return counts by table, the most first."""
    counts = sorted(written.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in counts) or "0"


if __name__ == "__main__":
    for file in sys.argv[1:]:
        print(report(json.loads(Path(file).read_text(encoding="utf-8"))))
