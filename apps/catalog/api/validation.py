"""``POST /validate-entity``: would the catalog take this entity?"""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.document import DOCUMENT
from apps.catalog.permissions import ENTITY_VALIDATE
from apps.catalog.processing import ProcessingError, validate_entity
from portal.http.query import QueryParams
from portal.http.views import ApiView, Audit
from portal.services import permissions


class EntityValidateView(ApiView):
    """``POST /validate-entity``."""

    audits = {"post": Audit("entity-validate")}

    def post(self, request: Request) -> Response:
        """Answer with nothing if the entity is right, else 400 with ``{errors}``, which is no error envelope."""
        QueryParams(request._request, allowed=())
        body = self.json_object(request)
        DOCUMENT.require(body, "Validation")
        permissions.require(ENTITY_VALIDATE, self.credentials(request))
        errors = validate_entity(body["entity"], location=body["location"])
        if errors:
            return Response({"errors": [_told(error) for error in errors]}, status=400)
        return Response(status=200)


def _told(error: ProcessingError) -> dict[str, Any]:
    form: dict[str, Any] = {"name": error.name, "message": error.message}
    if error.cause:
        name, message = error.cause
        form["cause"] = {"name": name, "message": message}
    return form
