"""The page of an entity: header, tabs, and the content of one tab. Everything on it is an extension."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.catalog import routes
from apps.catalog.queries import entity_by_ref
from apps.catalog.queries.refresh_states import failure_of
from apps.catalog.queries.suspects import similar_refs
from apps.catalog.views.links import EntityLink, entity_link, entity_links, why_url
from apps.catalog.views.related import RelatedEntities
from apps.catalog.views.rows import lifecycle_of, type_title
from apps.catalog.views.tabs import DEFAULT_GROUPS, find_content, first_content, grouped_tabs
from portal.entities import Entity, EntityRef, ref_of
from portal.errors import NotFoundError
from portal.extensions import EntityContent, Node, PageContext, guarded, visible_children
from portal.extensions.entity_page import EntityDialog
from portal.extensions.icons import kind_icon
from portal.extensions.presentation import present, title_of
from portal.extensions.rendering import render_part
from portal.http.pages import PageView
from portal.routes.urls import url_for

#: The element that dialogs are shown in; htmx asks for its content alone.
DIALOG_ID = "entity-dialog"


class EntityView(PageView):
    """``/catalog/:namespace/:kind/:name``, and the tabs below it."""

    template_name = "catalog/pages/entity.html"
    fragments = {DIALOG_ID: "catalog/pages/_entity_dialog.html"}

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the entity; for one that isn't there, what may be the reason and where to look."""
        ref = EntityRef(parameters["kind"], parameters["namespace"], parameters["name"])
        try:
            text = entity_by_ref(ref, credentials=self.credentials)
        except NotFoundError:
            return _missing(self, ref)
        return self.render(self.context(entity=orjson.loads(text), rest=parameters.get("rest") or ""))

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the header's facts, the tabs, and the content to show; for htmx, which asks for a dialog, only that.

        Raises ``NotFoundError`` if no tab has that address.
        """
        entity: Entity = parameters["entity"]
        link = entity_link(ref_of(entity), {str(ref_of(entity)): title_of(entity)})
        related = RelatedEntities(entity, self.credentials, self.request.GET)
        page = self.page_context(entity=entity, related=related)
        contents = visible_children(self.page, "contents", page)
        content = find_content(contents, parameters["rest"])
        if content is None and not parameters["rest"]:
            content = first_content(contents, **self._order_of_tabs())
        if content is None:
            raise NotFoundError(f"{link.title} has no page '{parameters['rest']}'. Its tabs are on {link.url}.")
        menu = visible_children(self.page, "contextMenuItems", page)
        values = {"entity": entity, "related": related, "link": link, "content": content, **_dialog(menu, page)}
        if self.request.headers.get("HX-Target") in self.fragments:
            return values
        return {
            **values,
            **_header_facts(entity, related),
            "header": _first(visible_children(self.page, "headers", page)),
            "header_layout": _first(visible_children(self.page, "headerLayouts", page)),
            "menu": sorted(menu, key=lambda item: item.extension.is_destructive),
            "tabs": grouped_tabs(
                contents,
                base_url=link.url,
                current=content,
                **self._order_of_tabs(),
            ),
            "show_icons": self.page.config["showNavItemIcons"],
        }

    def _order_of_tabs(self) -> dict[str, Any]:
        config = self.page.config
        return {"groups": config.get("groups", DEFAULT_GROUPS), "order": config["defaultContentOrder"]}

    def title(self, values: Mapping[str, Any]) -> str:
        """Return ``<entity> | <tab>``."""
        if "missing" in values:
            return _("Entity not found")
        return f"{values['link'].title} | {_(values['content'].extension.title)}"

    def loaded(self, values: Mapping[str, Any]) -> Iterable[Node]:
        """Return all but the contents whose tabs aren't opened, and the cards that the entity hasn't."""
        opened = values.get("content")
        yield self.page
        for child in chain.from_iterable(self.page.active.values()):
            if child is opened:
                yield from self._loaded_by(child, values)
            elif not isinstance(child.extension, EntityContent):
                yield from child.walk()

    def _loaded_by(self, content: Node, values: Mapping[str, Any]) -> Iterator[Node]:
        yield content
        page = self.page_context(entity=values["entity"], related=values["related"])
        for input_name, children in content.active.items():
            for child in visible_children(content, input_name, page) if input_name == "cards" else children:
                yield from child.walk()


def _header_facts(entity: Entity, related: RelatedEntities) -> dict[str, Any]:
    return {
        "type": type_title(entity),
        "subtitle": present(entity).secondary_title,
        "lifecycle": lifecycle_of(entity),
        "owners": related.links("ownedBy"),
        "systems": related.links("partOf", "system"),
        "domains": related.links("partOf", "domain"),
        "parents": related.links("partOf", "component"),
    }


def _dialog(menu: list[Node], page: PageContext) -> dict[str, Any]:
    """Return the dialog that the address asks for, if any; a broken one is replaced by a message."""
    for node in menu:
        extension = node.extension
        if not isinstance(extension, EntityDialog):
            continue
        if guarded(node, page, partial(extension.is_asked_for, page), otherwise=False):
            return {"dialog": render_part(node, page, extension.render_dialog), "close_url": page.request.path}
    return {"close_url": page.request.path}


def _missing(view: EntityView, ref: EntityRef) -> HttpResponse:
    failure = failure_of(str(ref), credentials=view.credentials)
    values = {
        "missing": ref,
        "ref": str(ref),
        "icon": kind_icon(ref.kind),
        "catalog_url": url_for(routes.catalog_index) or "/",
        "locations_url": url_for(routes.locations),
        "why_url": why_url(ref=str(ref)),
        "failure": failure,
        "similar": [] if failure else _similar(ref, view),
    }
    view.template_name = "catalog/pages/entity_missing.html"
    return view.render(values, status=404)


def _similar(ref: EntityRef, view: EntityView) -> list[EntityLink]:
    return entity_links(similar_refs(ref.name, credentials=view.credentials))


def _first(nodes: list[Node]) -> Node | None:
    """Return the header to show: one with a filter goes before one without."""
    ordered = sorted(nodes, key=lambda node: getattr(node.extension, "filter", None) is None)
    return ordered[0] if ordered else None
