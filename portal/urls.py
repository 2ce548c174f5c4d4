"""Where things are. Plugins are never named here: their APIs and pages come from their rooms."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from portal.http.health import urlpatterns as health_urlpatterns
from portal.http.plugin_api import api_urlpatterns
from portal.routes.urls import page_urlpatterns
from portal.shell.urls import urlpatterns as shell_urlpatterns

urlpatterns = [
    *health_urlpatterns,
    *api_urlpatterns(),
    path("admin/", admin.site.urls),
    *shell_urlpatterns,
    *page_urlpatterns(),
]
handler400 = "portal.http.handlers.bad_request"
handler403 = "portal.http.handlers.forbidden"
handler404 = "portal.http.handlers.not_found"
handler500 = "portal.http.handlers.server_error"
