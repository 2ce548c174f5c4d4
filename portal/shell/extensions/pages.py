"""The portal's own pages: signing in, settings, the visualizer, and the style guide."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from portal.extensions import Media, Page, SignInPage, SubPage
from portal.shell import routes, settings_pages, styleguide, visualizer


class GuestSignInPage(SignInPage):
    """Lets people enter as a guest, where guests are let in."""

    template_name = "portal/shell/guest_sign_in.html"


# --- Settings ---


class Settings(Page):
    """What each person may set for themselves."""

    namespace = "user-settings"
    path = "/settings"
    title = gettext_noop("Settings")
    icon = "settings"
    route_ref = routes.settings
    shortcut = "g s"


class GeneralSettings(SubPage):
    """Who one is for the portal, and what it looks like."""

    namespace = "user-settings"
    name = "general"
    path = "/general"
    title = gettext_noop("General")
    icon = "user-round-cog"
    view = settings_pages.GeneralView


class FeatureFlagSettings(SubPage):
    """The feature flags, to be switched."""

    namespace = "user-settings"
    name = "feature-flags"
    path = "/feature-flags"
    title = gettext_noop("Feature flags")
    icon = "flag"
    view = settings_pages.FeatureFlagsView


# --- The visualizer ---


class Visualizer(Page):
    """Shows the extension tree: what is there, who brought it, and what isn't there and why."""

    namespace = "app-visualizer"
    path = "/visualizer"
    title = gettext_noop("Visualizer")
    icon = "network"
    route_ref = routes.visualizer
    media = Media(css=["portal/visualizer.css"])


class VisualizerTree(SubPage):
    """The tree as nested lists."""

    namespace = "app-visualizer"
    name = "tree"
    path = "/tree"
    title = gettext_noop("Tree")
    icon = "list-tree"
    view = visualizer.TreeView


class VisualizerDetailed(SubPage):
    """Each extension with its facts."""

    namespace = "app-visualizer"
    name = "details"
    path = "/detailed"
    title = gettext_noop("Detailed")
    icon = "table-properties"
    view = visualizer.DetailedView


class VisualizerText(SubPage):
    """The tree as text, to copy."""

    namespace = "app-visualizer"
    name = "text"
    path = "/text"
    title = gettext_noop("Text")
    icon = "file-text"
    view = visualizer.TextView


class VisualizerPlugins(SubPage):
    """The plugins: what they are, from which package, whose, and where to read more."""

    namespace = "app-visualizer"
    name = "plugins"
    path = "/plugins"
    title = gettext_noop("Plugins")
    icon = "blocks"
    view = visualizer.PluginsView


# --- For those who build pages ---


class StyleGuide(Page):
    """Shows every building block of pages in both themes, while the portal is being developed."""

    namespace = "styleguide"
    path = "/styleguide"
    title = gettext_noop("Style guide")
    icon = "swatch-book"
    view = styleguide.StyleGuideView
    media = Media(css=["portal/styleguide.css"])
