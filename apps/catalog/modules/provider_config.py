"""What the sections of providers have in common: ids, schedules, patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.config import Config
from portal.errors import InputError
from portal.services.scheduler import read_schedule

#: The id of a provider whose section is one object, not a map of them.
SINGLE_ID = "default"
#: When a provider runs that has no ``schedule``.
DEFAULT_SCHEDULE: Mapping[str, Any] = {"frequency": {"minutes": 30}, "timeout": {"minutes": 10}}


def provider_configs(section: Config, *, single_if: tuple[str, ...] = ()) -> list[tuple[str, Config]]:
    """Return the providers of a section, each with its id.

    A section that has one of the keys ``single_if`` is one provider, any other maps ids to providers. An empty one has
    none.
    """
    if any(section.has(key) for key in single_if):
        return [(SINGLE_ID, section)]
    return [(name, section.child(f"['{name.replace(chr(39), chr(39) * 2)}']")) for name in section.keys()]  # noqa: SIM118


def schedule_of(entry: Config) -> Mapping[str, Any]:
    """Return a provider's ``schedule`` as the scheduler takes it. Raises ``ConfigError`` that names file and key."""
    value = entry.get("schedule")
    if value is None:
        return DEFAULT_SCHEDULE
    try:
        return read_schedule(value, where="It")
    except InputError as error:
        raise entry.error("schedule", f"is no schedule. {error.message}", cause=error) from error


def pattern_of(entry: Config, key: str, *, whole: bool = False) -> re.Pattern[str] | None:
    """Return a regular expression, None if it isn't set. ``whole`` anchors it at both ends, as far as it isn't."""
    text = entry.get_str(key, None)
    return None if text is None else compiled(entry, key, text, whole=whole)


def compiled(entry: Config, key: str, text: str, *, whole: bool = False) -> re.Pattern[str]:
    """Return ``text``, which is at ``key``, as a regular expression. Raises ``ConfigError``."""
    if whole:
        text = f"{'' if text.startswith('^') else '^'}{text}{'' if text.endswith('$') else '$'}"
    try:
        return re.compile(text)
    except re.error as error:
        raise entry.error(key, f"is no regular expression: {error}. Write it as Python does.", cause=error) from error
