"""Links at the head of the About card, and the menu of an entity's page."""

from __future__ import annotations

from apps.catalog.extensions.cards import source_url
from apps.catalog.views.links import entity_link, why_url
from portal.entities import ref_of
from portal.extensions import EntityContextMenuItem, EntityIconLink, PageContext


class ViewSourceLink(EntityIconLink):
    """Leads to the entity's source code."""

    name = "view-source"
    label = "View source"
    icon = "code"

    def href(self, page: PageContext) -> str | None:
        """Return the source's address; None shows that there is none."""
        return source_url(page.entity)


class InspectMenuItem(EntityContextMenuItem):
    """Leads to the entity as the catalog holds it."""

    name = "inspect-entity"
    title = "Inspect entity"
    icon = "braces"

    def href(self, page: PageContext) -> str:
        """Return the address of the tab."""
        return f"{entity_link(ref_of(page.entity)).url}/inspect"


class WhyMenuItem(EntityContextMenuItem):
    """Leads to how the entity came into the catalog, and what keeps it from being up to date."""

    name = "why"
    title = "Trace where it comes from"
    icon = "route"

    def href(self, page: PageContext) -> str | None:
        """Return the address of the page that explains it; None if that page is disabled."""
        return why_url(ref=str(ref_of(page.entity)))


class CopyUrlMenuItem(EntityContextMenuItem):
    """Copies the address of the page; there if scripts are."""

    name = "copy-entity-url"
    title = "Copy entity URL"
    icon = "link"
    template_name = "catalog/pages/_copy_url.html"

    def href(self, page: PageContext) -> str | None:
        """Return the address that is copied."""
        return page.request.build_absolute_uri(entity_link(ref_of(page.entity)).url)
