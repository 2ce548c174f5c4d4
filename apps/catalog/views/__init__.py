"""The catalog's pages."""

from apps.catalog.views.entity import EntityRefreshView, EntityView
from apps.catalog.views.index import CatalogIndexView
from apps.catalog.views.locations import LocationListView
from apps.catalog.views.why import WhyRefreshView, WhyView

__all__ = [
    "CatalogIndexView",
    "EntityRefreshView",
    "EntityView",
    "LocationListView",
    "WhyRefreshView",
    "WhyView",
]
