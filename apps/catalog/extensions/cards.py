"""Cards about the entity itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from apps.catalog import routes
from apps.catalog.permissions import ENTITY_REFRESH
from apps.catalog.queries.refresh_states import location_state
from apps.catalog.views.addresses import edit_url, file_url
from apps.catalog.views.links import entity_link, link_icon
from apps.catalog.views.related import RelatedEntities
from apps.catalog.views.rows import lifecycle_of, tags_of, targets_of, text_of, type_title
from portal.entities import (
    ANNOTATION_LOCATION,
    Entity,
    is_unsafe_link,
    parse_ref,
    ref_of,
)
from portal.errors import InputError
from portal.extensions import EntityCard, EntityIconLink, Input, PageContext, visible_children
from portal.markdown import render_markdown
from portal.routes.urls import link_for
from portal.services import permissions

PEOPLE = {"kind": {"$in": ["group", "user"]}}
NOT_PEOPLE = {"$not": PEOPLE}
#: The template that an entity was made from.
ANNOTATION_SOURCE_TEMPLATE = "backstage.io/source-template"
#: So many labels are shown at first.
MAX_LABELS = 12


class AboutCard(EntityCard):
    """What it is, whose it is and where it belongs."""

    name = "about"
    title = _("About")
    type = "info"
    filter = NOT_PEOPLE
    inputs = {"iconLinks": Input(EntityIconLink, help="Links at the head of the card.")}
    template_name = "catalog/cards/about.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the fields, and the buttons that the person may use."""
        entity: Entity = page.entity
        related: RelatedEntities = page.related
        return {
            "title": gettext(self.title),
            "description": render_markdown(text_of(entity["metadata"].get("description"))),
            "owners": related.links("ownedBy"),
            "domains": related.links("partOf", "domain"),
            "systems": related.links("partOf", "system"),
            "parents": related.links("partOf", "component"),
            "tags": tags_of(entity),
            "kind": entity["kind"],
            "type": type_title(entity),
            "lifecycle": lifecycle_of(entity),
            "targets": targets_of(entity),
            "edit_url": edit_url(entity),
            "similar_url": similar_url(entity, page.request),
            "icon_links": visible_children(self.node, "iconLinks", page),
            **refresh_state(page),
        }


class LinksCard(EntityCard):
    """The links that its owners put into its file."""

    name = "links"
    title = _("Links")
    type = "info"
    filter = {"metadata.links": {"$exists": True}}
    template_name = "catalog/cards/links.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the links."""
        return {"title": gettext(self.title), "links": links_of(page.entity)}


class LabelsCard(EntityCard):
    """Its labels."""

    name = "labels"
    title = _("Labels")
    type = "info"
    filter = {"metadata.labels": {"$exists": True}}
    template_name = "catalog/cards/labels.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the labels by name: the first, and the rest."""
        labels = sorted((page.entity["metadata"].get("labels") or {}).items())
        return {
            "title": gettext(self.title),
            "count": len(labels),
            "labels": labels[:MAX_LABELS],
            "more": labels[MAX_LABELS:],
        }


class LocationStateCard(EntityCard):
    """How reading a location went, file by file. Backstage has no such card."""

    name = "location-state"
    title = _("Refresh state")
    filter = {"kind": "location"}
    template_name = "catalog/cards/location_state.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the state, with what is wrong with the location and with what it led to."""
        related: RelatedEntities = page.related
        state = location_state(str(ref_of(page.entity)), credentials=related.credentials)
        failing = [(entity_link(one.ref), one) for one in state.failing] if state else []
        return {"title": gettext(self.title), "state": state, "failing": failing}


def links_of(entity: Entity) -> list[dict[str, str]]:
    """Return url, title and icon of an entity's links. One whose address is unsafe has no url."""
    return [
        {
            "url": "" if is_unsafe_link(link["url"]) else link["url"],
            "title": link.get("title") or link["url"],
            "icon": link_icon(link.get("icon")),
        }
        for link in entity["metadata"].get("links") or []
    ]


def source_url(entity: Entity) -> str | None:
    """Return where its source is to be looked at: the source location, else the page that shows its file."""
    annotations = entity["metadata"].get("annotations") or {}
    location = str(annotations.get("backstage.io/source-location", ""))
    target = location.removeprefix("url:")
    if location.startswith("url:") and target.startswith(("https://", "http://")):
        return target
    return file_url(entity)


def similar_url(entity: Entity, request: HttpRequest) -> str | None:
    """Return where something like it can be created: the form of the template that it came from, if there is one."""
    template = (entity["metadata"].get("annotations") or {}).get(ANNOTATION_SOURCE_TEMPLATE)
    try:
        ref = parse_ref(template, default_kind="template") if isinstance(template, str) else None
    except InputError:
        return None
    if ref is None:
        return None
    return link_for(request, routes.create_from_template, namespace=ref.namespace, templateName=ref.name)


def refresh_state(page: PageContext) -> dict[str, Any]:
    """Return where to ask for a refresh, None if that can't be done, and whether one was just asked for."""
    entity: Entity = page.entity
    may_refresh = _may_refresh(entity, page.related)
    return {
        "refresh_url": f"{entity_link(ref_of(entity)).url}/-/refresh" if may_refresh else None,
        "refresh_scheduled": page.request.GET.get("refresh") == "scheduled",
        "etag": entity["metadata"].get("etag", ""),
    }


def _may_refresh(entity: Entity, related: RelatedEntities) -> bool:
    location = str((entity["metadata"].get("annotations") or {}).get(ANNOTATION_LOCATION, ""))
    if not location.startswith(("url:", "file:")):
        return False
    return permissions.authorize(ENTITY_REFRESH, related.credentials, resource=entity).allowed
