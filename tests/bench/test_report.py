from __future__ import annotations

from typing import Any

from bench.report import backstage, backstage_at, report, tables
from bench.tables import number, table

MEMORY = {"rss": 120.0, "pss": None, "processes": [{"rss": 100.0}, {"rss": 20.0}]}
FIGURES = {"rate": 1479.2, "p50": 1.0, "p95": 2.0, "p99": 14.5, "bytes": 2048, "failed": 0, "cpu": None, "peak": None}
RESULTS: dict[str, Any] = {
    "name": "example",
    "conditions": {"size": 10_000, "catalog": "", "database": "PostgreSQL 18"},
}


def rows(text: str, first: str) -> list[list[str]]:
    """Give the cells of the rows that begin so."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith(first)
    ]


def test_a_figure_has_three_digits_that_count():
    assert [number(value) for value in (0.123, 12.34, 123.4, 12345.6, None)] == ["0.12", "12.3", "123", "12,346", "–"]
    assert number(5.0, "s") == "5.00 s"


def test_a_table_has_its_figures_to_the_right():
    assert table(["what", "s"], [["start", "1"]]) == "| what | s |\n| --- | ---: |\n| start | 1 |"


def test_conditions_that_say_nothing_are_left_out():
    text = report(RESULTS)
    assert "- database: PostgreSQL 18" in text
    assert "catalog" not in text


def test_ingestion_is_compared_with_the_published_figures_of_that_size():
    ingestion = {
        "seconds": 9.42, "rate": 1060.0, "peak": 415.0, "cpu_seconds": 5.74, "database_cpu_seconds": None,
        "database_size": 200.0, "memory": MEMORY,
    }  # fmt: skip
    text = report({**RESULTS, "ingestion": ingestion})
    assert rows(text, "| first ingestion") == [["first ingestion, all listed and stitched", "9.42 s", "94.2 s", "10.0"]]
    assert rows(text, "| entities a second") == [["entities a second", "1,060", "106", "10.0"]]
    assert rows(text, "| peak memory") == [["peak memory (RSS)", "415 MiB", "830 MiB", "2.00"]]


def test_reads_are_compared_with_bare_sql_on_one_connection_and_with_backstage_on_each():
    connections = {"1": FIGURES, "8": FIGURES}
    text = report({**RESULTS, "reads": {"by-name": {"connections": connections, "bare_p50": 0.5}}})
    one, eight = rows(text, "| by-name")
    assert one[9:12] == ["0.50", "2.00", "2.00"]
    assert eight[9:12] == ["–", "–", "–"]
    assert eight[12:] == ["740", "2.00", "29.0", "2.00"]


def test_a_size_without_published_figures_is_compared_with_nothing():
    assert backstage_at(123) == {}
    conditions = RESULTS["conditions"] | {"size": 123}
    reads = {"by-name": {"connections": {"8": FIGURES}, "bare_p50": None}}
    (row,) = rows(report({"name": "x", "conditions": conditions, "reads": reads}), "| by-name")
    assert row[12:] == ["–"] * 4


def test_growth_is_the_last_size_over_the_first():
    small = {"ingestion": {"rate": 1000.0, "peak": 100.0}, "reads": {"facets": FIGURES}}
    large = {"ingestion": {"rate": 500.0, "peak": 150.0}, "reads": {"facets": FIGURES | {"p95": 5.0}}}
    text = report({**RESULTS, "growth": {"10000": small, "2000": large, "50000": large}})
    assert rows(text, "| facets") == [["facets, p95 ms", "5.00", "2.00", "5.00", "1.00"]]


def test_written_rows_are_listed_the_most_first():
    assert tables({"a": 1, "c": 2000, "b": 2000}) == "b 2,000, c 2,000, a 1"
    assert tables({}) == "0"


def test_the_published_figures_have_every_read_at_both_numbers_of_connections():
    names = {name for run in backstage()["runs"] for name in run["reads"]}
    assert len(names) == 7
    for run in backstage()["runs"]:
        assert run["reads"].keys() == names
        assert all(read.keys() == {"1", "8"} for read in run["reads"].values())


def test_the_newest_node_is_the_peer():
    assert backstage_at(10_000)["node"].startswith("24.")
