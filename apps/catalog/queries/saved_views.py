"""The lists that people keep under a name."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Q, When

from apps.catalog.models import SavedView

#: So many are offered, one's own first; others that are shared are found by their links.
MAX_OFFERED = 100


def saved_views(owner_ref: str) -> list[SavedView]:
    """Return somebody's own views, and some that others share, each by name. One query."""
    own_first = Case(When(owner_ref=owner_ref, then=0), default=1)
    seen = SavedView.objects.filter(Q(owner_ref=owner_ref) | Q(is_shared=True)).order_by(own_first, "name", "id")
    return list(seen[:MAX_OFFERED])


def saved_view(view_id: str, *, owner_ref: str) -> SavedView | None:
    """Return a view that somebody may open; None if there is none, or it is another's and not shared."""
    try:
        wanted = UUID(view_id)
    except ValueError:
        return None
    return SavedView.objects.filter(Q(owner_ref=owner_ref) | Q(is_shared=True), id=wanted).first()
