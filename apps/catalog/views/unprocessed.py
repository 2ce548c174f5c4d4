"""Entities that aren't served, since every run of theirs failed or the first is to come."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.catalog import routes
from apps.catalog.operations import delete_unprocessed_entity
from apps.catalog.permissions import UNPROCESSED_DELETE, UNPROCESSED_READ
from apps.catalog.queries.unprocessed import Unprocessed, UnprocessedListing, UnprocessedState, unprocessed_listing
from apps.catalog.views.links import why_url
from portal.errors import InputError
from portal.http.pages import PageView
from portal.http.query import whole_number
from portal.routes.urls import url_for
from portal.services import permissions

PAGE_SIZE = 20
LONGEST_TEXT = 200


class UnprocessedView(PageView):
    """``/catalog-unprocessed-entities``: what failed, and with ``?state=pending`` what is waiting; ``q`` narrows it."""

    template_name = "catalog/pages/unprocessed.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return a page of them. Raises ``NotAllowedError``."""
        permissions.require(UNPROCESSED_READ, self.credentials)
        state, text, offset = _question(self.request)
        listing = unprocessed_listing(state, text=text, limit=PAGE_SIZE, offset=offset)
        return {
            "state": state,
            "text": text,
            "listing": listing,
            "items": [(one, why_url(ref=one.ref), _raw(one)) for one in listing.items],
            "may_delete": permissions.authorize(UNPROCESSED_DELETE, self.credentials).allowed,
            "here": _url(self.request, state, text, listing.offset),
            "url": self.request.path,
            "failed_url": _url(self.request, "failed", text),
            "pending_url": _url(self.request, "pending", text),
            "catalog_url": url_for(routes.catalog_index),
            "locations_url": url_for(routes.locations),
            **_paging(self.request, listing, state, text),
        }

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Delete an entity that isn't served, and go back to the list. Raises ``NotAllowedError``, ``InputError``."""
        permissions.require(UNPROCESSED_DELETE, self.credentials)
        try:
            entity_id = UUID(request.POST.get("entity", ""))
        except ValueError as error:
            raise InputError("The form names no entity to delete. Go back, and try again.") from error
        delete_unprocessed_entity(entity_id=entity_id, actor=self.credentials.principal.subject)
        state, text, offset = _question(request)
        return HttpResponseRedirect(_url(request, state, text, offset))


def _question(request: HttpRequest) -> tuple[UnprocessedState, str, int]:
    asked = request.GET
    state: UnprocessedState = "pending" if asked.get("state") == "pending" else "failed"
    return state, asked.get("q", "").strip()[:LONGEST_TEXT], whole_number(asked.get("offset"))


def _url(request: HttpRequest, state: UnprocessedState, text: str, offset: int = 0) -> str:
    pairs = {"state": state if state != "failed" else "", "q": text, "offset": offset}
    query = urlencode({name: value for name, value in pairs.items() if value}, safe=":/")
    return f"{request.path}?{query}" if query else request.path


def _paging(request: HttpRequest, listing: UnprocessedListing, state: UnprocessedState, text: str) -> dict[str, Any]:
    total = listing.failed if state == "failed" else listing.pending
    last = listing.offset + len(listing.items)
    earlier = max(0, listing.offset - PAGE_SIZE)
    return {
        "total": total,
        "first": listing.offset + 1 if listing.items else 0,
        "last": last,
        "previous_url": _url(request, state, text, earlier) if listing.offset else None,
        "next_url": _url(request, state, text, last) if last < total else None,
    }


def _raw(one: Unprocessed) -> str:
    return orjson.dumps(one.entity, option=orjson.OPT_INDENT_2).decode()
