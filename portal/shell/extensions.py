"""The core's own extensions: the trunk of the tree, with Backstage's ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.extensions import (
    Api,
    AppRootElement,
    AppRootWrapper,
    Extension,
    Input,
    Media,
    NavContent,
    Page,
    PageContext,
    SignInPage,
    SubPage,
    Theme,
)
from portal.routes import InvalidPath, RoutePath
from portal.routes.nav import nav_items
from portal.shell import routes, visualizer
from portal.shell.themes import AppThemeApi, ThemeChoice, app_theme_api

#: Pages that stand at the sidebar's foot, whatever their order.
NAV_FOOT = ("page:notifications", "page:app-visualizer", "page:user-settings")


class AppNav(Extension):
    """The sidebar."""

    name = "nav"
    attach_to = ("app/layout", "nav")
    inputs = {
        "content": Input(
            NavContent,
            singleton=True,
            optional=True,
            internal=True,
            help="Stands in for the whole content of the sidebar.",
        )
    }
    template_name = "portal/shell/nav.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return ``nav`` (the items to place), ``foot`` (those for the foot) and whether somebody else places them."""
        nav = nav_items(page.request)
        if self.node.child("content") is not None:
            return {"nav": nav, "custom": True}
        foot = [item for item in map(nav.take, NAV_FOOT) if item is not None]
        return {"nav": nav, "foot": foot, "custom": False}


class AppRoutes(Extension):
    """The pages, and redirects from addresses of old."""

    name = "routes"
    attach_to = ("app/layout", "content")
    inputs = {"routes": Input(Page, help="Pages of plugins, each at its path.")}
    config_schema = {
        "redirects": {
            "type": "array",
            "default": [],
            "items": {
                "type": "object",
                "properties": {"from": {"type": "string"}, "to": {"type": "string"}},
                "required": ["from", "to"],
                "additionalProperties": False,
            },
        }
    }

    def faults(self) -> Iterable[str]:
        """Return what is wrong with the redirects."""
        for redirect in self.config["redirects"]:
            try:
                source, target = RoutePath.parse(redirect["from"]), RoutePath.parse(redirect["to"])
            except InvalidPath as error:
                yield f"redirect: {error}"
                continue
            missing = set(target.parameters) - set(source.parameters)
            if missing:
                yield f"redirect: {target} has the parameter {', '.join(sorted(missing))}, which {source} lacks"


class AppLayout(Extension):
    """The arrangement of sidebar and page."""

    name = "layout"
    attach_to = ("app/root", "children")
    inputs = {
        "nav": Input(AppNav, singleton=True, optional=True, help="The sidebar."),
        "content": Input(AppRoutes, singleton=True, help="The pages."),
    }


class AppRoot(Extension):
    """What surrounds the layout."""

    name = "root"
    attach_to = ("app", "root")
    inputs = {
        "signInPage": Input(
            SignInPage, singleton=True, optional=True, internal=True, help="What people see who aren't signed in."
        ),
        "children": Input(AppLayout, singleton=True, help="The layout."),
        "elements": Input(AppRootElement, help="On every page, after the layout."),
        "wrappers": Input(AppRootWrapper, internal=True, help="Around every page, the first outermost."),
    }


class App(Extension):
    """The app."""

    namespace = "app"
    attach_to = ("root", "app")
    inputs = {"root": Input(AppRoot, singleton=True, help="The root of what is seen.")}


class Root(Extension):
    """The root of the tree."""

    namespace = "root"
    inputs = {
        "app": Input(App, singleton=True, help="The app."),
        "apis": Input(Api, help="Utility APIs, shared by all extensions."),
    }


class AppTheme(Api):
    """The themes that people can choose from."""

    name = "app-theme"
    ref = app_theme_api
    inputs = {
        "themes": Input(Theme, internal=True, replaces=(("app", "themes"),), help="Themes, in the order of the switch.")
    }

    def create(self) -> AppThemeApi:
        """Return the attached themes."""
        return _AttachedThemes(self)


class _AttachedThemes(AppThemeApi):
    """The themes that are attached to the extension."""

    def __init__(self, extension: AppTheme) -> None:
        self._extension = extension

    def choices(self) -> list[ThemeChoice]:
        """Return them in order."""
        themes = (node.extension for node in self._extension.node.children("themes"))
        return [ThemeChoice(theme.name or "", theme.title, theme.icon) for theme in themes if isinstance(theme, Theme)]


class LightTheme(Theme):
    """Dark on light."""

    name = "light"
    title = "Light"
    variant = "light"
    icon = "sun"


class DarkTheme(Theme):
    """Light on dark."""

    name = "dark"
    title = "Dark"
    variant = "dark"
    icon = "moon"


class GuestSignInPage(SignInPage):
    """Lets people enter as a guest, where guests are let in."""

    template_name = "portal/shell/guest_sign_in.html"


class Visualizer(Page):
    """Shows the extension tree: what is there, who brought it, and what isn't there and why."""

    namespace = "app-visualizer"
    path = "/visualizer"
    title = "Visualizer"
    icon = "network"
    route_ref = routes.visualizer
    media = Media(css=["portal/visualizer.css"])


class VisualizerTree(SubPage):
    """The tree as nested lists."""

    namespace = "app-visualizer"
    name = "tree"
    path = "/tree"
    title = "Tree"
    icon = "list-tree"
    view = visualizer.TreeView


class VisualizerDetailed(SubPage):
    """Each extension with its facts."""

    namespace = "app-visualizer"
    name = "details"
    path = "/detailed"
    title = "Detailed"
    icon = "table-properties"
    view = visualizer.DetailedView


class VisualizerText(SubPage):
    """The tree as text, to copy."""

    namespace = "app-visualizer"
    name = "text"
    path = "/text"
    title = "Text"
    icon = "file-text"
    view = visualizer.TextView
