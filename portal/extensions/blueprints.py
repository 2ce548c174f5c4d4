"""The blueprints of the shell: pages and what surrounds them. Those of the catalog are in ``portal.extensions.entity``.

Each is the base class of extensions of one kind, with Backstage's kind, default place, config keys and behaviour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from portal.extensions.base import ConfigSchema, Extension, Relative
from portal.extensions.inputs import AttachmentPoint, Input
from portal.routes.paths import RESERVED, InvalidPath, RoutePath
from portal.routes.refs import RouteRef

if TYPE_CHECKING:
    from django.views.generic import View

_TEXT = {"type": "string", "minLength": 1}


class _Mounted(Extension):
    """What a page and a sub-page have in common: a path, a title, a route ref, and a view."""

    abstract = True
    config_schema: ClassVar[ConfigSchema] = {"path": _TEXT, "title": _TEXT}
    config_attributes: ClassVar[tuple[str, ...]] = ("path", "title")

    #: Backstage's syntax: ``/catalog/:namespace/:kind/:name``. Parameters arrive at the view as keywords.
    path: ClassVar[str] = ""
    #: What navigation, header and document title say. A page's falls back to the plugin's title.
    title: ClassVar[str] = ""
    #: Name of an icon (lucide).
    icon: ClassVar[str] = ""
    #: What other plugins link to. A page without one isn't in the navigation.
    route_ref: ClassVar[RouteRef | None] = None
    #: A subclass of ``portal.http.pages.PageView``.
    view: ClassVar[type[View] | None] = None
    #: Views below the page's path: ``{"/raw": RawView, "/:tab": EntityView}``. Link to them with a ``SubRouteRef``.
    sub_views: ClassVar[Mapping[str, type[View]]] = {}

    def faults(self) -> Iterable[str]:
        """Return what is wrong with path, view and route ref."""
        try:
            path = RoutePath.parse(self.path)
            below = [RoutePath.parse(sub_path) for sub_path in self.sub_views]
        except InvalidPath as error:
            yield str(error)
            return
        for view in (self.view, *self.sub_views.values()):
            if view is not None and not hasattr(view, "page"):
                yield f"its view {view.__name__} isn't a subclass of portal.http.pages.PageView"
        for sub_path in below:
            if set(sub_path.parameters) & set(path.parameters):
                yield f"the path {sub_path} of a sub-view repeats a parameter of {path}"

    @property
    def route_path(self) -> RoutePath:
        """Where it is mounted."""
        return RoutePath.parse(self.path)


class SubPage(_Mounted):
    """A tab of a page of the same plugin, at a path below the page's own."""

    abstract = True
    kind = "sub-page"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = Relative("page", input="pages")

    def faults(self) -> Iterable[str]:
        """Return what is wrong; a tab needs a view and a title."""
        yield from super().faults()
        if self.view is None:
            yield "it has no view"
        if not self.title:
            yield "it has no title for its tab"

    @property
    def own_path(self) -> RoutePath:
        """The path below the page's."""
        return RoutePath.parse(self.path)

    @property
    def route_path(self) -> RoutePath:
        """Where it is mounted: below its page."""
        page = self.node.parent
        if page is None or not isinstance(page.extension, Page):
            raise LookupError(f"sub-page '{self.id}' isn't attached to a page")
        return page.extension.route_path / self.own_path


class Page(_Mounted):
    """A page at a path. It is in the navigation if it has a title, an icon, and a route ref without parameters.

    A page without a view shows its sub-pages as tabs; its own path leads to the first of them.
    """

    abstract = True
    kind = "page"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app/routes", "routes")
    inputs: ClassVar[Mapping[str, Input]] = {"pages": Input(SubPage, help="Tabs of the page, each at a path below it.")}

    #: The keys that lead to it, one after the other: ``g c``. Without, the navigation takes a free letter of the title.
    shortcut: ClassVar[str] = ""
    #: Whether people begin here: it stands first in the navigation, unless ``app.extensions`` lists other pages.
    is_start: ClassVar[bool] = False

    def faults(self) -> Iterable[str]:
        """Return what is wrong; the path must have exactly the parameters of the route ref."""
        faults = list(super().faults())
        yield from faults
        if faults:
            return
        for child in (child for children in self.node.active.values() for child in children):
            below: RoutePath | None = getattr(child.extension, "own_path", None)
            shared = set(self.route_path.parameters) & set(below.parameters) if below is not None else set()
            if shared:
                yield f"the path of '{child.id}' repeats its parameter {', '.join(sorted(shared))}"
        if self.route_path.segments and self.route_path.segments[0] in RESERVED:
            yield f"its path {self.path} begins with '/{self.route_path.segments[0]}', which is the server's own"
        if self.view is None and not self.node.children("pages"):
            yield "it has neither a view nor sub-pages"
        if self.route_ref is not None and set(self.route_ref.params) != set(self.route_path.parameters) - {"rest"}:
            yield (
                f"its path {self.path} must have the parameters of its route ref '{self.route_ref.id}' "
                f"({', '.join(self.route_ref.params) or 'none'})"
            )

    @property
    def nav_title(self) -> str:
        """What the navigation says: the title, else the plugin's."""
        return self.title or self.node.spec.title or self.node.plugin_id

    @property
    def nav_icon(self) -> str:
        """The icon in the navigation: the page's own, else the plugin's."""
        return self.icon or self.node.spec.icon


class NavContent(Extension):
    """The content of the sidebar, in the place of the default one. Its template gets ``nav``, the items to place."""

    abstract = True
    kind = "nav-content"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app/nav", "content")


class Theme(Extension):
    """A theme that people can choose. Its stylesheets are loaded while it is chosen, and may rely on ``data-theme``."""

    abstract = True
    kind = "theme"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:app/app-theme", "themes")

    title: ClassVar[str] = ""
    #: ``light`` or ``dark``: what browsers draw themselves in, and what stands in for it when the choice is left to
    #: them.
    variant: ClassVar[str] = "light"
    icon: ClassVar[str] = ""

    def faults(self) -> Iterable[str]:
        """Return what is wrong; a theme needs a name, a title, and one of the two variants."""
        if not self.name or not self.title:
            yield "it needs a name and a title"
        if self.variant not in {"light", "dark"}:
            yield f"its variant is {self.variant!r}; it must be 'light' or 'dark'"


class SignInPage(Extension):
    """What people see who aren't signed in. Its template gets ``next``, where they wanted to go."""

    abstract = True
    kind = "sign-in-page"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app/root", "signInPage")


class AppRootElement(Extension):
    """Something on every page, outside its layout: a banner, a dialog."""

    abstract = True
    kind = "app-root-element"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app/root", "elements")


class AppRootWrapper(Extension):
    """Something around every page. Its template places ``{{ content }}``."""

    abstract = True
    kind = "app-root-wrapper"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app/root", "wrappers")
