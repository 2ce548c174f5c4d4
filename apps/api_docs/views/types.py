"""Types of APIs as people write them."""

from __future__ import annotations

from apps.api_docs.extension_points import api_docs_config_api
from portal.extensions import Node, get_api

#: Types that no widget of ours shows.
_OTHERS = {"trpc": "tRPC"}


def widget_for(type: str) -> Node | None:
    """Return what shows definitions of a type; None if nothing does, or nobody provides the API that knows."""
    try:
        return get_api(api_docs_config_api).widget_for(type)
    except LookupError:
        return None


def type_title(type: str) -> str:
    """Return what people call a type: the title of its widget, else the type as it is written."""
    widget = widget_for(type)
    title = str(getattr(widget.extension, "title", "")) if widget is not None else ""
    return title or _OTHERS.get(type.lower(), type)
