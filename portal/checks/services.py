"""Core services: each must be there, and each knows best what is wrong with its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from portal.config import all_sections, config_errors, current
from portal.services import Service, services


@register("services")
def check_services(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Make every core service and ask it for its own findings."""
    # A key whose value can't be read is reported as such; its service would only say so again.
    known = {str(error) for error in config_errors(current(), all_sections())}
    return [message for name in services for message in _findings(name) if message.msg not in known]


def _findings(name: str) -> Iterator[CheckMessage]:
    hint = f"Correct '{name}' in the setting PORTAL_SERVICES; docs/reference/services.md lists the services."
    # A service may come from anywhere and raise anything; the others are to be examined all the same.
    try:
        service = services[name]
    except Exception as error:  # noqa: BLE001
        yield Error(f"Core service '{name}' can't be made: {error}", hint=hint, id="portal.E107")
        return
    if isinstance(service, Service):
        yield from service.check()
    else:
        text = f"Core service '{name}' is a {type(service).__name__}, which isn't a portal.services.Service."
        yield Error(text, hint=hint, id="portal.E107")
