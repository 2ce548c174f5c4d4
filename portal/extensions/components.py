"""Parts of the portal that a module of the core may draw another way."""

from __future__ import annotations

from portal.extensions.registry import ask_api, get_api
from portal.extensions.utility import ComponentsApi, components_api

#: The portal's own templates: they stand in where nobody provides the part.
COMPONENTS = {
    "core-error-display": "portal/extensions/error.html",
    "core-not-found-error-page": "portal/components/not_found.html",
    "core-page-layout": "portal/components/page_layout.html",
    "core-progress": "portal/components/progress.html",
}


def component_template(name: str) -> str:
    """Return the template of a component. Raises ``LookupError`` for a name that neither an extension nor the core has.

    A part of the core's own is there even while the extension that brings it is off.
    """
    template = ask_api(components_api, lambda api: _template_in(api, name), None) or COMPONENTS.get(name)
    if template is None:
        # The API says which there are.
        return get_api(components_api).template_of(name)
    return template


def _template_in(api: ComponentsApi, name: str) -> str | None:
    try:
        return api.template_of(name)
    except LookupError:
        return None
