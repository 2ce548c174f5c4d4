"""The home page, and arranging it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.home import routes
from apps.home.operations import WIDTHS, forget_visits_of, rearrange, restore_defaults
from apps.home.queries import Place, arrangement_of, placed
from portal.config import current
from portal.extensions import visible_children
from portal.http.pages import PageView
from portal.routes.urls import url_for


class _HomeView(PageView):
    """What both pages have in common."""

    def user_ref(self) -> str:
        """Return who the page belongs to: a person, or a program that looks at it."""
        return self.credentials.principal.subject

    def places(self, arrangement: list[dict[str, Any]] | None) -> list[Place]:
        """Return the widgets that are there for the person, in their places."""
        nodes = visible_children(self.page, "widgets", self.page_context())
        return placed(nodes, arrangement, self.page.config["defaultConfig"])


class HomeView(_HomeView):
    """``/home``."""

    template_name = "home/pages/home.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the widgets that are shown."""
        places = self.places(arrangement_of(self.user_ref()))
        return {
            "widgets": [place for place in places if place.visible],
            "layout": self.page.child("layout"),
            "organization": current().get_str("organization.name", default=""),
            "edit_url": url_for(routes.edit),
        }


class HomeEditView(_HomeView):
    """``/home/edit``: which widgets are shown, in which order, and how wide. Each change is kept at once."""

    template_name = "home/pages/edit.html"
    fragments = {"home-edit": "home/pages/_edit.html"}

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return all widgets, hidden ones too."""
        arrangement = arrangement_of(self.user_ref())
        return {
            "places": self.places(arrangement),
            "is_own": arrangement is not None,
            "widths": WIDTHS,
            "home_url": url_for(routes.home),
            "edit_url": url_for(routes.edit),
        }

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Do what ``do`` says. Raises ``InputError`` for what can't be done."""
        change = request.POST.get("do", "")
        if change == "restore":
            restore_defaults(user_ref=self.user_ref())
        elif change == "forget":
            forget_visits_of(self.user_ref())
        else:
            places = self.places(arrangement_of(self.user_ref()))
            rearrange(places, user_ref=self.user_ref(), widget=request.POST.get("widget", ""), change=change)
        if request.headers.get("HX-Request") == "true":
            return self.render({**self.context(), "changed": request.POST.get("widget", ""), "change": change})
        return HttpResponseRedirect(url_for(routes.edit) or request.path)

    def title(self, values: Mapping[str, Any]) -> str:
        """Return the document's title."""
        return _("Arrange your home page")
