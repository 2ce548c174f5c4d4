"""Icons by name, from the lucide package."""

from __future__ import annotations

from functools import lru_cache

from django.utils.safestring import SafeString
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

#: Drawn where a name doesn't exist.
FALLBACK_ICON = "puzzle"
#: Backstage's icon keys of the kinds, in lucide's names.
KIND_ICONS = {
    "component": "box",
    "api": "plug",
    "system": "boxes",
    "domain": "network",
    "resource": "database",
    "group": "users",
    "user": "user",
    "template": "layout-template",
    "location": "map-pin",
    "airesource": "bot",
}
OTHER_KIND_ICON = "file-question-mark"


def kind_icon(kind: str) -> str:
    """Return the name of a kind's icon."""
    return KIND_ICONS.get(kind.lower(), OTHER_KIND_ICON)


@lru_cache(maxsize=1024)
def icon_exists(name: str) -> bool:
    """Say whether there is an icon of that name."""
    try:
        lucide(name)
    except IconDoesNotExist:
        return False
    return True


@lru_cache(maxsize=1024)
def render_icon(name: str, *, size: int, css: str = "", label: str = "") -> SafeString:
    """Return the SVG of an icon, or of the fallback. Without a label it is hidden from assistive technology."""
    attributes = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true", "focusable": "false"}
    if css:
        attributes["class"] = css
    # The package builds the element from a tree, so attributes are escaped.
    return SafeString(lucide(name if icon_exists(name) else FALLBACK_ICON, size=size, **attributes))
