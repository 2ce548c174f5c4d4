"""What ``manage.py check`` says about the catalog: configuration that its worker couldn't work by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.checks import CheckMessage, Error, register

from apps.catalog.conf import conf
from apps.catalog.processing import build_orchestrator, config_locations
from apps.catalog.processing.interval import processing_interval
from portal.errors import ConfigError


@register("configuration")
def check_configuration(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find locations, rules, options and intervals that break their rules."""
    if conf.errors():
        return []  # told by portal.E104
    readers: tuple[Callable[[], object], ...] = (
        lambda: config_locations(conf),
        build_orchestrator,
        processing_interval,
    )
    messages = dict.fromkeys(message for read in readers if (message := _fault(read)))
    return [Error(message, hint="docs/how-to/add-entities.md shows how.", id="catalog.E001") for message in messages]


def _fault(read: Callable[[], object]) -> str:
    try:
        read()
    except ConfigError as error:
        return error.message
    return ""
