"""Parts of the portal that a module of the core may draw another way."""

from __future__ import annotations

from portal.extensions.registry import get_api
from portal.extensions.utility import components_api


def component_template(name: str, default: str) -> str:
    """Return the template of a component, or ``default`` where no active extension has it."""
    try:
        return get_api(components_api).template_of(name)
    except LookupError:
        return default
