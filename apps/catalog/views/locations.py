"""Where the catalog's locations stand, and what is wrong with their files."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog import routes
from apps.catalog.permissions import LOCATION_READ
from apps.catalog.queries.held_removals import held_removals
from apps.catalog.queries.refresh_states import location_listing
from apps.catalog.views.links import entity_link, why_url
from portal.http.pages import PageView
from portal.http.query import whole_number
from portal.routes.urls import link_for, url_for
from portal.services import permissions

PAGE_SIZE = 50


class LocationListView(PageView):
    """``/catalog/locations``: those with problems first; ``?state=failing`` leaves only those."""

    template_name = "catalog/pages/locations.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return a page of locations. Raises ``NotAllowedError``."""
        permissions.require(LOCATION_READ, self.credentials)
        asked = self.request.GET
        only_failing = asked.get("state") == "failing"
        listing = location_listing(
            credentials=self.credentials,
            only_failing=only_failing,
            limit=PAGE_SIZE,
            offset=whole_number(asked.get("offset")),
        )
        url = url_for(routes.locations) or self.request.path
        last = listing.offset + len(listing.items)

        def page_at(place: int) -> str:
            parts = (["state=failing"] if only_failing else []) + ([f"offset={place}"] if place else [])
            return f"{url}?{'&'.join(parts)}" if parts else url

        return {
            "locations": [
                (state, entity_link(state.ref), [(entity_link(one.ref), one) for one in state.failing])
                for state in listing.items
            ],
            "held": held_removals(credentials=self.credentials),
            "held_url": reverse("admin:catalog_heldremoval_changelist"),
            "total": listing.total,
            "only_failing": only_failing,
            "all_url": url,
            "failing_url": f"{url}?state=failing",
            "catalog_url": url_for(routes.catalog_index),
            "why_url": why_url(),
            "unprocessed_url": link_for(self.request, routes.unprocessed),
            "first": listing.offset + 1 if listing.items else 0,
            "last": last,
            "previous_url": page_at(max(0, listing.offset - PAGE_SIZE)) if listing.offset else None,
            "next_url": page_at(last) if last < listing.total else None,
        }

    def title(self, values: Any) -> str:
        """Return the page's own title; the extension's is the catalog's."""
        return _("Locations")
