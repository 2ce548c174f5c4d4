"""The names of the core's own pages."""

from __future__ import annotations

from portal.routes import RouteRef

visualizer = RouteRef("app-visualizer.root")
settings = RouteRef("user-settings.settings")
