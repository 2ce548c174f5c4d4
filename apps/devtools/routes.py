"""Where the pages are, by Backstage's name."""

from __future__ import annotations

from portal.routes import RouteRef

root = RouteRef("devtools.root")
