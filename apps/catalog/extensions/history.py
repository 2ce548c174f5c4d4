"""The history of an entity."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

from apps.catalog.queries.diffs import entity_diff
from apps.catalog.queries.history import EntityChange, entity_history
from apps.catalog.views.related import RelatedEntities
from portal.entities import ref_of
from portal.extensions import EntityContent, PageContext
from portal.http.query import whole_number

PAGE_SIZE = 20
#: A change of more lines is cut off; the API has all of them.
MAX_LINES = 400


class HistoryContent(EntityContent):
    """Each change of an entity: what it was, when, and what or who brought it about. Backstage has no such tab."""

    name = "history"
    path = "/history"
    title = gettext_noop("History")
    icon = "history"
    group = False
    template_name = "catalog/contents/history.html"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return a page of changes, ``?offset=…``; each with the lines of its diff."""
        related: RelatedEntities = page.related
        ref = ref_of(page.entity)
        offset = whole_number(page.request.GET.get("offset"))
        history = entity_history(ref, credentials=related.credentials, limit=PAGE_SIZE, offset=offset)
        last = history.offset + len(history.items)
        api = f"/api/catalog/greenroom/history/{ref.kind.lower()}/{ref.namespace}/{ref.name}"
        return {
            "changes": [_shown(change) for change in history.items],
            "total": history.total,
            "first": history.offset + 1 if history.items else 0,
            "last": last,
            "previous_url": f"?offset={max(0, history.offset - PAGE_SIZE)}" if history.offset else None,
            "next_url": f"?offset={last}" if last < history.total else None,
            "api_url": api,
            "entity_api_url": f"/api/catalog/entities/by-name/{ref.kind.lower()}/{ref.namespace}/{ref.name}",
        }


def _shown(change: EntityChange) -> dict[str, Any]:
    lines = entity_diff(change.before, change.after)
    return {
        "change": change,
        "lines": lines[:MAX_LINES],
        "left_out": max(0, len(lines) - MAX_LINES),
        "added": sum(line.kind == "added" for line in lines),
        "removed": sum(line.kind == "removed" for line in lines),
        "as_of": change.at.isoformat().replace("+00:00", "Z"),
    }
