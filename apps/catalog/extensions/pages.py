"""The catalog's pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext_noop

from apps.catalog import routes
from apps.catalog.views import (
    CatalogIndexView,
    EntityRefreshView,
    EntityUnregisterView,
    EntityView,
    ExportView,
    FilterOptionsView,
    LocationListView,
    SavedViewsView,
    StarView,
    WhyRefreshView,
    WhyView,
)
from apps.catalog.views.paging import PAGINATION_SCHEMA
from portal.extensions import (
    CatalogExportConfig,
    CatalogFilter,
    EntityContent,
    EntityContextMenuItem,
    EntityHeader,
    EntityHeaderLayout,
    Input,
    Media,
    Page,
)
from portal.extensions.entity_page import EntityHeaderAction

_GROUP = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "icon": {"type": "string"},
            "aliases": {"type": "array", "items": {"type": "string"}},
            "contentOrder": {"enum": ["title", "natural"]},
        },
        "required": ["title"],
    },
}


class CatalogIndexPage(Page):
    """The list of everything that is registered."""

    path = "/catalog"
    title = gettext_noop("Catalog")
    icon = "library"
    route_ref = routes.catalog_index
    view = CatalogIndexView
    sub_views = {
        routes.locations.path: LocationListView,
        routes.export.path: ExportView,
        routes.star.path: StarView,
        routes.saved_views.path: SavedViewsView,
        routes.filter_options.path: FilterOptionsView,
    }
    inputs = {
        "filters": Input(CatalogFilter, help="Beside the list; each narrows it by what the address says."),
        "exportConfig": Input(CatalogExportConfig, help="Formats and columns that the list is exported with."),
    }
    config_schema = {
        "pagination": PAGINATION_SCHEMA,
        "exportSettings": {
            "type": "object",
            "properties": {"enabled": {"type": "boolean"}, "disableBuiltinExporters": {"type": "boolean"}},
            "additionalProperties": False,
            "default": {},
        },
    }
    media = Media(css=["catalog/index.css"], js=["catalog/index.js"])


class CatalogEntityPage(Page):
    """The page of one entity."""

    name = "entity"
    path = "/catalog/:namespace/:kind/:name"
    title = gettext_noop("Catalog entity")
    icon = "box"
    route_ref = routes.catalog_entity
    view = EntityView
    sub_views = {"/-/refresh": EntityRefreshView, "/-/unregister": EntityUnregisterView, "/*": EntityView}
    media = Media(css=["catalog/entity.css"], js=["catalog/entity.js"])
    inputs = {
        "headers": Input(EntityHeader, help="Stands in for the head of the page; the first that suits the entity."),
        "headerLayouts": Input(
            EntityHeaderLayout, help="Stands in for head and tabs of the page; the first that suits the entity."
        ),
        "contents": Input(EntityContent, help="The tabs."),
        "headerActions": Input(EntityHeaderAction, help="Buttons in the head of the page, before the menu."),
        "contextMenuItems": Input(EntityContextMenuItem, help="The menu behind the three dots."),
    }
    config_schema = {
        "groups": {"type": "array", "items": _GROUP},
        "defaultContentOrder": {"enum": ["title", "natural"], "default": "title"},
        "showNavItemIcons": {"type": "boolean", "default": False},
    }

    def doubts(self) -> Iterable[str]:
        """Return which names stand for two groups of tabs."""
        groups = [item for group in self.config.get("groups", ()) for item in group.items()]
        names = Counter(name for group_id, facts in groups for name in {group_id, *facts.get("aliases", ())})
        for name, count in names.items():
            if count > 1:
                yield f"{count} groups have the id or alias '{name}'; its tabs are in the last of them"


class MissingEntityPage(Page):
    """Why an entity or a file isn't in the catalog, step by step. Backstage has no such page."""

    name = "missing"
    path = "/catalog/why"
    title = gettext_noop("Why is my entity missing?")
    route_ref = routes.why
    view = WhyView
    sub_views = {"/refresh": WhyRefreshView}

    @property
    def nav_icon(self) -> str:
        """Nothing, so that it isn't in the navigation: it is reached from where something is missing."""
        return ""
