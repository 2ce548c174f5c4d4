"""Pages beside their bars, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bench.pages.bars import BARS, Bar, Figures, broken
from bench.tables import table


def sections(pages: Mapping[str, Figures]) -> Iterator[str]:
    """Yield a table of all pages with the bars in its first row, what is missed, and what moved, where something is."""
    header = ["page", *(" ".join(filter(None, [bar.title, bar.unit])) for bar in BARS), "in first HTML", "bars"]
    yield table(header, [["*at most*", *map(_most, BARS), "yes", ""], *(_row(*page) for page in pages.items())])
    misses = [f"- {name}: {'; '.join(found)}" for name, page in pages.items() if (found := list(broken(name, page)))]
    if misses:
        yield "\n".join(["Missed:", "", *misses])
    moved = [f"- {name}, {what}" for name, page in pages.items() for what in page["moved"]]
    if moved:
        yield "\n".join(["Moved:", "", *moved])


def _most(bar: Bar) -> str:
    """Return a bar's limit as a cell, with the pages that it holds for where it isn't all of them."""
    if bar.most == float("inf"):
        return ""
    return f"*{bar.most:g}*" + (f" ({', '.join(bar.pages)})" if bar.pages else "")


def _row(name: str, page: Figures) -> list[str]:
    shown = [_marked(bar.shown(page), is_met=bar.is_met(page) or not bar.holds_for(name)) for bar in BARS]
    verdict = "missed" if any(broken(name, page)) else "met"
    return [name, *shown, "yes" if page["in_first_html"] else "**no**", verdict]


def _marked(text: str, *, is_met: bool) -> str:
    return text if is_met else f"**{text}**"
