"""The page of an entity: header, tabs, and the content of one tab. Everything on it is an extension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.catalog import routes
from apps.catalog.operations.refreshing import refresh_entity
from apps.catalog.permissions import ENTITY_REFRESH
from apps.catalog.queries import entity_by_ref
from apps.catalog.queries.refresh_states import failure_of
from apps.catalog.views.links import entity_link, why_url
from apps.catalog.views.related import RelatedEntities
from apps.catalog.views.rows import lifecycle_of, type_title
from apps.catalog.views.tabs import DEFAULT_GROUPS, find_content, grouped_tabs
from portal.entities import Entity, EntityRef, entity_subtitle, entity_title, ref_of
from portal.errors import NotFoundError
from portal.extensions import Node, visible_children
from portal.extensions.icons import kind_icon
from portal.http.pages import PageView
from portal.routes.urls import url_for
from portal.services import permissions


class EntityView(PageView):
    """``/catalog/:namespace/:kind/:name``, and the tabs below it."""

    template_name = "catalog/pages/entity.html"

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the entity; for one that isn't there, what may be the reason and where to look."""
        ref = EntityRef(parameters["kind"], parameters["namespace"], parameters["name"])
        try:
            text = entity_by_ref(ref, credentials=self.credentials)
        except NotFoundError:
            return _missing(self, ref)
        return self.render(self.context(entity=orjson.loads(text), rest=parameters.get("rest") or ""))

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the header's facts, the tabs, and the content to show.

        Raises ``NotFoundError`` if no tab has that address.
        """
        entity: Entity = parameters["entity"]
        rest: str = parameters["rest"]
        link = entity_link(ref_of(entity), {str(ref_of(entity)): entity_title(entity)})
        related = RelatedEntities(entity, self.credentials)
        page = self.page_context(entity=entity, related=related)
        contents = visible_children(self.page, "contents", page)
        content = find_content(contents, rest)
        if content is None:
            raise NotFoundError(f"{link.title} has no page '{rest}'. Its tabs are on {link.url}.")
        return {
            "entity": entity,
            "related": related,
            "link": link,
            "type": type_title(entity),
            "subtitle": entity_subtitle(entity),
            "lifecycle": lifecycle_of(entity),
            "owners": related.links("ownedBy"),
            "systems": related.links("partOf", "system"),
            "domains": related.links("partOf", "domain"),
            "parents": related.links("partOf", "component"),
            "content": content,
            "header": _first(visible_children(self.page, "headers", page)),
            "menu": visible_children(self.page, "contextMenuItems", page),
            "tabs": grouped_tabs(
                contents,
                base_url=link.url,
                current=content,
                groups=self.page.config.get("groups") or DEFAULT_GROUPS,
                order=self.page.config["defaultContentOrder"],
            ),
            "show_icons": self.page.config["showNavItemIcons"],
        }

    def title(self, values: Mapping[str, Any]) -> str:
        """Return ``<entity> | <tab>``."""
        if "missing" in values:
            return "Entity not found"
        return f"{values['link'].title} | {values['content'].extension.title}"


class EntityRefreshView(PageView):
    """Asks for an entity's file to be read again now."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **parameters: str) -> HttpResponse:
        """Make the entity due and go back to its page. Raises ``NotAllowedError``, ``NotFoundError``."""
        ref = EntityRef(parameters["kind"], parameters["namespace"], parameters["name"])
        entity = orjson.loads(entity_by_ref(ref, credentials=self.credentials))
        permissions.require(ENTITY_REFRESH, self.credentials, resource=entity)
        refresh_entity(ref=str(ref), actor=self.credentials.principal.subject)
        return HttpResponseRedirect(f"{entity_link(ref).url}?refresh=scheduled")


def _missing(view: EntityView, ref: EntityRef) -> HttpResponse:
    values = {
        "missing": ref,
        "ref": str(ref),
        "icon": kind_icon(ref.kind),
        "catalog_url": url_for(routes.catalog_index) or "/",
        "locations_url": url_for(routes.locations),
        "why_url": why_url(ref=str(ref)),
        "failure": failure_of(str(ref), credentials=view.credentials),
    }
    view.template_name = "catalog/pages/entity_missing.html"
    return view.render(values, status=404)


def _first(nodes: list[Node]) -> Node | None:
    """Return the header to show: one with a filter goes before one without."""
    ordered = sorted(nodes, key=lambda node: getattr(node.extension, "filter", None) is None)
    return ordered[0] if ordered else None
