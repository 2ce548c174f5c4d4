"""The catalog's list: what its filters leave, strictly as they say, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import ngettext_lazy

from apps.catalog import routes
from apps.catalog.forms import CatalogQuery
from apps.catalog.models import SavedView
from apps.catalog.permissions import ENTITY_CREATE, LOCATION_READ
from apps.catalog.queries.briefs import entity_briefs, entity_titles
from apps.catalog.queries.saved_views import saved_view, saved_views
from apps.catalog.views.display import display_of, remember
from apps.catalog.views.exporters import exporters_of
from apps.catalog.views.listed import listed_rows
from apps.catalog.views.narrowing import ActiveFilters, CatalogState, refs_to_name
from apps.catalog.views.paging import Pages, Pagination
from apps.catalog.views.rows import entity_rows, refs_beside
from apps.catalog.views.stars import user_of
from portal.errors import NotFoundError
from portal.extensions import visible_children
from portal.http.pages import PageView
from portal.routes.urls import link_for, url_for
from portal.services import permissions

#: Stands in the address where the bare one opens somebody's own view.
NO_VIEW = "none"
#: What entities are called when they are counted, by kind; "" of all kinds. Others get an s.
NOUNS = {
    "": ngettext_lazy("entity", "entities"),
    "api": ngettext_lazy("API", "APIs"),
    "component": ngettext_lazy("component", "components"),
    "domain": ngettext_lazy("domain", "domains"),
    "group": ngettext_lazy("group", "groups"),
    "location": ngettext_lazy("location", "locations"),
    "resource": ngettext_lazy("resource", "resources"),
    "system": ngettext_lazy("system", "systems"),
    "template": ngettext_lazy("template", "templates"),
    "user": ngettext_lazy("user", "users"),
}


class CatalogPageView(PageView):
    """What the list has in common with what is made of it: the query, and the filters with their values."""

    def catalog_url(self) -> str:
        """Return the address of the list."""
        return url_for(routes.catalog_index) or self.request.path

    def filters_for(self, query: CatalogQuery) -> ActiveFilters:
        """Return the filters that are there for the person, with the values of a query."""
        state = CatalogState(query, self.catalog_url(), {})
        page = self.page_context(catalog=state)
        filters = ActiveFilters(visible_children(self.page, "filters", page), query, page, self.credentials)
        for one in filters.all:
            # What is chosen anyway needn't be said; the scene is, so that an address means the same tomorrow.
            if not one.is_scope and query.values(one.param) and one.values(()) == filters.chosen[one.param]:
                filters.query = filters.query.with_filter(one.param, ())
        filters.query = replace(filters.query, offset=query.offset, cursor=query.cursor)
        return filters


class CatalogIndexView(CatalogPageView):
    """``/catalog``. Asked for by htmx, it answers with the part that changes."""

    template_name = "catalog/pages/index.html"
    fragments = {
        "catalog": "catalog/pages/_catalog.html",
        "catalog-results": "catalog/pages/_results_fragment.html",
    }

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the list. The address that htmx leaves in the browser is the short one."""
        user = user_of(request)
        self.views = saved_views(user.user_entity_ref) if user else []
        asked = request.GET.get("view", "")
        opened = self._opened(asked) if asked and asked != NO_VIEW else None
        if opened is not None:
            return HttpResponseRedirect(f"{self.catalog_url()}?{opened.query or f'view={NO_VIEW}'}")
        values = self.context(is_missing_view=bool(asked) and asked != NO_VIEW)
        response = self.render(values)
        state: CatalogState = values["catalog"]
        query = state.query
        if "remember" in request.GET:
            remember(values["display"], values["kind"], request, response)
            # From now on it goes without saying.
            query = replace(query, columns=(), density="")
        if request.headers.get("HX-Request") == "true":
            response["HX-Push-Url"] = state.link_to(query)
        return response

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the rows, their columns, the filters' state and where the neighbouring pages are."""
        filters = self.filters_for(CatalogQuery.parse(self._asked()))
        kinds = filters.chosen.get("kind", ())
        kind = kinds[0].lower() if len(kinds) == 1 else None
        display = display_of(filters.query, kind, self.request, type_is_chosen=bool(filters.chosen.get("type")))
        pagination = Pagination.of(self.page.config)
        if display.query.limit == pagination.limit:
            display = replace(display, query=replace(display.query, limit=None))
        listing, query = pagination.read(
            display.query, filters.narrowing, credentials=self.credentials, order=display.order
        )
        offers = filters.offers()
        entities = [orjson.loads(text) for text in listing.items]
        sought = _sought(self.request.GET)
        named = refs_beside(entities) | refs_to_name(filters, offers, sought)
        known = entity_briefs(named, credentials=self.credentials)
        state = CatalogState(
            query,
            self.catalog_url(),
            filters.chosen,
            offers,
            known,
            is_update=self.request.headers.get("HX-Target") == "catalog-results",
            sought=sought,
            plain=f"view={NO_VIEW}" if self._default() else "",
        )
        return {
            "catalog": state,
            "kind": kind,
            "display": display,
            "headings": display.headings(state),
            "rows": listed_rows(entity_rows(entities, display.columns, known), entities, self.request),
            "listing": listing,
            "noun": _noun(kind, listing.total),
            "active": filters.removable(state),
            "pages": Pages.of(listing, state, pagination),
            "pagination": pagination,
            "limit": query.limit or pagination.limit,
            "is_narrowed": filters.is_narrowed,
            # Nothing is in the catalog, as opposed to nothing that is wanted.
            "is_empty": not listing.total and not offers.get("kind", filters.is_narrowed),
            "clear_url": state.link_to(filters.cleared()),
            "star_url": url_for(routes.star),
            "export_url": self._export_url(state),
            "exporters": exporters_of(self.page, self.page_context()),
            **self._views(state, is_missing=bool(parameters.get("is_missing_view"))),
            **self._actions(),
        }

    def _asked(self) -> QueryDict:
        """Return what the address asks for; the bare one asks for the person's own view."""
        default = self._default()
        return QueryDict(default.query) if default and not self.request.GET else self.request.GET

    def _default(self) -> SavedView | None:
        user = user_of(self.request)
        own = (view for view in self.views if user and view.owner_ref == user.user_entity_ref)
        return next((view for view in own if view.is_default), None)

    def _opened(self, view_id: str) -> SavedView | None:
        user = user_of(self.request)
        return saved_view(view_id, owner_ref=user.user_entity_ref if user else "")

    def _views(self, state: CatalogState, *, is_missing: bool) -> dict[str, Any]:
        """Return the views to open, and what the form needs to keep this list as one."""
        user = user_of(self.request)
        now = state.query.first_page().encode()
        own = [view for view in self.views if user and view.owner_ref == user.user_entity_ref]
        return {
            "views_url": url_for(routes.saved_views) if user else None,
            "own_views": own,
            "shared_views": [view for view in self.views if view not in own],
            "current_view": next((view for view in self.views if view.query == now), None),
            "current_is_own": any(view.query == now for view in own),
            "view_query": now,
            "is_missing_view": is_missing,
        }

    def _export_url(self, state: CatalogState) -> str | None:
        if not self.page.config["exportSettings"].get("enabled", True) or not (url := url_for(routes.export)):
            return None
        encoded = state.query.first_page().encode()
        return f"{url}?{encoded}&" if encoded else f"{url}?"

    def _actions(self) -> dict[str, Any]:
        """Return where the buttons lead, as far as the person may use them and their plugin is there."""
        may_create = permissions.authorize(ENTITY_CREATE, self.credentials).allowed
        may_see_locations = permissions.authorize(LOCATION_READ, self.credentials).allowed
        return {
            "create_url": link_for(self.request, routes.create_component) if may_create else None,
            "locations_url": url_for(routes.locations) if may_see_locations else None,
        }


