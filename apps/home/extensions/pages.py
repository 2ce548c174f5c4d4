"""The home page."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_noop

from apps.home import routes
from apps.home.views import HomeEditView, HomeView
from portal.extensions import HomePageLayout, HomeWidget, Input, Media, Page

_PLACE = {
    "type": "object",
    "properties": {
        "component": {"type": "string", "minLength": 1},
        "row": {"type": "integer", "minimum": 0},
        "column": {"type": "integer", "minimum": 0},
        "width": {"type": "integer", "minimum": 1, "maximum": 12},
        "height": {"type": "integer", "minimum": 0, "maximum": 12},
        "movable": {"type": "boolean"},
        "deletable": {"type": "boolean"},
        "resizable": {"type": "boolean"},
    },
    "required": ["component"],
}


class HomePage(Page):
    """A page of widgets that each person arranges. As in Backstage it is at ``/home`` unless configured otherwise."""

    path = "/home"
    title = gettext_noop("Home")
    icon = "house"
    route_ref = routes.home
    is_start = True
    view = HomeView
    sub_views = {routes.edit.path: HomeEditView}
    inputs = {
        "widgets": Input(HomeWidget, help="The widgets that people choose from."),
        "layout": Input(
            HomePageLayout,
            singleton=True,
            optional=True,
            help="Arranges the widgets in the place of the page's own grid.",
        ),
    }
    config_schema = {"defaultConfig": {"type": "array", "items": _PLACE, "default": []}}
    media = Media(css=["home/home.css"])

    def doubts(self) -> Iterable[str]:
        """Return which widgets of ``defaultConfig`` there aren't."""
        widgets = self.node.children("widgets")
        names = {widget.id for widget in widgets} | {widget.extension.name or "" for widget in widgets}
        for place in self.config["defaultConfig"]:
            if place["component"] not in names:
                known = ", ".join(sorted(names - {widget.id for widget in widgets}))
                yield f"defaultConfig names the widget '{place['component']}', which isn't there; there are: {known}"
