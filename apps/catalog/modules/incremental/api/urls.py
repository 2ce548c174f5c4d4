"""Routes below ``/api/catalog/``."""

from django.urls import path

from apps.catalog.modules.incremental.api import views

urlpatterns = [
    path("incremental/health", views.HealthView.as_view(), name="incremental-health"),
    path("incremental/cleanup", views.CleanupView.as_view(), name="incremental-cleanup"),
    path("incremental/providers", views.ProviderListView.as_view(), name="incremental-provider-list"),
    path("incremental/providers/<str:provider>", views.ProviderView.as_view(), name="incremental-provider"),
    path("incremental/providers/<str:provider>/marks", views.MarkListView.as_view(), name="incremental-mark-list"),
    path(
        "incremental/providers/<str:provider>/trigger",
        views.ProviderTriggerView.as_view(),
        name="incremental-provider-trigger",
    ),
    path(
        "incremental/providers/<str:provider>/start",
        views.ProviderStartView.as_view(),
        name="incremental-provider-start",
    ),
    path(
        "incremental/providers/<str:provider>/cancel",
        views.ProviderCancelView.as_view(),
        name="incremental-provider-cancel",
    ),
]
