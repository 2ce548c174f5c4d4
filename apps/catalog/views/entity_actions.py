"""What can be done with an entity from its page: have it read again, and take it away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.catalog import routes
from apps.catalog.operations import delete_entity_by_uid, delete_location
from apps.catalog.operations.refreshing import refresh_entity
from apps.catalog.permissions import ENTITY_DELETE, ENTITY_REFRESH, LOCATION_DELETE
from apps.catalog.queries import entity_by_ref
from apps.catalog.queries.refreshes import refresh_of
from apps.catalog.queries.removal import removal_of
from apps.catalog.views.links import entity_link
from portal.entities import Entity, EntityRef
from portal.errors import ConflictError, InputError
from portal.extensions.presentation import title_of
from portal.extensions.toasts import show_toast
from portal.http.pages import PageView
from portal.routes.urls import link_for, url_for
from portal.services import permissions


class _EntityAction(PageView):
    """What the actions have in common: the entity, as far as whoever asks may see it."""

    def entity(self, parameters: dict[str, Any]) -> tuple[EntityRef, Entity]:
        """Return ref and entity. Raises ``NotFoundError``."""
        ref = EntityRef(parameters["kind"], parameters["namespace"], parameters["name"])
        return ref, orjson.loads(entity_by_ref(ref, credentials=self.credentials))


class EntityRefreshView(_EntityAction):
    """``/-/refresh``: asks for an entity's file to be read again now, and tells how that goes."""

    template_name = "catalog/cards/_refresh.html"

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Return the notice of a refresh, which asks again until it is over; ``?etag=`` is what the page shows."""
        ref, entity = self.entity(parameters)
        shown = request.GET.get("etag", "")
        return self.render(
            {
                "refresh": refresh_of(str(ref)),
                "refresh_url": request.path,
                "etag": shown,
                "has_changed": shown != entity["metadata"].get("etag"),
                "page_url": entity_link(ref).url,
            }
        )

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Make the entity due and go back to its page. Raises ``NotAllowedError``, ``NotFoundError``."""
        ref, entity = self.entity(parameters)
        permissions.require(ENTITY_REFRESH, self.credentials, resource=entity)
        refresh_entity(ref=str(ref), actor=self.credentials.principal.subject)
        return HttpResponseRedirect(f"{entity_link(ref).url}?refresh=scheduled")


class EntityUnregisterView(_EntityAction):
    """``/-/unregister``: takes away a registered location with all that came from it, or one entity."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Do what ``what`` says, ``location`` or ``entity``, and go where ``catalog.unregisterRedirect`` leads.

        Raises ``NotAllowedError``, ``NotFoundError``, ``InputError``, and ``ConflictError`` if the location isn't
        registered any more.
        """
        ref, entity = self.entity(parameters)
        actor = self.credentials.principal.subject
        match request.POST.get("what"):
            case "location":
                permissions.require(LOCATION_DELETE, self.credentials)
                removal = removal_of(entity, credentials=self.credentials)
                if removal.location is None:
                    raise ConflictError(f"No registered location led to {ref}; somebody may have removed it meanwhile.")
                delete_location(id=str(removal.location.id), actor=actor)
                told = _("Unregistered %(location)s.") % {"location": removal.origin}
            case "entity":
                permissions.require(ENTITY_DELETE, self.credentials, resource=entity)
                delete_entity_by_uid(uid=UUID(entity["metadata"]["uid"]), actor=actor)
                told = _("Deleted %(entity)s.") % {"entity": title_of(entity)}
            case what:
                raise InputError(f"'what' is {what!r}; it must be 'location' or 'entity'.")
        show_toast(request, told, severity="success")
        wanted = link_for(request, routes.unregister_redirect) or url_for(routes.catalog_index)
        return HttpResponseRedirect(wanted or "/")
