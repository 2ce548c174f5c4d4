"""Routes below ``/api/catalog/``."""

from django.urls import path

from apps.catalog.api import views

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
    path("entity-facets", views.EntityFacetsView.as_view(), name="entity-facets"),
]
