"""The catalog's pages."""

from apps.catalog.views.entity import EntityView
from apps.catalog.views.entity_actions import EntityRefreshView, EntityUnregisterView
from apps.catalog.views.export import ExportView
from apps.catalog.views.index import CatalogIndexView, FilterOptionsView
from apps.catalog.views.locations import LocationListView
from apps.catalog.views.saved_views import SavedViewsView
from apps.catalog.views.stars import StarView
from apps.catalog.views.unprocessed import UnprocessedView
from apps.catalog.views.why import WhyRefreshView, WhyView

__all__ = [
    "CatalogIndexView",
    "EntityRefreshView",
    "EntityUnregisterView",
    "EntityView",
    "ExportView",
    "FilterOptionsView",
    "LocationListView",
    "SavedViewsView",
    "StarView",
    "UnprocessedView",
    "WhyRefreshView",
    "WhyView",
]
