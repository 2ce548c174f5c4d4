"""What there is to say about a plugin: its package, its version, who owns it, where to read more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from inspect import getdoc
from typing import Any

from django.core.checks import CheckMessage

from portal.entities import is_unsafe_link
from portal.extensions import problems
from portal.extensions.conf import stated
from portal.plugins import PluginConfig, installed_plugins


@dataclass(frozen=True, slots=True)
class PluginLink:
    """A page about a plugin."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """What is known of a plugin. ``package_name`` and ``version`` are empty for one that isn't a package."""

    plugin_id: str
    title: str
    icon: str
    package_name: str = ""
    version: str = ""
    description: str = ""
    owner_entity_refs: tuple[str, ...] = ()
    links: tuple[PluginLink, ...] = ()


def plugin_infos() -> list[PluginInfo]:
    """Return what is known of each installed plugin, after ``app.pluginOverrides``, whose last match wins."""
    overrides, _ = read_overrides(stated("plugin_overrides"))
    return [_overridden(_stated(plugin), overrides) for plugin in installed_plugins()]


@dataclass(frozen=True, slots=True)
class Override:
    """An entry of ``app.pluginOverrides``."""

    match: Mapping[str, str]
    info: Mapping[str, Any]

    def suits(self, info: PluginInfo) -> bool:
        """Say whether it is about a plugin: everything that it names must match."""
        found = {"pluginId": info.plugin_id, "packageName": info.package_name}
        return all(_matches(pattern, found[key]) for key, pattern in self.match.items())


def read_overrides(value: object) -> tuple[list[Override], list[CheckMessage]]:
    """Return the entries of ``app.pluginOverrides`` and what is wrong with the others, which have no effect."""
    if value is None:
        return [], []
    if not isinstance(value, list | tuple):
        return [], [problems.malformed_plugin_override("app.pluginOverrides", "isn't a list")]
    entries: list[Override] = []
    found: list[CheckMessage] = []
    for position, entry in enumerate(value):
        fault = _fault_of(entry)
        if fault:
            found.append(problems.malformed_plugin_override(f"app.pluginOverrides[{position}]", fault))
        else:
            entries.append(Override(entry["match"], entry["info"]))
    return entries, found


def _fault_of(entry: object) -> str:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("match"), Mapping) or not entry["match"]:
        return "names no plugin: it has no match"
    unknown = set(entry["match"]) - {"pluginId", "packageName"}
    if unknown or not all(isinstance(pattern, str) for pattern in entry["match"].values()):
        return "matches by something else than texts for pluginId and packageName"
    for pattern in entry["match"].values():
        if _is_expression(pattern):
            try:
                re.compile(pattern[1:-1])
            except re.error as error:
                return f"matches by {pattern}, which isn't a regular expression: {error}"
    info = entry.get("info")
    if not isinstance(info, Mapping) or not set(info) <= {"description", "ownerEntityRefs", "links"}:
        return "has an info that isn't a map of description, ownerEntityRefs and links"
    return "" if list(_values(info)) or not info else "has an info with a value of the wrong type, or an unsafe address"


def _values(info: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of ``PluginInfo`` that an info states; nothing if a value is of the wrong type."""
    description, owners, links = info.get("description"), info.get("ownerEntityRefs"), info.get("links")
    if not isinstance(description, str | None) or not isinstance(owners, list | tuple | None):
        return
    if not isinstance(links, list | tuple | None) or not all(isinstance(owner, str) for owner in owners or ()):
        return
    if not all(isinstance(link, Mapping) and _is_address(link.get("url")) for link in links or ()):
        return
    if description is not None:
        yield "description", description
    if owners is not None:
        yield "owner_entity_refs", tuple(owners)
    if links is not None:
        yield "links", tuple(PluginLink(str(link.get("title") or link["url"]), link["url"]) for link in links)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and not is_unsafe_link(value)


def _overridden(info: PluginInfo, overrides: list[Override]) -> PluginInfo:
    for override in overrides:
        if override.suits(info):
            info = replace(info, **dict(_values(override.info)))
    return info


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern[1:-1], text) is not None if _is_expression(pattern) else pattern == text


def _is_expression(pattern: str) -> bool:
    return len(pattern) > 2 and pattern[0] == pattern[-1] == "/"


@cache
def _stated(plugin: PluginConfig) -> PluginInfo:
    """Return what a plugin and its package say of themselves."""
    info = PluginInfo(plugin.plugin_id, str(plugin.verbose_name), plugin.icon)
    documented = (getdoc(type(plugin)) or "").partition("\n")[0].replace("``", "")
    info = replace(info, description=documented)
    distributions = packages_distributions().get(plugin.name.partition(".")[0], [])
    try:
        facts = metadata(distributions[0]) if len(distributions) == 1 else None
    except PackageNotFoundError:
        facts = None
    if facts is None:
        return info
    urls = (line.partition(",") for line in facts.get_all("Project-URL") or [])
    links = tuple(PluginLink(title.strip(), url.strip()) for title, _, url in urls if _is_address(url.strip()))
    return replace(info, package_name=facts["Name"], version=facts["Version"], links=links)
