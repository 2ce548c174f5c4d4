"""``discovery.endpoints``: plugins that are somewhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from portal.config import Config

KEY = "discovery.endpoints"
ANY = "*"
SRV_SCHEMES = ("http+srv", "https+srv")
_PLACEHOLDER = re.compile(r"\{\{\s*pluginId\s*\}\}")


@dataclass(frozen=True)
class Targets:
    """The address patterns that apply by plugin id, ``*`` among them."""

    internal: dict[str, str]
    external: dict[str, str]


@lru_cache(maxsize=2)
def read_endpoints(config: Config) -> Targets:
    """Read the list; where two entries name a plugin the later one wins. Raises ``ConfigError`` naming key and rule."""
    internal: dict[str, str] = {}
    external: dict[str, str] = {}
    for entry in config.children(KEY):
        plugins = entry.get_strings("plugins")
        inside, outside = _targets(entry)
        internal |= {plugin: inside for plugin in plugins if inside}
        external |= {plugin: outside for plugin in plugins if outside}
    return Targets(internal, external)


def filled_in(pattern: str, plugin_id: str) -> str:
    """Put the plugin's id in the place of ``{{pluginId}}``."""
    return _PLACEHOLDER.sub(lambda _: quote(plugin_id, safe=""), pattern).rstrip("/")


def _targets(entry: Config) -> tuple[str | None, str | None]:
    if isinstance(entry.get("target"), str):
        return (target := _checked(entry, "target", srv=False)), target
    inside = _checked(entry, "target.internal", srv=True)
    outside = _checked(entry, "target.external", srv=False)
    if not inside and not outside:
        raise entry.error("target", "must be a URL, or an object with internal, external, or both.")
    return inside, outside


def _checked(entry: Config, path: str, *, srv: bool) -> str | None:
    target = entry.get_str(path, default=None)
    if target is None:
        return None
    scheme = urlsplit(target).scheme
    if scheme in SRV_SCHEMES and not srv:
        raise entry.error(path, "must not be an SRV address: only target.internal may be one.")
    if scheme not in {"http", "https", *(SRV_SCHEMES if srv else ())}:
        raise entry.error(path, "must be a URL that starts with http:// or https://.")
    return target
