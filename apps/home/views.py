"""The home page, and arranging it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.home import routes
from apps.home.forms import SettingsForm
from apps.home.operations import HEIGHTS, WIDTHS, forget_visits_of, rearrange, restore_defaults, set_up
from apps.home.queries import Place, arrangement_of, placed
from portal.errors import InputError
from portal.extensions import Node, visible_children
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
            "layout": next(iter(visible_children(self.page, "layout", self.page_context())), None),
            "edit_url": url_for(routes.edit),
        }

    def loaded(self, values: Mapping[str, Any]) -> Iterable[Node]:
        """Return the extensions whose stylesheets and scripts are loaded: of the widgets, those that are shown."""
        hidden = {*self.page.children("widgets")} - {place.node for place in values["widgets"]}
        return [node for node in self.page.walk() if node not in hidden]


class HomeEditView(_HomeView):
    """``/home/edit``: which widgets are shown, in which order, how large, and set to what. Changes are kept at once."""

    template_name = "home/pages/edit.html"
    fragments = {"home-edit": "home/pages/_edit.html"}

    def context(self, *, faulty: Mapping[str, SettingsForm] | None = None, **parameters: Any) -> dict[str, Any]:
        """Return all widgets, hidden ones too, each with the form of its settings if it has any.

        ``faulty`` are forms that stay as they were sent, by widget.
        """
        forms = faulty or {}
        arrangement = arrangement_of(self.user_ref())
        return {
            "places": [(place, forms.get(place.node.id) or self._form(place)) for place in self.places(arrangement)],
            "is_own": arrangement is not None,
            "widths": WIDTHS,
            "heights": HEIGHTS,
            "home_url": url_for(routes.home),
            "edit_url": url_for(routes.edit),
        }

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Do what ``do`` says. Raises ``InputError`` for what can't be done."""
        change, widget, user_ref = request.POST.get("do", ""), request.POST.get("widget", ""), self.user_ref()
        if change == "restore":
            restore_defaults(user_ref=user_ref)
        elif change == "forget":
            forget_visits_of(user_ref)
        elif change == "settings":
            if form := self._faulty_settings(widget):
                return self.render(self.context(faulty={widget: form}))
        elif change == "default-settings":
            set_up(self._arranged(), user_ref=user_ref, widget=widget, settings={})
        else:
            rearrange(self._arranged(), user_ref=user_ref, widget=widget, change=change)
        if request.headers.get("HX-Request") == "true":
            return self.render(self.context())
        return HttpResponseRedirect(url_for(routes.edit) or request.path)

    def _arranged(self) -> list[Place]:
        return self.places(arrangement_of(self.user_ref()))

    def _faulty_settings(self, widget: str) -> SettingsForm | None:
        """Keep what the person sent; return the form if there is something wrong with it."""
        places = self._arranged()
        place = next((place for place in places if place.node.id == widget), None)
        form = self._form(place, data=self.request.POST) if place is not None else None
        if form is None:
            raise InputError(f"There is no widget '{widget}' with settings on this page.")
        if not form.is_valid():
            return form
        set_up(places, user_ref=self.user_ref(), widget=widget, settings=form.settings)
        return None

    def _form(self, place: Place, *, data: Any = None) -> SettingsForm | None:
        schema = place.widget.settings_schema
        return SettingsForm(schema, place.settings, data=data, widget=place.node.id) if schema else None

    def title(self, values: Mapping[str, Any]) -> str:
        """Return the document's title."""
        return _("Arrange your home page")
