"""``POST /refresh``: read an entity's file again."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.document import DOCUMENT
from apps.catalog.operations import refresh_entity
from apps.catalog.permissions import ENTITY_REFRESH
from apps.catalog.queries import require_on_entity
from portal.credentials import Credentials
from portal.http.query import QueryParams
from portal.http.views import ApiView, Audit
from portal.services import auth, http_auth


class EntityRefreshView(ApiView):
    """``POST /refresh``."""

    audits = {"post": Audit("entity-mutate", "medium", {"queryType": "refresh"})}

    def post(self, request: Request) -> Response:
        """Make the entity and the locations that lead to it due; the answer is empty."""
        QueryParams(request._request, allowed=())
        body = self.json_object(request)
        DOCUMENT.require(body, "Refresh")
        ref: str = body["entityRef"]
        token = body.get("authorizationToken")
        credentials = self._of_token(token) if token else self.credentials(request)
        require_on_entity(ENTITY_REFRESH, credentials, entity_ref=ref.lower())
        refresh_entity(ref=ref, actor=credentials.principal.subject)
        return Response(status=200)

    def _of_token(self, token: str) -> Credentials:
        credentials = auth.authenticate(token)
        http_auth.admit(credentials, self.auth_policy, plugin_id="catalog")
        return credentials
