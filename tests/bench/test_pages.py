"""The pages that are measured, the bars that they have to keep to, and how both are shown."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bench.pages.bars import BARS, broken
from bench.pages.choice import pages
from bench.pages.server import Answer, statements
from bench.pages.table import sections
from bench.portal import NotMeasured, Portal

FIGURES: dict[str, Any] = {
    "requests": 12, "html_bytes": 78_000, "asset_bytes": 40_000, "cold_ms": 200.4, "warm_ms": 90.0, "lcp_ms": 180.0,
    "shift": 0, "heap_bytes": 1_250_000, "statements": 4, "server_ms": 6.0, "server_ratio": 2.5,
    "in_first_html": True, "moved": [],
}  # fmt: skip


class KnownPortal(Portal):
    """A portal whose catalog is known: one entity of each kind, which most others are related to."""

    def __init__(self) -> None:
        super().__init__("http://testserver")

    def ask(self, path: str, *, body: Any = None) -> bytes:
        return json.dumps(self.answer(urlsplit(path).path, parse_qs(urlsplit(path).query))).encode()

    def answer(self, path: str, query: dict[str, list[str]]) -> Any:
        if path.endswith("/entity-facets"):
            (facet,) = query["facet"]
            kinds = ("component", "resource", "api", "system", "domain", "group")
            values = [
                {"value": f"{kind}:default/{size}", "count": count}
                for kind in kinds
                for size, count in (("a", 1), ("most", 9))
            ]
            return {"facets": {facet: values}}
        if path.endswith("/by-query"):
            kind = query["filter"][0].partition("=")[2].partition(",")[0]
            return {"items": [{"kind": kind.title(), "metadata": {"name": "First"}}]}
        return {"relations": [{"type": "ownedBy", "targetRef": "group:default/owner"}]}


def test_pages_are_those_of_the_entities_with_the_most_around_them():
    found = {page.name: page for page in pages(KnownPortal())}
    assert found["component"].path == "/catalog/default/component/most"
    assert found["component"].shows == "/catalog/default/group/owner"
    assert found["group"].path == "/catalog/default/group/most"
    assert found["group"].shows == "/catalog/default/user/first"
    assert found["api-definition"].path == "/catalog/default/api/most/definition"
    assert found["graph"].path == "/catalog-graph?rootEntityRefs[]=group:default/most&maxDepth=2"
    assert found["not-found"].status == 404


def test_some_pages_can_be_chosen_and_an_unknown_one_is_named():
    assert [page.name for page in pages(KnownPortal(), ["settings", "home"])] == ["home", "settings"]
    with pytest.raises(NotMeasured, match=r"There is no page hom; there are home, catalog,"):
        pages(KnownPortal(), ["hom"])


def test_figures_within_the_bars_break_none():
    assert list(broken("catalog", FIGURES)) == []


@pytest.mark.parametrize("bar", [bar for bar in BARS if bar.most < float("inf")], ids=lambda bar: bar.figure)
def test_a_figure_above_its_bar_breaks_it(bar):
    figures = FIGURES | {bar.figure: (bar.most + 1) * bar.scale}
    (text,) = broken("catalog", figures)
    assert text.startswith(bar.title)
    assert text.endswith(f"(at most {bar.most:g})")


def test_the_smallest_shift_breaks_its_bar():
    assert list(broken("settings", FIGURES | {"shift": 0.0036})) == ["CLS 0.0036 (at most 0)"]


def test_some_bars_are_the_list_s_only():
    assert list(broken("group", FIGURES | {"html_bytes": 300_000, "server_ratio": 9.0})) == []


def test_what_was_not_measured_breaks_nothing():
    assert list(broken("catalog", FIGURES | {"statements": None})) == []


def test_content_that_scripts_bring_breaks_a_bar():
    assert list(broken("home", FIGURES | {"in_first_html": False})) == ["what it shows isn't in the first HTML"]


def test_statements_are_read_from_a_header():
    assert statements(Answer(200, {"server-timing": 'app;dur=3, sql;desc="7"'}, "", 0.1)) == 7
    assert statements(Answer(200, {}, "", 0.1)) is None


def test_the_table_marks_what_is_missed_and_says_what_moved():
    shifted = FIGURES | {"shift": 0.01, "moved": ["390 px, cold: 0.0100 after 80 ms: <p>"]}
    table, missed, moved = sections({"catalog": FIGURES, "settings": shifted})
    header, _, most, good, bad = table.splitlines()
    assert len({line.count("|") for line in (header, most, good, bad)}) == 1
    assert "| *300* |" in most
    assert "| *100* (catalog) |" in most
    assert good.startswith("| catalog | 12 | 78.0 | 40.0 | 200 |")
    assert good.endswith("| yes | met |")
    assert "| **0.0100** |" in bad
    assert bad.endswith("| yes | missed |")
    assert "- settings: CLS 0.0100 (at most 0)" in missed
    assert "- settings, 390 px, cold: 0.0100 after 80 ms: <p>" in moved
