"""How much room a text needs, without a browser to ask."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Widths in parts of the size of the type, on the wide side of the fonts that pages are shown in.
_NARROW, _USUAL, _CAPITAL, _BROAD, _FULL = 0.34, 0.58, 0.7, 0.92, 1.05
_WIDTHS = {
    **dict.fromkeys("fijlrtI.,:;|!'()[] -/", _NARROW),
    **dict.fromkeys("mwMW@%&", _BROAD),
}
ELLIPSIS = "…"


def printable(text: str) -> str:
    """Return a text on one line, without characters that are not to be seen but change how others are."""
    if text.isprintable():
        return " ".join(text.split())
    shown = (" " if character.isspace() else character for character in text)
    return " ".join("".join(one for one in shown if unicodedata.category(one) not in {"Cc", "Cf", "Cs"}).split())


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is at a size, in pixels."""
    return sum(map(_width, text)) * size


def shortened(text: str, size: float, width: float) -> str:
    """Return as much of a text as fits, with an ellipsis in place of the rest."""
    if width_of(text, size) <= width:
        return text
    room = width / size - _width(ELLIPSIS)
    for position, character in enumerate(text):
        room -= _width(character)
        if room < 0:
            return text[:position].rstrip() + ELLIPSIS
    return text


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    if character in _WIDTHS:
        return _WIDTHS[character]
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return _FULL
    return _CAPITAL if character.isupper() else _USUAL
