"""What the plugin attaches to the extension tree."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from apps.catalog_import import routes
from apps.catalog_import.views import ImportView, ProgressView, ProposalView, RegisterView
from portal.extensions import Media, Page


class CatalogImportPage(Page):
    """Registers what exists already: an address, what is there, and how its entities get on."""

    path = "/catalog-import"
    title = gettext_noop("Register a component")
    icon = "package-plus"
    route_ref = routes.import_page
    view = ImportView
    sub_views = {
        routes.register.path: RegisterView,
        routes.progress.path: ProgressView,
        routes.proposal.path: ProposalView,
    }
    enabled_if = {"permissions": {"$contains": "catalog.entity.create#create"}}
    config_schema = {
        # Whether the portal opens pull requests with the credentials of its integrations.
        "pullRequests": {"type": "boolean", "default": True}
    }
    media = Media(css=["catalog_import/catalog_import.css"])
