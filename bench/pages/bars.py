"""What a page has to keep to, and which pages do.

The bars are about a tenth of what Backstage's web application takes in the same browser on the same two cores: 79
requests and 1,120 kB of scripts for its catalog, rows after 1.5 s with an empty cache and 1.1 s with a full one, 19 MB
of heap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, Any]

KB = 1000
MB = 1000 * KB

#: The page whose HTML, scripts, statements and time on the server have bars of their own.
LIST = "catalog"


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure of a page, and the most that it may be, in ``unit``. It holds for ``pages``; none means all."""

    figure: str
    title: str
    most: float
    unit: str = ""
    scale: float = 1
    digits: int = 0
    pages: Sequence[str] = ()

    def holds_for(self, page: str) -> bool:
        """Say whether the page has to keep to it."""
        return not self.pages or page in self.pages

    def value(self, figures: Figures) -> float | None:
        """Return the figure in the bar's unit; None if it wasn't measured."""
        found = figures.get(self.figure)
        return None if found is None else found / self.scale

    def is_met(self, figures: Figures) -> bool:
        """Say whether the figure is within the bar. One that wasn't measured breaks none."""
        value = self.value(figures)
        return value is None or value <= self.most

    def shown(self, figures: Figures) -> str:
        """Return the figure as a cell of a table."""
        value = self.value(figures)
        return "–" if value is None else f"{value:,.{self.digits}f}"


BARS = (
    Bar("requests", "requests", 12),
    Bar("html_bytes", "HTML", 100, "kB", scale=KB, digits=1, pages=[LIST]),
    Bar("asset_bytes", "JS + CSS on the wire", 100, "kB", scale=KB, digits=1, pages=[LIST]),
    Bar("cold_ms", "ready, cold", 300, "ms"),
    Bar("warm_ms", "ready, warm", 150, "ms"),
    Bar("lcp_ms", "LCP", 400, "ms"),
    Bar("shift", "CLS", 0, digits=4),
    Bar("heap_bytes", "JS heap", 5, "MB", scale=MB, digits=1),
    Bar("statements", "SQL statements", 10, pages=[LIST]),
    Bar("server_ms", "server", float("inf"), "ms", digits=1),
    Bar("server_ratio", "server / API", 3, digits=1, pages=[LIST]),
)


def broken(page: str, figures: Figures) -> Iterator[str]:
    """Yield what a page doesn't keep to, in words."""
    if not figures["in_first_html"]:
        yield "what it shows isn't in the first HTML"
    for bar in BARS:
        if bar.holds_for(page) and not bar.is_met(figures):
            yield " ".join(filter(None, [bar.title, bar.shown(figures), bar.unit, f"(at most {bar.most:g})"]))
