from typing import Any

from portal.extensions import (
    AppRootElement,
    Extension,
    FeatureFlag,
    Input,
    Media,
    Page,
    PageContext,
    SubPage,
)
from tests.testplugin import routes, views

EXPERIMENTS = FeatureFlag("experiments", "Shows what isn't finished.")


class Panel(Extension):
    """A blueprint of the plugin's own."""

    abstract = True
    kind = "panel"
    attach_to = ("page:testplugin", "panels")
    template_name = "testplugin/panel.html"

    text = ""

    def context(self, page: PageContext) -> dict[str, Any]:
        return {"text": self.text}


class RootPage(Page):
    path = "/testplugin"
    title = "Test page"
    icon = "flask-conical"
    route_ref = routes.root
    shortcut = "g t"
    view = views.RootView
    inputs = {"panels": Input(Panel, help="Panels of the test page.")}
    media = Media(css=["testplugin/root.css"], js=["testplugin/root.js"])


class ThingPage(Page):
    """Needs a parameter, so it is no part of the navigation."""

    name = "thing"
    path = "/testplugin/things/:name"
    title = "Thing"
    icon = "box"
    route_ref = routes.thing
    view = views.ThingView
    sub_views = {"/parts/:part": views.ThingView}


class TabbedPage(Page):
    name = "tabbed"
    path = "/testplugin/tabbed"
    title = "Tabbed"


class TabOfTabbed(SubPage):
    """Says where it belongs, for the plugin's page without a name is another one."""

    name = "first"
    path = "/first"
    title = "First tab"
    attach_to = ("page:testplugin/tabbed", "pages")
    view = views.TabView


class FlaggedTab(SubPage):
    name = "flagged"
    path = "/flagged"
    title = "Flagged tab"
    attach_to = ("page:testplugin/tabbed", "pages")
    view = views.TabView
    enabled_if = {"featureFlags": {"$contains": "experiments"}}


class FirstPanel(Panel):
    name = "first"
    text = "First <script>alert(1)</script>"
    media = Media(css=["testplugin/panel.css", "testplugin/root.css"])


class SecondPanel(Panel):
    name = "second"
    text = "Second"
    config_schema = {"text": {"type": "string", "default": "Second"}, "size": {"type": "integer", "default": 1}}
    config_attributes = ("text",)


class BrokenPanel(Panel):
    """Fails when it is rendered."""

    name = "broken"
    disabled = True

    def context(self, page: PageContext) -> dict[str, Any]:
        raise RuntimeError("the panel is <broken>")


class UndecidedPanel(Panel):
    """Fails when it is asked whether it is visible."""

    name = "undecided"
    text = "Undecided"
    disabled = True

    def is_visible(self, page: PageContext) -> bool:
        raise RuntimeError("can't decide")


class HiddenPanel(Panel):
    """Is shown for pages that pass ``show``."""

    name = "hidden"
    text = "Hidden"

    def is_visible(self, page: PageContext) -> bool:
        return bool(page.get("show"))


class Banner(AppRootElement):
    name = "banner"
    disabled = True
    template_name = "testplugin/banner.html"
