"""The style guide: every building block of pages, in both themes side by side."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from portal.extensions.icons import KIND_ICONS
from portal.http.pages import PageView

STYLESHEET = "portal/portal.css"
_TOKEN = re.compile(r"^  --([\w-]+): ([^;]+);", re.MULTILINE)
#: Icons that pages use, for choosing the same ones.
ICONS = (
    *(
        "search",
        "filter",
        "star",
        "pencil",
        "trash-2",
        "refresh-cw",
        "copy",
        "external-link",
        "link",
        "settings",
        "bell",
    ),
    *(
        "plus",
        "x",
        "check",
        "chevron-down",
        "arrow-up",
        "arrow-down",
        "ellipsis-vertical",
        "download",
        "upload",
        "info",
    ),
    *("circle-check", "triangle-alert", "circle-x", "history", "network", "panel-left", "keyboard", "megaphone"),
)


class StyleGuideView(PageView):
    """Shows the style guide while the portal is being developed; there is no such page otherwise."""

    template_name = "portal/pages/styleguide.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in development only."""
        if settings.PORTAL_ENV != "development":
            raise Http404("The style guide is there while the portal is being developed: PORTAL_ENV=development.")
        return super().dispatch(request, *args, **kwargs)

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``colours``, ``spaces``, ``sizes`` with values, ``kinds`` with icons, and examples of the rest."""
        tokens = _tokens()
        return {
            "colours": [name for name, value in tokens if value.startswith("light-dark(#")],
            "spaces": [(name, value) for name, value in tokens if re.fullmatch(r"s\d", name)],
            "sizes": [(name, value) for name, value in tokens if name.startswith("size-")],
            "kinds": list(KIND_ICONS.items()),
            "tags": ["java", "machine-learning", "pci"],
            "icons": ICONS,
            "schemes": ("light", "dark"),
        }


@cache
def _tokens() -> list[tuple[str, str]]:
    """Return the custom properties of the stylesheet, as written, so that the page can't say anything else."""
    found = finders.find(STYLESHEET) or settings.STATIC_ROOT / STYLESHEET
    return _TOKEN.findall(Path(str(found)).read_text(encoding="utf-8"))
