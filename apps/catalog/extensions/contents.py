"""The tabs of an entity's page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from apps.catalog.queries.refresh_states import ancestor_failures, failure_of
from apps.catalog.views.links import entity_link, why_url
from apps.catalog.views.related import RelatedEntities
from apps.catalog.views.relations import relation_table
from apps.catalog.views.rows import columns_for
from portal.entities import ANNOTATION_ORPHAN
from portal.extensions import EntityCard, EntityContent, EntityContentLayout, Input, PageContext, visible_children


class OverviewContent(EntityContent):
    """What there is to know about an entity, on cards."""

    name = "overview"
    path = "/"
    title = _("Overview")
    group = "overview"
    icon = "layout-dashboard"
    template_name = "catalog/contents/overview.html"
    inputs = {
        "cards": Input(EntityCard, help="Cards about the entity: info in the narrow column, content in the wide one."),
        "layouts": Input(EntityContentLayout, help="Arranges the cards; the first that suits the entity."),
    }

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the cards by column, the layout if somebody brought one, and what is wrong with the entity."""
        cards = visible_children(self.node, "cards", page)
        layouts = visible_children(self.node, "layouts", page)
        info = [card for card in cards if getattr(card.extension, "type", "") == "info"]
        return {
            "cards": cards,
            "layout": layouts[0] if layouts else None,
            "info_cards": info,
            "content_cards": [card for card in cards if card not in info],
            **_warnings(page),
        }


def _warnings(page: PageContext) -> dict[str, Any]:
    related: RelatedEntities = page.related
    annotations = page.entity["metadata"].get("annotations") or {}
    items = (page.entity.get("status") or {}).get("items") or []
    errors = [item for item in items if item.get("level") == "error"]
    return {
        "is_orphan": annotations.get(ANNOTATION_ORPHAN) == "true",
        "errors": errors,
        # The status has only the message; where it stands in the file is known to the pipeline.
        "failure": failure_of(related.ref, credentials=related.credentials) if errors else None,
        "missing": related.missing,
        "why_url": why_url(),
        "failures_above": [
            (entity_link(failing.ref), failing)
            for failing in ancestor_failures(related.ref, credentials=related.credentials)
        ],
    }


class ComponentApisContent(EntityContent):
    """The APIs that a component provides and consumes."""

    namespace = "api-docs"
    name = "apis"
    path = "/apis"
    title = _("APIs")
    group = "development"
    icon = "plug"
    filter = {"kind": "component"}
    template_name = "catalog/contents/apis.html"

    def suits(self, entity: dict[str, Any]) -> bool:
        """Say whether the component has to do with any API: an empty tab helps nobody."""
        relations = {relation["type"] for relation in entity.get("relations") or []}
        return super().suits(entity) and bool(relations & {"providesApi", "consumesApi"})

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the rows of both tables."""
        columns = columns_for("api")
        return {
            "provided": relation_table(page, "providesApi", "api", columns),
            "consumed": relation_table(page, "consumesApi", "api", columns),
        }
