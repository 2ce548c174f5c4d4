"""``POST /analyze-location``: what is at an address, before it is registered."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.document import DOCUMENT
from apps.catalog.operations.analysis import DEFAULT_FILENAME, analyze_location
from apps.catalog.permissions import LOCATION_ANALYZE
from portal.http.query import QueryParams
from portal.http.views import ApiView, Audit
from portal.services import permissions


class LocationAnalyzeView(ApiView):
    """``POST /analyze-location``."""

    audits = {"post": Audit("location-analyze")}

    def post(self, request: Request) -> Response:
        """Return the entities that are there already, or a proposal."""
        QueryParams(request._request, allowed=())
        body = self.json_object(request)
        DOCUMENT.require(body, "AnalysisQuestion")
        permissions.require(LOCATION_ANALYZE, self.credentials(request))
        # Backstage's client spells it one way, its document the other.
        filename = body.get("catalogFilename") or body.get("catalogFileName") or DEFAULT_FILENAME
        found = analyze_location(target=body["location"]["target"], filename=filename)
        existing = [
            {
                "location": {"type": "url", "target": one.target},
                "isRegistered": one.is_registered,
                "entity": one.entity,
            }
            for one in found.existing
        ]
        proposed = [{"entity": entity, "fields": []} for entity in found.proposed]
        # Backstage's answer has no word for it, and its clients pass over it.
        left_out = {"filesLeftOut": found.files_left_out} if found.files_left_out else {}
        return Response({"existingEntityFiles": existing, "generateEntities": proposed, **left_out})
