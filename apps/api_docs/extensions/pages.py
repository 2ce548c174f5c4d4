"""The list of APIs, and what a definition needs addresses of its own for."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from apps.api_docs import routes
from apps.api_docs.views import ApiExplorerView, DefinitionTextView, InteractiveView
from portal.extensions import Media, Page


class ApiExplorerPage(Page):
    """The APIs in the catalog."""

    path = "/api-docs"
    title = gettext_noop("APIs")
    icon = "plug"
    route_ref = routes.api_explorer
    view = ApiExplorerView
    config_schema = {"initiallySelectedFilter": {"enum": ["owned", "starred", "all"], "default": "all"}}
    media = Media(css=["api_docs/api-docs.css"])


class DefinitionPage(Page):
    """The text of a definition, and the frame in which an API is tried. Backstage has no such page."""

    name = "definition"
    path = "/api-docs/definition/:namespace/:name"
    title = gettext_noop("Definition of an API")
    route_ref = routes.definition
    view = DefinitionTextView
    sub_views = {routes.interactive.path: InteractiveView}
