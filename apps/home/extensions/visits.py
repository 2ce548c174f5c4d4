"""Remembering what people visit. Both extensions are there if ``app.extensions`` mentions them, as in Backstage."""

from __future__ import annotations

from django.core.signals import request_finished
from django.utils.safestring import SafeString

from apps.home.extension_points import PageVisit, VisitsApi, visits_api
from apps.home.operations import note_visit, write_visits
from apps.home.queries import most_visits, recent_visits
from portal.credentials import UserPrincipal, credentials_of
from portal.entities import EntityRef
from portal.extensions import Api, AppRootElement, PageContext, get_api
from portal.routes.urls import url_for


class Visits(Api):
    """Keeps visits in the plugin's tables, written when the answer is on its way."""

    name = "visits"
    ref = visits_api
    disabled = True

    def create(self) -> VisitsApi:
        """Return the API; from here on, the end of each request is when visits are written."""
        request_finished.connect(write_visits, dispatch_uid="home.visits")
        return _StoredVisits()


class _StoredVisits(VisitsApi):
    """Visits as rows."""

    def save(self, user_ref: str, *, path: str, title: str, entity_ref: str = "") -> None:
        """Note a visit."""
        note_visit(user_ref, path=path, title=title, entity_ref=entity_ref)

    def recent(self, user_ref: str, *, limit: int) -> list[PageVisit]:
        """Return the latest."""
        return recent_visits(user_ref, limit=limit)

    def most(self, user_ref: str, *, limit: int) -> list[PageVisit]:
        """Return the most frequent."""
        return most_visits(user_ref, limit=limit)


class VisitListener(AppRootElement):
    """Notes each page that a person opens, but for the home page. It shows nothing.

    The tabs of an entity count as the entity. What is narrowed or paged by the address's query counts as its page.
    """

    name = "visit-listener"
    disabled = True

    def render(self, page: PageContext) -> SafeString:
        """Note the visit, if it is one and visits are remembered."""
        if _is_visit(page):
            try:
                api = get_api(visits_api)
            except LookupError:
                return SafeString("")
            path, entity_ref = _place(page)
            # The title of an entity's tab is "<entity> | <tab>".
            title = str(page.title).partition(" | ")[0] if entity_ref else str(page.title)
            api.save(credentials_of(page.request).principal.subject, path=path, title=title, entity_ref=entity_ref)
        return SafeString("")


def _is_visit(page: PageContext) -> bool:
    """Say whether a person looks at the page of an extension that has a title, and not at the home page."""
    is_person = isinstance(credentials_of(page.request).principal, UserPrincipal)
    return is_person and page.node is not None and page.node.id != "page:home" and bool(page.get("title"))


def _place(page: PageContext) -> tuple[str, str]:
    """Return the path that counts, and the ref of the entity whose page it is, if any."""
    path = page.request.path
    match = page.request.resolver_match
    parts = match.kwargs if match is not None else {}
    if {"namespace", "kind", "name"} <= parts.keys():
        own = url_for("catalog.catalogEntity", **{part: parts[part] for part in ("namespace", "kind", "name")})
        if own and (path == own or path.startswith(f"{own}/")):
            return own, str(EntityRef(parts["kind"], parts["namespace"], parts["name"]))
    return path, ""
