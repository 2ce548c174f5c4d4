"""Routes below ``/api/catalog/``."""

from django.urls import path

from apps.catalog.api import analysis, history, locations, refresh, unprocessed, validation, views, why
from apps.catalog.api.document import DOCUMENT
from portal.http.openapi import OpenApiView

urlpatterns = [
    path("entities", views.EntityListView.as_view(), name="entity-list"),
    path("entities/by-query", views.EntityQueryView.as_view(), name="entity-query"),
    path("entities/by-refs", views.EntityByRefsView.as_view(), name="entity-by-refs"),
    path("entities/by-uid/<str:uid>", views.EntityByUidView.as_view(), name="entity-by-uid"),
    path(
        "entities/by-name/<str:kind>/<str:namespace>/<str:name>",
        views.EntityByNameView.as_view(),
        name="entity-by-name",
    ),
    path(
        "entities/by-name/<str:kind>/<str:namespace>/<str:name>/ancestry",
        views.EntityAncestryView.as_view(),
        name="entity-ancestry",
    ),
    path("entities/unprocessed/failed", unprocessed.FailedEntityListView.as_view(), name="entity-failed"),
    path("entities/unprocessed/pending", unprocessed.PendingEntityListView.as_view(), name="entity-pending"),
    path(
        "entities/unprocessed/delete/<str:entity_id>",
        unprocessed.UnprocessedEntityDeleteView.as_view(),
        name="entity-unprocessed-delete",
    ),
    path("entity-facets", views.EntityFacetsView.as_view(), name="entity-facets"),
    path("refresh", refresh.EntityRefreshView.as_view(), name="entity-refresh"),
    path("validate-entity", validation.EntityValidateView.as_view(), name="entity-validate"),
    path("locations", locations.LocationListView.as_view(), name="location-list"),
    path("locations/by-query", locations.LocationQueryView.as_view(), name="location-query"),
    path("locations/<str:id>", locations.LocationView.as_view(), name="location"),
    path(
        "locations/by-entity/<str:kind>/<str:namespace>/<str:name>",
        locations.LocationByEntityView.as_view(),
        name="location-by-entity",
    ),
    path("analyze-location", analysis.LocationAnalyzeView.as_view(), name="location-analyze"),
    # Of our own, below a word that no route of Backstage begins with.
    path(
        "greenroom/history/<str:kind>/<str:namespace>/<str:name>",
        history.EntityHistoryView.as_view(),
        name="entity-history",
    ),
    path("greenroom/why", why.WhyView.as_view(), name="why"),
    path("openapi.json", OpenApiView.as_view(document=DOCUMENT), name="openapi"),
]
