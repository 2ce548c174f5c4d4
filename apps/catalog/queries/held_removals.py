"""Removals that were too large to be believed, for those who could have made them."""

from __future__ import annotations

from apps.catalog.models import HeldRemoval
from apps.catalog.permissions import ENTITY_DELETE
from apps.catalog.queries.filters import EVERYTHING
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials


def held_removals(*, credentials: Credentials) -> list[HeldRemoval]:
    """Return what waits to be confirmed, without the refs; nothing for those who may not delete every entity."""
    if visible_to(credentials, ENTITY_DELETE) != EVERYTHING:
        return []
    return list(HeldRemoval.objects.defer("refs").order_by("held_at"))
