"""What people starred."""

from __future__ import annotations

from collections.abc import Collection

from apps.catalog.models import Star


def starred_refs(user_ref: str) -> list[str]:
    """Return the entities that somebody starred, the latest first. One query."""
    return list(Star.objects.filter(user_ref=user_ref).order_by("-at", "-pk").values_list("entity_ref", flat=True))


def starred_among(user_ref: str, entity_refs: Collection[str]) -> frozenset[str]:
    """Return which of some entities somebody starred. One query, none for no entities."""
    if not entity_refs:
        return frozenset()
    rows = Star.objects.filter(user_ref=user_ref, entity_ref__in=set(entity_refs))
    return frozenset(rows.values_list("entity_ref", flat=True))
