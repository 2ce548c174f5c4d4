"""``/greenroom/history``: what became of an entity. Backstage has no such route, and none that begins like it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.queries.diffs import entity_diff
from apps.catalog.queries.history import EntityChange, entity_history
from portal.entities import EntityRef
from portal.errors import InputError
from portal.http.query import QueryParams
from portal.http.views import ApiView

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


class EntityHistoryView(ApiView):
    """``GET /greenroom/history/<kind>/<namespace>/<name>``, in any case; also for an entity that is gone."""

    def get(self, request: Request, kind: str, namespace: str, name: str) -> Response:
        """Return a page of changes, the latest first."""
        params = QueryParams(request._request, allowed=("limit", "offset"))
        limit = params.integer("limit", minimum=1)
        ref = EntityRef(kind, namespace, name)
        history = entity_history(
            ref,
            credentials=self.credentials(request),
            limit=min(limit or DEFAULT_LIMIT, MAX_LIMIT),
            offset=params.integer("offset") or 0,
        )
        items = [_change(change) for change in history.items]
        return Response({"entityRef": str(ref), "items": items, "totalItems": history.total})


def _change(change: EntityChange) -> dict[str, Any]:
    return {
        "id": str(change.id),
        "uid": str(change.uid),
        "at": moment_text(change.at),
        "change": change.change,
        "cause": change.cause,
        "diff": "".join(f"{line}\n" for line in entity_diff(change.before, change.after)),
    }


def moment_text(moment: datetime) -> str:
    """Return a time as the API writes it, to the microsecond: as ``asOf``, it is the moment after the change."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def parse_moment(text: str) -> datetime:
    """Read ``asOf``: an ISO 8601 date and time, in UTC if it states no zone. Raises ``InputError``."""
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = " A plus sign in an address is written %2B." if " " in text.strip() else ""
        raise InputError(
            f"Query parameter 'asOf' must be a time as in ISO 8601, such as 2026-03-31T14:00:00Z; found '{text}'.{hint}"
        ) from None
    if moment > timezone.now():
        raise InputError(f"Query parameter 'asOf' must not lie in the future; found {text}.")
    return moment
