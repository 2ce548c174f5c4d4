"""``app-config.yaml``: values that can't be read, and keys that nobody reads."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from portal.config import all_sections, config_errors, current, unserved_keys
from portal.services import logger

REFERENCE = "docs/reference/config.md lists every key"
#: The keys that this process has spoken of already. They are no reason to repeat oneself.
_told: set[str] = set()


@register("configuration")
def check_configuration(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find values that break the rule of their key, and keys that have no effect."""
    config = current()
    messages: list[CheckMessage] = [
        Error(str(error), hint=f"Correct the value; {REFERENCE}.", id="portal.E104")
        for error in config_errors(config, all_sections())
    ]
    unserved = unserved_keys(config, all_sections())
    if unserved:
        _told.update(unserved)
        messages.append(
            CheckWarning(
                f"In the configuration these keys have no effect: {', '.join(unserved)}.",
                hint=f"They do no harm. If one is misspelt: {REFERENCE}.",
                id="portal.W105",
            )
        )
    return messages


def log_unserved_keys() -> None:
    """Log the keys that have no effect, once in a process; nothing if a check of this process has named them.

    For servers that run no checks: under granian the log is all that an operator sees.
    """
    unserved = unserved_keys(current(), all_sections())
    if set(unserved) - _told:
        _told.update(unserved)
        logger.for_plugin("app").warning("In the configuration some keys have no effect", keys=unserved)
