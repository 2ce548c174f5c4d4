"""How far a refresh came that somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from apps.catalog.models import Priority, RefreshState, StitchRequest
from apps.catalog.queries.refresh_states import LOCATION_PREFIX
from apps.catalog.queries.trees import sources_of, walk


@dataclass(frozen=True, slots=True)
class Refresh:
    """Whether an entity still waits for what was asked for, and whether its last run complained."""

    is_pending: bool
    is_failing: bool


def refresh_of(ref: str) -> Refresh:
    """Return how far the refresh of an entity came. Three statements; whoever asks is known to see the entity.

    It is over when the locations above have been read, the entity has been processed, and the outcome is served.
    """
    sources = sources_of(ref)
    above = [one for one in walk(ref, lambda one: sources.get(one, ())) if one.startswith(LOCATION_PREFIX)]
    rows = RefreshState.objects.filter(entity_ref__in={ref, *above})
    found = list(rows.values_list("entity_ref", "next_update_at", "priority", "errors"))
    now = timezone.now()
    waits = any(time <= now or priority == Priority.INTERACTIVE for _, time, priority, _ in found)
    is_pending = waits or StitchRequest.objects.filter(entity_ref=ref).exists()
    return Refresh(is_pending=is_pending, is_failing=any(one == ref and errors for one, _, _, errors in found))
