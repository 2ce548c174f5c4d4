"""Stars on entities: who asks, what they starred, and the button that changes it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from apps.catalog import routes
from apps.catalog.queries import entity_by_ref
from apps.catalog.views.cells import star_button
from portal.credentials import UserPrincipal, credentials_of
from portal.entities import parse_ref
from portal.errors import NotAllowedError, NotFoundError
from portal.extensions import ask_api, get_api
from portal.extensions.starred import StarredEntitiesApi, starred_entities_api
from portal.http.pages import PageView
from portal.routes.urls import url_for


def user_of(request: HttpRequest) -> UserPrincipal | None:
    """Return the person who asks; None for programs."""
    principal = credentials_of(request).principal
    return principal if isinstance(principal, UserPrincipal) else None


def starred_by(user: UserPrincipal | None, request: HttpRequest) -> list[str]:
    """Return what somebody starred; asked once for a request."""
    if user is None:
        return []
    known: list[str] | None = getattr(request, "_catalog_starred", None)
    if known is None:
        nothing: list[str] = []
        known = ask_api(starred_entities_api, lambda api: api.starred(user.user_entity_ref), nothing)
        request._catalog_starred = known  # type: ignore[attr-defined]
    return known


def starred_among(refs: Collection[str], request: HttpRequest) -> frozenset[str] | None:
    """Return which of some entities the person starred; None where there are no stars to set."""
    user = user_of(request)
    if user is None:
        return None
    return ask_api(starred_entities_api, lambda api: api.starred_among(user.user_entity_ref, refs), None)


def stars_api() -> StarredEntitiesApi | None:
    """Return the API; None if it is disabled."""
    try:
        return get_api(starred_entities_api)
    except LookupError:
        return None


class StarView(PageView):
    """Stars an entity (``star=<ref>``) or takes the star away (``unstar=<ref>``)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Change the star; htmx gets the button as it is now, others go back to where they were.

        Raises ``NotAllowedError`` for programs, ``NotFoundError`` for an entity that isn't there, ``InputError``.
        """
        user, api = user_of(request), stars_api()
        if user is None:
            raise NotAllowedError("Only people star entities; this is a program's token.")
        if api is None:
            raise NotFoundError("Nobody stars entities here: the extension 'api:catalog/starred-entities' is disabled.")
        starred = "star" in request.POST
        ref = parse_ref(request.POST.get("star" if starred else "unstar", ""))
        if starred:
            # Nobody learns by a star whether there is what they may not see.
            entity_by_ref(ref, credentials=self.credentials)
        api.set_starred(user.user_entity_ref, str(ref), starred=starred)
        if request.headers.get("HX-Request") == "true":
            button_id = request.headers.get("HX-Trigger", "star")
            response = HttpResponse(star_button(str(ref), request.path, starred=starred, id=button_id))
            # How many are starred has changed; whoever shows it asks again.
            response["HX-Trigger-After-Settle"] = "stars-changed"
            return response
        return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return where the button was pressed, if that is a page of this portal."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return asked if asked and is_ours else url_for(routes.catalog_index) or "/"
