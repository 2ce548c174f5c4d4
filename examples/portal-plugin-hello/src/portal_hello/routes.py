"""The places that this plugin has, for links from anywhere: ``{% route "hello.notes" %}``."""

from __future__ import annotations

from portal.routes import RouteRef

notes = RouteRef("hello.notes")
