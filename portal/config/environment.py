"""Configuration in environment variables: ``APP_CONFIG_app_title='"My portal"'`` sets ``app.title``."""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

from portal.config.sources import Layer, Source, config_error
from portal.config.tree import JsonObject, JsonValue, KeyPath, describe_type

PREFIX = "APP_CONFIG_"
_PART = re.compile(r"[a-z][a-z0-9]*(?:[-_:][a-z0-9]+)*", re.IGNORECASE)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Return the layer of all ``APP_CONFIG_`` variables.

    What follows the prefix is the path, its parts joined by ``_`` and as case-sensitive as the keys. The value is
    JSON, or failing that a string; an empty one doesn't count. Raise ``ConfigError`` for a bad name, for null, and
    for two variables that contradict each other.
    """
    layer = Layer("environment variables", {})
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and environ[variable]:
            _set(layer, variable, environ[variable])
    return layer


def _set(layer: Layer, variable: str, text: str) -> None:
    path = _path(variable)
    value = _value(variable, text)
    members: JsonObject = layer.tree
    for depth, part in enumerate(path[:-1], start=1):
        member = members.setdefault(str(part), {})
        if not isinstance(member, dict):
            other = layer.source_of(path[:depth])
            raise config_error(
                f"can't be set inside {describe_type(member)}, which {other} gives. Unset one of the two variables.",
                source=variable,
                key=path,
            )
        layer.sources.setdefault(path[:depth], Source(variable))
        members = member
    name = str(path[-1])
    if name in members:
        raise config_error("is set by another variable already. Unset one of the two.", source=variable, key=path)
    members[name] = value
    layer.sources[path] = Source(variable)


def _path(variable: str) -> KeyPath:
    parts = variable.removeprefix(PREFIX).split("_")
    for part in parts:
        if not _PART.fullmatch(part):
            raise config_error(
                f"is not the name of a configuration key: its part '{part}' must be a letter followed by letters and "
                f"digits. Write {PREFIX}<key>_<key>, for example {PREFIX}app_title.",
                source=variable,
            )
    return tuple(parts)


def _value(variable: str, text: str) -> JsonValue:
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError:
        # As documented: what isn't JSON is taken as it is.
        return text
    if value is None:
        raise config_error("must not be null. Unset the variable, or put null into a file.", source=variable)
    return value
