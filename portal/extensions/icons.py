"""Icons by name: those of the lucide package, and those of bundles that plugins and modules bring."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.safestring import SafeString

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
    return _source(icon) is not None


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
    element = ElementTree.fromstring(_source(icon) or _source(FALLBACK_ICON) or "")
    element.attrib |= {"width": str(size), "height": str(size), **attributes}
    for part in element.iter():
        # Each line would be a node of its own, of every icon.
        part.text, part.tail = (part.text or "").strip(), (part.tail or "").strip()
    if not icon.endswith(".svg"):
        _join_paths(element)
    # Made from a tree: attributes are escaped. In HTML no namespace needs to be named.
    return SafeString(ElementTree.tostring(element, encoding="unicode").replace(f' xmlns="{_SVG}"', "", 1))


def _join_paths(svg: ElementTree.Element) -> None:
    """Make one path of those of a lucide icon: all are drawn with one pen."""
    paths = [path for path in svg.findall(f"{{{_SVG}}}path") if path.keys() == ["d"]]
    for path in paths[1:]:
        # Where a path begins may be said from where the one before has ended.
        paths[0].attrib["d"] += f"M0 0{path.attrib['d']}"
        svg.remove(path)


def _source(icon: str) -> str | None:
    """Return the text of a lucide icon or of an SVG among the templates, or None if there is none."""
    if icon.endswith(".svg"):
        return _template_source(icon)
    try:
        return _lucide().read(f"{icon}.svg").decode()
    except KeyError:
        return None


@cache
def _lucide() -> ZipFile:
    """Open the archive that the package has its icons in: the package itself does so anew for every icon."""
    # From memory: processes that are forked would move each other's place in a file.
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))


def _template_source(path: str) -> str | None:
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
