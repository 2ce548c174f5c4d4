"""Where people find help, by ``app.support``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.config.sections import AppConf
from portal.errors import ConfigError
from portal.extensions.icons import is_known
from portal.services import logger

#: Backstage's keys of icons, in lucide's names; those that lucide has by the same name aren't here.
ICONS = {
    "chat": "message-circle",
    "docs": "file-text",
    "email": "mail",
    "group": "users",
    "help": "circle-question-mark",
    "warning": "triangle-alert",
}
OTHER_ICON = "circle-question-mark"


@dataclass(frozen=True, slots=True)
class SupportLink:
    """A link of the support."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class SupportItem:
    """A kind of support: a chat, a page, a mailbox."""

    title: str
    icon: str
    links: tuple[SupportLink, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """All of it; ``url`` is where to begin. Empty if nothing is configured."""

    url: str = ""
    items: tuple[SupportItem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.url or self.items)


def support() -> Support:
    """Return the configured support; none if the configuration has a mistake, of which the checks speak."""
    try:
        found: Mapping[str, Any] = AppConf().support
    except ConfigError as error:
        logger.for_plugin("app").warning("The support can't be shown", error=str(error))
        return Support()
    return Support(found.get("url", ""), tuple(map(_item, found.get("items", ()))))


def _item(entry: Mapping[str, Any]) -> SupportItem:
    key = entry.get("icon", "")
    icon = ICONS.get(key, key)
    links = [SupportLink(link["url"], link.get("title") or link["url"]) for link in entry.get("links", ())]
    return SupportItem(entry["title"], icon if icon and is_known(icon) else OTHER_ICON, tuple(links))
