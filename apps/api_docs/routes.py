"""Where the pages about APIs are, by Backstage's names, and where their links to other plugins lead by default."""

from __future__ import annotations

from portal.routes import ExternalRouteRef, RouteRef, SubRouteRef

api_explorer = RouteRef("api-docs.root")
#: Backstage has no such places: it keeps the text in the browser, and tries APIs from its own origin.
definition = RouteRef("api-docs.definition", params=("namespace", "name"))
interactive = SubRouteRef("api-docs.interactive", parent=definition, path="/interactive")

register_api = ExternalRouteRef("api-docs.registerApi", default_target="catalog-import.importPage")
catalog_entity = ExternalRouteRef(
    "api-docs.catalogEntity", params=("namespace", "kind", "name"), default_target="catalog.catalogEntity"
)
