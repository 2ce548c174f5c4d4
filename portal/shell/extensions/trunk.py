"""The trunk of the tree, with Backstage's ids: what every page hangs from, and the sidebar."""

from __future__ import annotations

from typing import Any

from portal.extensions import (
    Announcement,
    Api,
    AppRootElement,
    AppRootWrapper,
    Extension,
    Input,
    NavContent,
    Page,
    PageContext,
    SignInPage,
    UserMenuItem,
    visible_children,
)
from portal.routes.nav import nav_items

#: Pages that stand at the sidebar's foot, whatever their order.
NAV_FOOT = ("page:notifications", "page:app-visualizer", "page:user-settings")
#: Items of the bar at a phone's foot; the others are behind "More".
BAR_ITEMS = 4


class UserMenu(Extension):
    """The menu of the person who is signed in, at the sidebar's foot."""

    name = "user-menu"
    attach_to = ("app/nav", "userMenu")
    inputs = {"items": Input(UserMenuItem, help="Entries of the menu, in order.")}
    template_name = "portal/shell/user_menu.html"


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
        ),
        "userMenu": Input(UserMenu, singleton=True, optional=True, help="The menu of the person who is signed in."),
    }
    template_name = "portal/shell/nav.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return ``nav`` (the items to place) and ``custom``, whether somebody else places them. If nobody does, also
        ``foot`` (those for the sidebar's foot), and ``bar`` and ``more`` for a phone.
        """
        nav = nav_items(page.request)
        if visible_children(self.node, "content", page):
            return {"nav": nav, "custom": True}
        foot = tuple(item for item in map(nav.take, NAV_FOOT) if item is not None)
        items = tuple(nav)
        return {"nav": items, "foot": foot, "bar": items[:BAR_ITEMS], "more": items[BAR_ITEMS:], "custom": False}


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


class AppLayout(Extension):
    """The arrangement of sidebar and page."""

    name = "layout"
    attach_to = ("app/root", "children")
    inputs = {
        "nav": Input(AppNav, singleton=True, optional=True, help="The sidebar."),
        "content": Input(AppRoutes, singleton=True, help="The pages."),
        "announcements": Input(Announcement, help="Notes above every page."),
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
