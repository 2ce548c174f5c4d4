"""The catalog's pages."""

from apps.catalog.views.entity import EntityRefreshView, EntityView
from apps.catalog.views.index import CatalogIndexView
from apps.catalog.views.locations import LocationListView

__all__ = ["CatalogIndexView", "EntityRefreshView", "EntityView", "LocationListView"]
