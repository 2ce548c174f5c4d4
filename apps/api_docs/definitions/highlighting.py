"""Source code as HTML with classes, by Pygments; its colours are in ``api-docs.css``."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

#: Characters that are highlighted; each gives about seven of HTML.
MAX_HIGHLIGHTED = 60_000
#: Characters that are shown at all. The rest is there to be downloaded.
MAX_SHOWN = 500_000

_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True, classprefix="hl-")


@dataclass(frozen=True, slots=True)
class Source:
    """A text to be shown in ``<pre><code>``: safe HTML, and whether it is all of the text."""

    html: SafeString
    characters: int
    is_cut: bool = False


def source_of(text: str, language: str = "") -> Source:
    """Return a text as HTML, highlighted unless it is long or the language is unknown."""
    shown = text[:MAX_SHOWN]
    lexer = None
    if language and len(shown) <= MAX_HIGHLIGHTED:
        try:
            lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        except ClassNotFound:
            lexer = None
    html = highlight(shown, lexer, _FORMATTER) if lexer else escape(shown)
    return Source(mark_safe(html), len(text), is_cut=len(shown) < len(text))
