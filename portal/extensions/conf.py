"""What ``app-config.yaml`` says about the extension tree."""

from __future__ import annotations

from typing import Any

from portal.config import Key, Section
from portal.errors import ConfigError


class ExtensionsConf(Section):
    """The part of ``app`` that shapes the interface."""

    prefix = "app"

    extensions = Key.json(
        "extensions",
        default=None,
        help="Extensions to enable, disable, move, order and configure: a list of '<id>', {<id>: true|false} or "
        "{<id>: {attachTo, disabled, config}}. Those that are listed come first among their siblings, in this order.",
    )
    bindings = Key.json(
        "routes.bindings",
        default=None,
        help="Where a plugin's external routes lead: a map of external route ref to route ref, or false for nowhere.",
    )
    packages = Key.json(
        "packages",
        default=None,
        help="Whose extensions the interface has: 'all', which is the default, {include: [...]} or {exclude: [...]} "
        "of plugin ids, dotted names of apps, or Backstage's package names.",
    )
    plugin_overrides = Key.json(
        "pluginOverrides",
        default=None,
        help="What is said about plugins in place of what they say: a list of {match: {pluginId, packageName}, info: "
        "{description, ownerEntityRefs, links}}. A text between slashes matches as a regular expression.",
    )


conf = ExtensionsConf()


def stated(name: str) -> Any:
    """Return the value of one of the keys, None where it can't be read: a check says why, and pages go on without."""
    try:
        return getattr(conf, name)
    except ConfigError:
        return None
