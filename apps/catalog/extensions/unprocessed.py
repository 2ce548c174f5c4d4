"""The page of entities that aren't served, with the id that it has in Backstage."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from apps.catalog import routes
from apps.catalog.permissions import UNPROCESSED_READ
from apps.catalog.views import UnprocessedView
from portal.extensions import Page


class UnprocessedEntitiesPage(Page):
    """What failed or has yet to be processed. It is there if ``app.extensions`` mentions it, as in Backstage."""

    namespace = "catalog-unprocessed-entities"
    path = "/catalog-unprocessed-entities"
    title = gettext_noop("Unprocessed entities")
    route_ref = routes.unprocessed
    view = UnprocessedView
    disabled = True
    enabled_if = {"permissions": {"$contains": f"{UNPROCESSED_READ.name}#read"}}

    @property
    def nav_icon(self) -> str:
        """Nothing, so that it isn't in the navigation: the page of locations leads to it."""
        return ""
