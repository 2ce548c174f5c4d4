"""Links at the head of the About card, and the menu of an entity's page."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from apps.catalog import routes
from apps.catalog.extensions.cards import source_url
from apps.catalog.views.links import entity_link, why_url
from portal.entities import parse_ref, ref_of
from portal.errors import InputError
from portal.extensions import EntityContextMenuItem, EntityIconLink, PageContext
from portal.routes.urls import link_for

ANNOTATION_TECHDOCS = "backstage.io/techdocs-ref"
#: The entity whose documentation it shares.
ANNOTATION_TECHDOCS_ENTITY = "backstage.io/techdocs-entity"


class ViewSourceLink(EntityIconLink):
    """Leads to the entity's source code."""

    name = "view-source"
    label = _("View source")
    icon = "code"

    def href(self, page: PageContext) -> str | None:
        """Return the source's address; None shows that there is none."""
        return source_url(page.entity)


class ReadDocsLink(EntityIconLink):
    """Leads to the documentation of an entity that has any; unavailable without a plugin that shows it."""

    namespace = "techdocs"
    name = "read-docs"
    label = _("View TechDocs")
    icon = "file-text"
    filter = {
        "$any": [
            {f"metadata.annotations.{ANNOTATION_TECHDOCS}": {"$exists": True}},
            {f"metadata.annotations.{ANNOTATION_TECHDOCS_ENTITY}": {"$exists": True}},
        ]
    }

    def href(self, page: PageContext) -> str | None:
        """Return the address of the documentation, which may be another entity's; None if nothing shows it."""
        ref = ref_of(page.entity)
        named = page.entity["metadata"]["annotations"].get(ANNOTATION_TECHDOCS_ENTITY)
        if named is not None:
            try:
                ref = parse_ref(named)
            except InputError:
                return None
        place = {"namespace": ref.namespace, "kind": ref.kind.lower(), "name": ref.name}
        return link_for(page.request, routes.view_tech_doc, **place)


class LaunchTemplateLink(EntityIconLink):
    """Leads to the form of a template; unavailable without a plugin that runs it."""

    namespace = "scaffolder"
    name = "launch-template"
    label = _("Launch template")
    icon = "rocket"
    filter = {"kind": "template"}

    def href(self, page: PageContext) -> str | None:
        """Return the address of the form; None if nothing shows it."""
        ref = ref_of(page.entity)
        place = {"namespace": ref.namespace, "templateName": ref.name}
        return link_for(page.request, routes.create_from_template, **place)


class WhyMenuItem(EntityContextMenuItem):
    """Leads to how the entity came into the catalog, and what keeps it from being up to date."""

    name = "why"
    title = _("Trace where it comes from")
    icon = "route"

    def href(self, page: PageContext) -> str | None:
        """Return the address of the page that explains it; None if that page is disabled."""
        return why_url(ref=str(ref_of(page.entity)))


class CopyUrlMenuItem(EntityContextMenuItem):
    """Copies the address of the page; there if scripts are."""

    name = "copy-entity-url"
    title = _("Copy entity URL")
    icon = "link"
    template_name = "catalog/pages/_copy_url.html"

    def href(self, page: PageContext) -> str | None:
        """Return the address that is copied."""
        return page.request.build_absolute_uri(entity_link(ref_of(page.entity)).url)
