"""What is on every page: toasts, the command palette, the help on keys, announcements; and the user menu's entries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from portal.entities import parse_ref
from portal.errors import InputError
from portal.extensions import (
    Announcement,
    AppRootElement,
    Command,
    Input,
    Media,
    Page,
    PageContext,
    PluginHeaderAction,
    SubPage,
    UserMenuItem,
)
from portal.extensions.identity import identity_of
from portal.routes.urls import link_for
from portal.shell import routes
from portal.shell.support import support

# --- Toasts ---


class AlertDisplay(AppRootElement):
    """Shows toasts: those of the last request, and those of scripts."""

    name = "alert-display"
    config_schema = {
        "transientTimeoutMs": {"type": "integer", "minimum": 1000, "default": 5000},
        "anchorOrigin": {
            "type": "object",
            "default": {},
            "properties": {
                "horizontal": {"enum": ["left", "center", "right"]},
                "vertical": {"enum": ["top", "bottom"]},
            },
            "additionalProperties": False,
        },
    }
    template_name = "portal/shell/toasts.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return ``timeout`` in milliseconds, and where they stand."""
        anchor = self.config["anchorOrigin"]
        return {
            "timeout": self.config["transientTimeoutMs"],
            "horizontal": anchor.get("horizontal", "right"),
            "vertical": anchor.get("vertical", "bottom"),
        }


# --- Support ---


class SupportButton(PluginHeaderAction):
    """Says where people find help, beside the titles of pages that aren't about a single thing, of whatever plugin."""

    name = "support"
    template_name = "portal/shell/support.html"
    media = Media(css=["portal/support.css"])

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return ``support``."""
        return {"support": support()}

    def is_visible(self, page: PageContext) -> bool:
        """Say whether there is support, and the page has an address of its own."""
        extension = page.node.extension if page.node is not None else None
        return isinstance(extension, Page | SubPage) and not extension.route_path.parameters and bool(support())


# --- The command palette ---


class CommandPalette(AppRootElement):
    """Finds pages, entities and things to do by typing."""

    name = "command-palette"
    inputs = {"commands": Input(Command, help="Things to do from the palette, beside pages and entities.")}
    template_name = "portal/shell/palette.html"


class UseLightTheme(Command):
    """Chooses the light theme."""

    name = "light-theme"
    title = gettext_noop("Use the light theme")
    icon = "sun"
    keywords = ("appearance", "colours")
    action = "theme:light"


class UseDarkTheme(Command):
    """Chooses the dark theme."""

    name = "dark-theme"
    title = gettext_noop("Use the dark theme")
    icon = "moon"
    keywords = ("appearance", "colours", "night")
    action = "theme:dark"


class UseSystemTheme(Command):
    """Leaves the choice of the theme to the system."""

    name = "system-theme"
    title = gettext_noop("Use the system's theme")
    icon = "monitor"
    keywords = ("appearance", "colours", "automatic")
    action = "theme:auto"


class CollapseSidebar(Command):
    """Collapses the sidebar, or pins it."""

    name = "sidebar"
    title = gettext_noop("Collapse or pin the sidebar")
    icon = "panel-left"
    keywords = ("navigation", "menu")
    action = "sidebar"


class KeyboardHelp(Command):
    """Shows the keys."""

    name = "keys"
    title = gettext_noop("Keyboard shortcuts")
    icon = "keyboard"
    keywords = ("help",)

    def href(self, page: PageContext) -> str:
        """Lead to the list of keys."""
        return reverse("shortcuts")


# --- Help ---


class HelpDialog(AppRootElement):
    """Lists the keys, on the key ``?``."""

    name = "help-dialog"
    template_name = "portal/shell/help_dialog.html"


# --- Announcements ---


class ConfiguredAnnouncement(Announcement):
    """An announcement that ``app-config.yaml`` states: ``{text, title, severity, url, linkText}``."""

    name = "configured"
    disabled = True

    def faults(self) -> Iterable[str]:
        """Return what is wrong; an announcement says something."""
        yield from super().faults()
        if not self.text:
            yield "its config has no text"


# --- The user menu ---


class ProfileItem(UserMenuItem):
    """Leads to the person's entity."""

    name = "profile"
    title = gettext_noop("Profile")
    icon = "user"

    def is_visible(self, page: PageContext) -> bool:
        """Say whether there is such a page."""
        return self.href(page) is not None

    def href(self, page: PageContext) -> str | None:
        """Return the entity's page."""
        identity = identity_of(page.request)
        if identity is None:
            return None
        try:
            ref = parse_ref(identity.user_entity_ref, default_kind="user")
        except InputError:
            return None
        return link_for(page.request, "catalog.catalogEntity", **ref._asdict())


class SettingsItem(UserMenuItem):
    """Leads to the settings."""

    name = "settings"
    title = gettext_noop("Settings")
    icon = "settings"

    def href(self, page: PageContext) -> str | None:
        """Return the page of settings."""
        return link_for(page.request, routes.settings)


class ShortcutsItem(UserMenuItem):
    """Shows the keys."""

    name = "shortcuts"
    title = gettext_noop("Keyboard shortcuts")
    icon = "keyboard"
    template_name = "portal/shell/shortcuts_item.html"

    def href(self, page: PageContext) -> str:
        """Return the list of keys, for browsers without scripts."""
        return reverse("shortcuts")
