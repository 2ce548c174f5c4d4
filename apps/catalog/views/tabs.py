"""The tabs of an entity's page: its contents, gathered in groups as Backstage does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop

from portal.extensions import EntityContent, Node
from portal.extensions.language import translated

#: Backstage's groups, in the order of their tabs.
DEFAULT_GROUPS: list[dict[str, Any]] = [
    {"overview": {"title": gettext_noop("Overview")}},
    {"documentation": {"title": gettext_noop("Documentation")}},
    {"development": {"title": gettext_noop("Development")}},
    {"deployment": {"title": gettext_noop("Deployment")}},
    {"operation": {"title": gettext_noop("Operation")}},
    {"observability": {"title": gettext_noop("Observability")}},
]


@dataclass(frozen=True, slots=True)
class Tab:
    """A content of the entity's page, and the address below the entity's own where it is."""

    node: Node
    title: str
    icon: str
    url: str
    is_current: bool = False


@dataclass(slots=True)
class TabGroup:
    """A place in the row of tabs: one tab, or several under the title of their group."""

    title: str
    icon: str = ""
    tabs: list[Tab] = field(default_factory=list)

    @property
    def is_current(self) -> bool:
        """Whether one of its tabs is shown."""
        return any(tab.is_current for tab in self.tabs)

    @property
    def single(self) -> Tab | None:
        """The tab that stands for itself, or None if there are several."""
        return self.tabs[0] if len(self.tabs) == 1 else None


def find_content(contents: Iterable[Node], rest: str) -> Node | None:
    """Return the content at an address below the entity's own, the more specific path first; None if there is none."""
    ordered = sorted(contents, key=lambda node: content_of(node).own_path.sort_key)
    for node in ordered:
        if re.match(content_of(node).own_path.regex(), rest.strip("/")):
            return node
    return None


def first_content(
    contents: Sequence[Node], *, groups: Sequence[Mapping[str, Any]], order: str = "title"
) -> Node | None:
    """Return the content of the first tab, for an entity's own address where no content claims it."""
    tabs = grouped_tabs(contents, base_url="", current=None, groups=groups, order=order)
    return tabs[0].tabs[0].node if tabs else None


def content_of(node: Node) -> EntityContent:
    """Return the extension of a node that is attached as a content."""
    extension = node.extension
    if not isinstance(extension, EntityContent):
        raise LookupError(f"'{node.id}' isn't a content of an entity's page")
    return extension


def grouped_tabs(
    contents: Sequence[Node],
    *,
    base_url: str,
    current: Node | None,
    groups: Sequence[Mapping[str, Any]],
    order: str = "title",
) -> list[TabGroup]:
    """Return the tabs in their groups, in the order of the groups; contents of no known group follow, each on its own.

    ``groups`` is Backstage's config of ``page:catalog/entity``: ``[{id: {title, icon?, aliases?, contentOrder?}}]``.
    Within a group tabs are in order of title, or with ``natural`` as they are attached.
    """
    known: dict[str, TabGroup] = {}
    orders: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for entry in groups:
        for group_id, options in entry.items():
            known[group_id] = TabGroup(
                translated(options.get("title") or group_id.capitalize()), options.get("icon", "")
            )
            orders[group_id] = options.get("contentOrder") or order
            aliases |= dict.fromkeys([group_id, *options.get("aliases", [])], group_id)
    alone: list[TabGroup] = []
    for node in contents:
        tab = _tab(node, base_url, is_current=node is current)
        group_of_tab = aliases.get(str(content_of(node).group or ""))
        if group_of_tab is None:
            alone.append(TabGroup(tab.title, tab.icon, [tab]))
        else:
            known[group_of_tab].tabs.append(tab)
    for group_id, group in known.items():
        if orders[group_id] == "title":
            group.tabs.sort(key=lambda tab: tab.title.casefold())
    return [*(group for group in known.values() if group.tabs), *alone]


def _tab(node: Node, base_url: str, *, is_current: bool) -> Tab:
    content = content_of(node)
    path = str(content.own_path).removesuffix("/*")
    url = base_url if path == "/" else f"{base_url}{path}"
    return Tab(node, translated(content.title), content.icon, url, is_current)
