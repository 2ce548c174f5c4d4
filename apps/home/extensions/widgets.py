"""Widgets: the company's logo, a search bar, a toolkit, and starred entities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext, gettext_noop

from apps.home.queries import named_entities
from portal.credentials import credentials_of
from portal.entities import parse_ref
from portal.extensions import HomeWidget, PageContext, get_api
from portal.extensions.icons import kind_icon
from portal.extensions.starred import starred_entities_api
from portal.routes.urls import link_for

_ADDRESS = {"type": "string", "pattern": "^(https?://|/(?!/))"}
#: How many entries are shown, in the configuration for all and in everybody's settings.
LIMIT = {"type": "integer", "title": gettext_noop("How many"), "minimum": 1, "maximum": 50, "default": 8}
_TOOL = {
    "type": "object",
    "properties": {"label": {"type": "string", "minLength": 1}, "url": _ADDRESS, "icon": {"type": "string"}},
    "required": ["label", "url"],
    "additionalProperties": False,
}
#: Pages of the portal that are tools, where they are installed: route, words, icon.
_OWN_TOOLS = (
    ("catalog.catalogIndex", gettext_noop("Catalog"), "library"),
    ("catalog-import.importPage", gettext_noop("Register a component"), "package-plus"),
    ("catalog.locations", gettext_noop("Locations"), "map-pin"),
    ("catalog.why", gettext_noop("Why is it missing?"), "circle-question-mark"),
)


class CompanyLogoWidget(HomeWidget):
    """The organisation's logo, where one is configured."""

    name = "company-logo"
    title = gettext_noop("Company logo")
    description = gettext_noop("The organisation's logo.")
    icon = "building-2"
    width = 12
    plain: ClassVar[bool] = True
    template_name = "home/widgets/company_logo.html"
    config_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {"logo": _ADDRESS}

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the logo's address."""
        return {"logo": self.config.get("logo")}

    def is_visible(self, page: PageContext) -> bool:
        """Say whether there is anything to show: the page's heading has the name already."""
        return bool(self.config.get("logo"))


class SearchBarWidget(HomeWidget):
    """A field that leads to the search page, or without one to the catalog's list."""

    name = "search-bar"
    title = gettext_noop("Search")
    description = gettext_noop("A field to search from.")
    icon = "search"
    width = 12
    plain: ClassVar[bool] = True
    template_name = "home/widgets/search_bar.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return where the form leads, and what its field is called there."""
        search = link_for(page.request, "search.root")
        if search:
            return {"url": search, "field": "query"}
        return {"url": link_for(page.request, "catalog.catalogIndex"), "field": "filters[text]"}

    def is_visible(self, page: PageContext) -> bool:
        """Say whether there is something to search."""
        return bool(self.context(page)["url"])


class ToolkitWidget(HomeWidget):
    """Links that are needed often: those of the configuration, else the portal's own tools."""

    name = "toolkit"
    title = gettext_noop("Toolkit")
    description = gettext_noop("Links to what is needed often.")
    icon = "wrench"
    width = 6
    template_name = "home/widgets/toolkit.html"
    config_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tools": {"type": "array", "items": _TOOL, "default": []}
    }

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the links."""
        tools = [{"icon": "external-link", **tool} for tool in self.config["tools"]]
        own = [
            {"label": gettext(label), "url": url, "icon": icon}
            for route, label, icon in _OWN_TOOLS
            if (url := link_for(page.request, route))
        ]
        return {"tools": tools or own}


class StarredEntitiesWidget(HomeWidget):
    """The entities that the person starred, the latest first."""

    name = "starred-entities"
    title = gettext_noop("Your starred entities")
    description = gettext_noop("What you starred in the catalog.")
    icon = "star"
    width = 6
    template_name = "home/widgets/starred_entities.html"
    config_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {"limit": LIMIT}
    settings_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {"limit": LIMIT}

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return links to those that are there and may be seen, and how many stars there are."""
        credentials = credentials_of(page.request)
        limit = page.get("settings", {}).get("limit", self.config["limit"])
        refs = get_api(starred_entities_api).starred(credentials.principal.subject)
        named = named_entities(refs[:limit], credentials=credentials)
        entities = [
            {"title": title, "note": note, "icon": kind_icon(ref.kind), "ref": ref}
            for ref, (title, note) in ((parse_ref(text), names) for text, names in named.items())
        ]
        catalog_url = link_for(page.request, "catalog.catalogIndex")
        return {"entities": entities, "more": len(refs) - limit, "catalog_url": catalog_url}

    def is_visible(self, page: PageContext) -> bool:
        """Say whether there are stars at all: the catalog may be elsewhere, or have them disabled."""
        try:
            get_api(starred_entities_api)
        except LookupError:
            return False
        return True
