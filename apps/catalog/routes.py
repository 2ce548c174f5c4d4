"""Where the catalog's pages are, by Backstage's names, and where its links to other plugins lead by default."""

from __future__ import annotations

from portal.routes import ExternalRouteRef, RouteRef, SubRouteRef

catalog_index = RouteRef("catalog.catalogIndex")
catalog_entity = RouteRef("catalog.catalogEntity", params=("namespace", "kind", "name"))
#: Backstage has no such page: where each location stands, and what is wrong with its files.
locations = SubRouteRef("catalog.locations", parent=catalog_index, path="/locations")
#: Nor these: the list as a file, a star that is set, a list that is kept, and values of a filter that are looked for.
export = SubRouteRef("catalog.export", parent=catalog_index, path="/-/export")
star = SubRouteRef("catalog.star", parent=catalog_index, path="/-/star")
saved_views = SubRouteRef("catalog.savedViews", parent=catalog_index, path="/-/views")
filter_options = SubRouteRef("catalog.filterOptions", parent=catalog_index, path="/-/options/:param")
#: Nor this one: what became of an entity that isn't where it is looked for.
why = RouteRef("catalog.why")
#: Backstage's, of a plugin whose page the catalog brings.
unprocessed = RouteRef("catalog-unprocessed-entities.root")

create_component = ExternalRouteRef("catalog.createComponent", default_target="scaffolder.root")
view_tech_doc = ExternalRouteRef(
    "catalog.viewTechDoc", params=("namespace", "kind", "name"), default_target="techdocs.docRoot"
)
create_from_template = ExternalRouteRef(
    "catalog.createFromTemplate",
    params=("namespace", "templateName"),
    default_target="scaffolder.selectedTemplate",
)
#: Where somebody goes who has removed an entity; the list, if nothing is bound to it.
unregister_redirect = ExternalRouteRef("catalog.unregisterRedirect")
