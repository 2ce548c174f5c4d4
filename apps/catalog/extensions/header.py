"""Buttons in the head of an entity's page."""

from __future__ import annotations

from typing import Any

from apps.catalog import routes
from apps.catalog.views.stars import starred_among
from portal.entities import ref_of
from portal.extensions import PageContext
from portal.extensions.entity_page import EntityHeaderAction
from portal.routes.urls import url_for


class StarAction(EntityHeaderAction):
    """The star, for people who look at an entity."""

    name = "star"
    template_name = "catalog/pages/_star_action.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the star as it is; no ``star_url`` where there are no stars to set."""
        ref = str(ref_of(page.entity))
        starred = starred_among([ref], page.request)
        url = None if starred is None else url_for(routes.star)
        return {"ref": ref, "starred": bool(starred), "star_id": "star-entity", "star_url": url}
