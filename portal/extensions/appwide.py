"""The blueprints of what holds for the whole interface: words, icons, parts that can be swapped, commands, notes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from portal.extensions.analytics import AnalyticsEvent
from portal.extensions.base import ConfigSchema, Extension, Relative
from portal.extensions.icons import icon_exists
from portal.extensions.inputs import AttachmentPoint
from portal.extensions.page import PageContext

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)
#: The keys of announcements that somebody has put away, separated by dots.
ANNOUNCEMENTS_COOKIE = "portal_announcements"
#: Language to message to translation.
Messages = Mapping[str, Mapping[str, str]]
_MESSAGES = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
}


class Translation(Extension):
    """Words for messages, in one or several languages. They win over those of the catalogues that apps ship.

    ``messages`` maps a language to messages and their translation: ``{"en": {"Settings": "Preferences"}}``. A message
    is the text that templates and code give to gettext. Of two that translate the same, the first in order wins.
    """

    abstract = True
    kind = "translation"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:app/translations", "translations")
    config_schema: ClassVar[ConfigSchema] = {"messages": _MESSAGES}
    config_attributes: ClassVar[tuple[str, ...]] = ("messages",)

    messages: ClassVar[Messages] = {}

    def faults(self) -> Iterable[str]:
        """Return what is wrong; languages are named by their codes."""
        for language in self.messages:
            if not _LANGUAGE.fullmatch(language):
                yield f"its messages are in the language {language!r}; it must be a code such as 'de' or 'pt-br'"


class IconBundle(Extension):
    """Icons by name, for names that there are none of, or other ones for names that there are.

    An icon is the name of a lucide icon, or the path of an SVG among the templates: ``{"rocket": "hello/rocket.svg"}``.
    """

    abstract = True
    kind = "icon-bundle"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:app/icons", "icons")
    config_schema: ClassVar[ConfigSchema] = {"icons": {"type": "object", "additionalProperties": {"type": "string"}}}
    config_attributes: ClassVar[tuple[str, ...]] = ("icons",)

    icons: ClassVar[Mapping[str, str]] = {}

    def faults(self) -> Iterable[str]:
        """Return what is wrong; each icon must be there."""
        for name, icon in self.icons.items():
            if not icon_exists(icon):
                yield f"its icon '{name}' is {icon!r}, which is neither a lucide icon nor an SVG among the templates"


class SwappableComponent(Extension):
    """A part that the portal itself draws and that a module of the core may draw another way, by the same name."""

    abstract = True
    kind = "component"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:app/swappable-components", "components")

    def faults(self) -> Iterable[str]:
        """Return what is wrong; a component has a name and a template."""
        if not self.name or not self.template_name:
            yield "it needs a name and a template"


class AnalyticsImplementation(Extension):
    """Is told what people do: which pages they open, what they click. What it raises is logged and goes no further."""

    abstract = True
    kind = "analytics"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:app/analytics", "implementations")

    def capture(self, event: AnalyticsEvent) -> None:
        """Take note of an event. Called in the request that reports it: hand it on, and don't wait."""
        raise NotImplementedError


class PluginHeaderAction(Extension):
    """Something beside the title of every page of its plugin, such as a button."""

    abstract = True
    kind = "plugin-header-action"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:app/plugin-header-actions", "actions")

    def is_visible(self, page: PageContext) -> bool:
        """Say whether the page is one of its plugin's."""
        return page.node is not None and (self.node.owner_id == page.node.owner_id)


class PluginWrapper(Extension):
    """Something around every page of its plugin. Its template places ``{{ content }}``."""

    abstract = True
    kind = "plugin-wrapper"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:app/plugin-wrapper", "wrappers")

    def is_visible(self, page: PageContext) -> bool:
        """Say whether the page is one of its plugin's."""
        return page.node is not None and self.node.owner_id == page.node.owner_id


class Command(Extension):
    """Something to do from the command palette."""

    abstract = True
    kind = "command"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app-root-element:app/command-palette", "commands")
    config_schema: ClassVar[ConfigSchema] = {"title": {"type": "string", "minLength": 1}}
    config_attributes: ClassVar[tuple[str, ...]] = ("title",)

    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    #: Further words that find it.
    keywords: ClassVar[tuple[str, ...]] = ()
    #: The name of what a script of the extension does, told by the event ``portal:command``. Empty: it leads to
    #: ``href()``.
    action: ClassVar[str] = ""

    def faults(self) -> Iterable[str]:
        """Return what is wrong; a command has a title."""
        if not self.title:
            yield "it has no title"

    def href(self, page: PageContext) -> str | None:
        """Return where it leads. None leaves it out, unless it has an ``action``."""
        return None


class UserMenuItem(Extension):
    """An entry in the menu of the person who is signed in."""

    abstract = True
    kind = "user-menu-item"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app/user-menu", "items")
    template_name = "portal/shell/menu_item.html"

    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""

    def href(self, page: PageContext) -> str | None:
        """Return where it leads. None leaves it out."""
        return None

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return ``href``, ``title`` and ``icon`` for the template."""
        return {"href": self.href(page), "title": self.title, "icon": self.icon}


class Announcement(Extension):
    """A note above every page. People can put it away; it comes back when its text changes."""

    abstract = True
    kind = "announcement"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("app/layout", "announcements")
    config_schema: ClassVar[ConfigSchema] = {
        "title": {"type": "string"},
        "text": {"type": "string", "minLength": 1},
        "severity": {"enum": ["info", "success", "warning", "error"]},
        "url": {"type": "string", "pattern": "^(https?://|/(?!/))"},
        "linkText": {"type": "string"},
    }
    config_attributes: ClassVar[tuple[str, ...]] = ("title", "text", "severity", "url")
    template_name = "portal/shell/announcement.html"

    title: ClassVar[str] = ""
    text: ClassVar[str] = ""
    #: ``info``, ``success``, ``warning`` or ``error``.
    severity: ClassVar[str] = "info"
    #: Where more is to be read; empty for nowhere.
    url: ClassVar[str] = ""

    def is_visible(self, page: PageContext) -> bool:
        """Say whether the person hasn't put it away."""
        return self.key not in page.request.COOKIES.get(ANNOUNCEMENTS_COOKIE, "").split(".")

    @property
    def key(self) -> str:
        """What it is remembered by once it is put away: another text is another announcement."""
        return hashlib.sha256(f"{self.id}\n{self.title}\n{self.text}".encode()).hexdigest()[:12]

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the announcement for the template."""
        return {"announcement": self, "link_text": self.config.get("linkText")}
