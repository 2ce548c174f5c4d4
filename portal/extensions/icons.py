"""Icons by name: those of the lucide package, and those of bundles that plugins and modules bring."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from xml.etree import ElementTree

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.safestring import SafeString
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from portal.extensions.apis import ApiRef
from portal.extensions.registry import ask_api

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
_SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", _SVG)


class IconsApi(ABC):
    """Knows the icons of bundles. Provided by ``api:app/icons``, into which bundles are attached."""

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names that bundles give an icon to."""

    @abstractmethod
    def resolve(self, name: str) -> str:
        """Return what a name stands for: a lucide icon, or the path of an SVG. The name itself if no bundle has it."""


icons_api: ApiRef[IconsApi] = ApiRef("core.icons", IconsApi)


def kind_icon(kind: str) -> str:
    """Return the name of a kind's icon. A bundle draws it another way by Backstage's key, ``kind:component``."""
    key = f"kind:{kind.lower()}"
    return key if _resolve(key) != key else KIND_ICONS.get(kind.lower(), OTHER_KIND_ICON)


@lru_cache(maxsize=1024)
def icon_exists(icon: str) -> bool:
    """Say whether there is such a lucide icon, or an SVG among the templates at that path."""
    if icon.endswith(".svg"):
        return _svg_source(icon) is not None
    try:
        lucide(icon)
    except IconDoesNotExist:
        return False
    return True


def is_known(name: str) -> bool:
    """Say whether there is an icon of that name, in a bundle or otherwise."""
    return icon_exists(_resolve(name))


def render_icon(name: str, *, size: int, css: str = "", label: str = "") -> SafeString:
    """Return the SVG of an icon, or of the fallback. Without a label it is hidden from assistive technology."""
    return _draw(_resolve(name), size, css, label)


def _resolve(name: str) -> str:
    return ask_api(icons_api, lambda api: api.resolve(name), name)


@lru_cache(maxsize=1024)
def _draw(icon: str, size: int, css: str, label: str) -> SafeString:
    attributes = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true", "focusable": "false"}
    if css:
        attributes["class"] = css
    # Both build the element from a tree, so attributes are escaped.
    if not icon_exists(icon):
        return SafeString(lucide(FALLBACK_ICON, size=size, **attributes))
    if icon.endswith(".svg"):
        return _draw_svg(icon, {"width": str(size), "height": str(size), **attributes})
    return SafeString(lucide(icon, size=size, **attributes))


def _draw_svg(path: str, attributes: dict[str, str]) -> SafeString:
    element = ElementTree.fromstring(_svg_source(path) or "")
    for name, value in attributes.items():
        element.set(name, value)
    return SafeString(ElementTree.tostring(element, encoding="unicode"))


def _svg_source(path: str) -> str | None:
    """Return the text of an SVG among the templates, or None if there is none or it isn't one."""
    try:
        source = getattr(getattr(get_template(path), "template", None), "source", None)
    except TemplateDoesNotExist:
        return None
    if not isinstance(source, str):
        return None
    try:
        element = ElementTree.fromstring(source)
    except ElementTree.ParseError:
        return None
    return source if element.tag == f"{{{_SVG}}}svg" else None
