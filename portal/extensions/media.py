"""The stylesheets and scripts that an extension brings along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Media:
    """Paths below ``static/``: ``Media(css=["hello/card.css"], js=["hello/card.js"])``. Scripts are loaded as
    modules.
    """

    css: Iterable[str] = ()
    js: Iterable[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "css", tuple(self.css))
        object.__setattr__(self, "js", tuple(self.js))

    def __add__(self, other: Media) -> Media:
        """Return both together, each file once, in the order of first mention."""
        return Media(css=dict.fromkeys((*self.css, *other.css)), js=dict.fromkeys((*self.js, *other.js)))

    def __bool__(self) -> bool:
        return bool(self.css or self.js)

    def render(self) -> SafeString:
        """Return the ``<link>`` and ``<script>`` elements for a page's head."""
        return format_html(
            "{}{}",
            format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(path),) for path in self.css)),
            format_html_join("\n", '<script type="module" src="{}"></script>', ((static(path),) for path in self.js)),
        )
