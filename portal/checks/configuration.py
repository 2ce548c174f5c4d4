"""``app-config.yaml``: values that can't be read, and keys that nobody reads."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from portal.config import (
    all_sections,
    config_errors,
    current,
    deprecated_keys,
    unserved_keys,
    visibility_conflicts,
)
from portal.services import logger

REFERENCE = "docs/reference/config.md lists every key"
#: The keys that this process has spoken of already. They are no reason to repeat oneself.
_told: set[str] = set()


@register("configuration")
def check_configuration(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find values that break the rule of their key, keys that have no effect, and keys that are to go."""
    config, sections = current(), all_sections()
    messages: list[CheckMessage] = [
        Error(str(error), hint=f"Correct the value; {REFERENCE}.", id="portal.E104")
        for error in config_errors(config, sections)
    ]
    messages += [
        Error(
            f"The configuration key {path} is visible to every visitor by one declaration, and a secret by another.",
            hint="Change 'visibility' or 'deep_visibility' of the keys in the plugins' conf.py.",
            id="portal.E111",
        )
        for path in visibility_conflicts(sections)
    ]
    unserved = unserved_keys(config, sections)
    if unserved:
        _told.update(unserved)
        messages.append(
            CheckWarning(
                f"In the configuration these keys have no effect: {', '.join(unserved)}.",
                hint=f"They do no harm. If one is misspelt: {REFERENCE}.",
                id="portal.W105",
            )
        )
    for path, reason in deprecated_keys(config, sections).items():
        _told.add(path)
        messages.append(
            CheckWarning(
                f"The configuration key {path} ({config.source_of(path)}) is deprecated: {reason}",
                hint=f"It still has its effect; {REFERENCE}.",
                id="portal.W112",
            )
        )
    return messages


def log_doubtful_keys() -> None:
    """Log the keys that have no effect, or are to go, once in a process; nothing if a check of it has named them.

    For servers that run no checks: under granian the log is all that an operator sees.
    """
    config, sections = current(), all_sections()
    unserved, deprecated = unserved_keys(config, sections), deprecated_keys(config, sections)
    if set(unserved) - _told:
        logger.for_plugin("app").warning("In the configuration some keys have no effect", keys=unserved)
    for path in deprecated.keys() - _told:
        logger.for_plugin("app").warning("A configuration key is deprecated", key=path, reason=deprecated[path])
    _told.update(unserved, deprecated)
