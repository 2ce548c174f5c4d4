"""Blueprints of what stands in the head of an entity's page and what opens over it. Backstage has no such kinds."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from portal.extensions.base import Relative
from portal.extensions.entity import EntityContextMenuItem, _ForEntities
from portal.extensions.inputs import AttachmentPoint
from portal.extensions.page import PageContext


class EntityHeaderAction(_ForEntities):
    """A button in the head of an entity's page, before the menu: a star, a subscription.

    Its template gets ``entity``, the plain dict.
    """

    abstract = True
    kind = "entity-header-action"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:catalog/entity", "headerActions")


class EntityDialog(EntityContextMenuItem):
    """An entry in the menu of an entity's page that opens a dialog over it.

    The dialog is part of the address, ``?<param>=…``: it can be linked to, goes away with the browser's button, and
    without scripts it stands on the page. Its template gets ``entity``, ``title``, ``value``, the value of the
    parameter, ``close_url``, and what ``dialog_context`` returns.
    """

    abstract = True
    template_name = "portal/extensions/dialog_link.html"

    #: The parameter in the address.
    param: ClassVar[str] = ""
    #: The value that the menu opens it with.
    first_value: ClassVar[str] = "1"
    dialog_template_name: ClassVar[str] = ""

    def href(self, page: PageContext) -> str | None:
        """Return the address of the page with the dialog open; None shows the entry as unavailable."""
        query = QueryDict(mutable=True)
        query[self.param] = self.first_value
        return f"{page.request.path}?{query.urlencode()}"

    def is_asked_for(self, page: PageContext) -> bool:
        """Say whether the address has the parameter."""
        return self.param in page.request.GET

    def dialog_context(self, page: PageContext, value: str) -> dict[str, Any]:
        """Return what the dialog's template needs. Called when the dialog is shown."""
        return {}

    def render_dialog(self, page: PageContext) -> SafeString:
        """Return what is inside the dialog. What is raised is shown in its place, as for every extension."""
        value = page.request.GET.get(self.param, "")
        values = {
            **page.values,
            "title": gettext(self.title),
            "value": value,
            "close_url": page.request.path,
            **self.dialog_context(page, value),
            "page": page,
            "extension": self.node,
        }
        return render_to_string(self.dialog_template_name, values, page.request)
