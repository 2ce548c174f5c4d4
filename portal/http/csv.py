"""Tables as text that spreadsheets open, and don't run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

#: Spreadsheets take a text that begins so for a formula, and run it; the last four are the wide forms of the first.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Rows are gathered to pieces of this many.
ROWS = 200


class _Line:
    """What ``csv`` writes to: it hands back each line."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_pieces(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table as CSV, while its rows are read. A cell that would run as a formula gets a ``'`` before it."""
    writer = csv.writer(_Line())
    lines: list[str] = []
    for row in rows:
        lines.append(writer.writerow([harmless(cell) for cell in row]))
        if len(lines) >= ROWS:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def harmless(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
