"""Where the plugin's page is, by Backstage's name, and where its steps are."""

from __future__ import annotations

from portal.routes import RouteRef, SubRouteRef

import_page = RouteRef("catalog-import.importPage")
register = SubRouteRef("catalog-import.register", parent=import_page, path="/register")
progress = SubRouteRef("catalog-import.progress", parent=import_page, path="/progress")
proposal = SubRouteRef("catalog-import.proposal", parent=import_page, path="/proposal")
