"""``/locations``: registering locations, and what is registered."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.document import DOCUMENT
from apps.catalog.models import Location
from apps.catalog.operations import delete_location, register_location, try_location, update_location
from apps.catalog.operations.locations import ConflictStrategy, entity_ref_of
from apps.catalog.permissions import LOCATION_CREATE, LOCATION_DELETE
from apps.catalog.queries import (
    LocationCursor,
    location_of_entity,
    query_locations,
    registered_location,
    registered_locations,
)
from apps.catalog.queries.locations import DEFAULT_LIMIT
from portal.entities import EntityRef, LocationRef
from portal.http.query import QueryParams
from portal.http.views import ApiView, Audit
from portal.services import permissions

#: What Backstage's clients write for "yes"; anything else is no.
YES = {"y", "yes", "true", "1", "on"}


def location_json(location: Location) -> dict[str, str]:
    """Return a location as the API gives it."""
    return {
        "id": str(location.id),
        "type": location.type,
        "target": location.target,
        "entityRef": location.location_entity_ref,
    }


def _is_yes(word: str | None) -> bool:
    return (word or "").strip().lower() in YES


class LocationListView(ApiView):
    """``GET`` and ``POST /locations``."""

    audits = {
        "get": Audit("location-fetch", meta={"queryType": "all"}),
        "post": Audit("location-mutate", "medium", {"actionType": "create", "isDryRun": False}),
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Tell the auditor of a dry run as of something that changes nothing."""
        if request.method == "POST" and _is_yes(request._request.GET.get("dryRun")):
            self.audits = {"post": Audit("location-mutate", meta={"actionType": "create", "isDryRun": True})}  # type: ignore[misc]
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> Response:
        """List the registered locations."""
        QueryParams(request._request, allowed=())
        found = registered_locations(credentials=self.credentials(request))
        return Response([{"data": location_json(location)} for location in found])

    def post(self, request: Request) -> Response:
        """Register a location, or with ``dryRun`` tell what registering it would bring."""
        params = QueryParams(request._request, allowed=("dryRun", "onConflict"))
        body = self.json_object(request)
        DOCUMENT.require(body, "NewLocation")
        dry_run = _is_yes(params.text("dryRun"))
        on_conflict = None
        if params.has("onConflict"):
            on_conflict = cast(ConflictStrategy, params.choice("onConflict", ("refresh", "reject"), default="reject"))
        credentials = self.credentials(request)
        permissions.require(LOCATION_CREATE, credentials)
        if dry_run:
            return Response(self._try(body), status=201)
        location = register_location(
            type=body["type"], target=body["target"], on_conflict=on_conflict, actor=credentials.principal.subject
        )
        return Response({"location": location_json(location), "entities": []}, status=201)

    def _try(self, body: dict[str, Any]) -> dict[str, Any]:
        entities, exists = try_location(type=body["type"], target=body["target"])
        location = LocationRef(body["type"], body["target"])
        # There is no id yet; Backstage gives the location itself for one.
        told = {**body, "id": str(location), "entityRef": entity_ref_of(location)}
        return {"exists": exists, "location": told, "entities": entities}


class LocationQueryView(ApiView):
    """``POST /locations/by-query``: a page by cursor, with the total."""

    audits = {"post": Audit("location-fetch", meta={"queryType": "by-query"})}

    def post(self, request: Request) -> Response:
        """Ask by a JSON body, which may be left out. With a cursor, nothing else counts."""
        QueryParams(request._request, allowed=())
        body = self.json_object(request)
        # The predicate tells what is wrong with it in better words than the document.
        DOCUMENT.require({name: value for name, value in body.items() if name != "query"}, "LocationsQuestion")
        if "cursor" in body:
            cursor = LocationCursor.decode(body["cursor"])
        else:
            cursor = LocationCursor(body.get("query", {}), int(body.get("limit", DEFAULT_LIMIT)))
        page = query_locations(cursor, credentials=self.credentials(request))
        return Response(
            {
                "items": [location_json(location) for location in page.items],
                "totalItems": page.total,
                "pageInfo": {"nextCursor": page.next.encode()} if page.next else {},
            }
        )


class LocationView(ApiView):
    """``GET``, ``PUT`` and ``DELETE /locations/<id>``."""

    audits = {
        "get": Audit("location-fetch", meta={"queryType": "by-id"}),
        "put": Audit("location-mutate", "medium", {"actionType": "update"}),
        "delete": Audit("location-mutate", "medium", {"actionType": "delete"}),
    }

    def get(self, request: Request, id: str) -> Response:
        """Return the location."""
        QueryParams(request._request, allowed=())
        return Response(location_json(registered_location(id, credentials=self.credentials(request))))

    def put(self, request: Request, id: str) -> Response:
        """Point the location at something else."""
        QueryParams(request._request, allowed=())
        body = self.json_object(request)
        DOCUMENT.require(body, "LocationInput")
        credentials = self.credentials(request)
        permissions.require(LOCATION_CREATE, credentials)
        changed = update_location(id=id, type=body["type"], target=body["target"], actor=credentials.principal.subject)
        return Response(location_json(changed))

    def delete(self, request: Request, id: str) -> Response:
        """Take the location away, and what only it led to."""
        QueryParams(request._request, allowed=())
        credentials = self.credentials(request)
        permissions.require(LOCATION_DELETE, credentials)
        delete_location(id=id, actor=credentials.principal.subject)
        return Response(status=204)


class LocationByEntityView(ApiView):
    """``GET /locations/by-entity/<kind>/<namespace>/<name>``: where an entity came from in the end."""

    audits = {"get": Audit("location-fetch", meta={"queryType": "by-entity"})}

    def get(self, request: Request, kind: str, namespace: str, name: str) -> Response:
        """Return the location."""
        QueryParams(request._request, allowed=())
        found = location_of_entity(EntityRef(kind, namespace, name), credentials=self.credentials(request))
        return Response(location_json(found))