class FilterOptionsView(CatalogPageView):
    """Looks for a text among the values of one filter, which are more than the page shows at once."""

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Return the filter's values, for htmx to put in place. Raises ``NotFoundError`` for an unknown filter."""
        filters = self.filters_for(CatalogQuery.parse(request.GET))
        param: str = parameters["param"]
        page = self.page_context()
        for node in visible_children(
            self.page, "filters", page.extended({"catalog": CatalogState(filters.query, "", {})})
        ):
            if getattr(node.extension, "param", "") == param:
                break
        else:
            raise NotFoundError(f"The list has no filter '{param}'.")
        offers = filters.offers([param])
        sought = _sought(request.GET)
        titles = entity_titles(refs_to_name(filters, offers, sought), credentials=self.credentials)
        state = CatalogState(
            filters.query,
            self.catalog_url(),
            filters.chosen,
            offers,
            titles,
            is_update=True,
            sought=sought,
        )
        return HttpResponse(node.extension.render(page.extended({"catalog": state})))


def _sought(asked: QueryDict) -> dict[str, str]:
    """Return what is looked for among the values of filters: ``find[owners]=pay``."""
    return {
        key.removeprefix("find[").removesuffix("]"): value.strip()[:100]
        for key, value in asked.items()
        if key.startswith("find[") and isinstance(value, str) and value.strip()
    }


def _noun(kind: str | None, count: int) -> str:
    """Return what is counted: ``components``, ``APIs``, ``1 entity``."""
    if known := NOUNS.get(kind or ""):
        return str(known % count)
    return kind if kind and count == 1 else f"{kind}s"
