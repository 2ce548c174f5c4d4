"""Where the home page is, by Backstage's name, and where it is arranged."""

from __future__ import annotations

from portal.routes import RouteRef, SubRouteRef

home = RouteRef("home.root")
edit = SubRouteRef("home.edit", parent=home, path="/edit")
