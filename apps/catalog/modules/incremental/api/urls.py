"""Routes below ``/api/catalog/``."""

from django.urls import path

from apps.catalog.modules.incremental.api import views

_PROVIDER = "incremental/providers/<str:provider>"

urlpatterns = [
    path("incremental/health", views.HealthView.as_view(), name="incremental-health"),
    path("incremental/cleanup", views.CleanupView.as_view(), name="incremental-cleanup"),
    path("incremental/providers", views.ProviderListView.as_view(), name="incremental-provider-list"),
    path(_PROVIDER, views.ProviderView.as_view(), name="incremental-provider"),
    path(f"{_PROVIDER}/marks", views.MarkListView.as_view(), name="incremental-mark-list"),
    path(f"{_PROVIDER}/trigger", views.ProviderTriggerView.as_view(), name="incremental-provider-trigger"),
    path(f"{_PROVIDER}/start", views.ProviderStartView.as_view(), name="incremental-provider-start"),
    path(f"{_PROVIDER}/cancel", views.ProviderCancelView.as_view(), name="incremental-provider-cancel"),
]
