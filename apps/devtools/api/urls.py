"""Routes below ``/api/devtools/``."""

from django.urls import path

from apps.devtools.api import views

urlpatterns = [
    path("health", views.HealthView.as_view(), name="health"),
    path("info", views.InfoView.as_view(), name="info"),
    path("config", views.ConfigView.as_view(), name="config"),
    path("external-dependencies", views.ExternalDependenciesView.as_view(), name="external-dependencies"),
]
