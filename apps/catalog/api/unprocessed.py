"""``/entities/unprocessed``: entities that aren't served, since they failed or have yet to be processed.

The API of Backstage's module ``unprocessed``, whose answers show rows as they are stored.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api import bodies
from apps.catalog.operations import delete_unprocessed_entity
from apps.catalog.permissions import UNPROCESSED_DELETE, UNPROCESSED_READ
from apps.catalog.queries import failed_entities, pending_entities
from portal.http.query import QueryParams
from portal.http.views import ApiView, Audit
from portal.services import permissions


class _UnprocessedListView(ApiView):
    """What the two lists have in common."""

    kind: ClassVar[str]
    audits = {"get": Audit("entity-fetch", meta={"queryType": "unprocessed"})}

    def get(self, request: Request) -> Response:
        """List them, or those of one owner as their files have it."""
        params = QueryParams(request._request, allowed=("owner",))
        permissions.require(UNPROCESSED_READ, self.credentials(request))
        return Response({"type": self.kind, "entities": self.rows(params.text("owner"))})

    def rows(self, owner: str | None) -> list[dict[str, Any]]:
        """Return the rows."""
        raise NotImplementedError


class FailedEntityListView(_UnprocessedListView):
    """``GET /entities/unprocessed/failed``: entities whose every run failed."""

    kind = "failed"

    def rows(self, owner: str | None) -> list[dict[str, Any]]:
        """Return those with errors."""
        return failed_entities(owner=owner)


class PendingEntityListView(_UnprocessedListView):
    """``GET /entities/unprocessed/pending``: entities whose first run is to come."""

    kind = "pending"

    def rows(self, owner: str | None) -> list[dict[str, Any]]:
        """Return those without errors."""
        return pending_entities(owner=owner)


class UnprocessedEntityDeleteView(ApiView):
    """``DELETE /entities/unprocessed/delete/<entity_id>``."""

    audits = {"delete": Audit("entity-mutate", "medium", {"actionType": "delete"})}

    def delete(self, request: Request, entity_id: str) -> Response:
        """Delete an entity that isn't served; the answer is the same if there is none."""
        QueryParams(request._request, allowed=())
        credentials = self.credentials(request)
        permissions.require(UNPROCESSED_DELETE, credentials)
        delete_unprocessed_entity(entity_id=bodies.uid(entity_id), actor=credentials.principal.subject)
        return Response(status=204)
