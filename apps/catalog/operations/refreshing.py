"""Making entities due before their time."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from apps.catalog.models import Priority, RefreshEdge, RefreshKey, RefreshState
from apps.catalog.operations.batches import batched
from apps.catalog.processing.refresh_keys import stored_key
from portal.errors import NotFoundError

MAX_DEPTH = 32


def refresh_entity(*, ref: str, actor: str = "") -> None:
    """Make an entity due at once, and the locations that lead to it, so that its file is read again.

    ``ref`` is the whole ref, in any case; ``actor`` is who asked, for the history. Raises ``NotFoundError`` if there is
    no such entity.
    """
    start = ref.lower()
    if not RefreshState.objects.filter(entity_ref=start).exists():
        raise NotFoundError(f"There is no entity '{ref}'; a ref is written in full here, <kind>:<namespace>/<name>.")
    due, current = {start}, start
    for _ in range(MAX_DEPTH):
        edges = RefreshEdge.objects.filter(target_entity_ref=current, source_entity_ref__isnull=False)
        parent = edges.values_list("source_entity_ref", flat=True).first()
        if parent is None or parent in due:
            break
        if parent.startswith("location:"):
            due.add(parent)
        current = parent
    RefreshState.objects.filter(entity_ref__in=due).update(
        next_update_at=timezone.now(), priority=Priority.INTERACTIVE, actor=actor
    )


def refresh_keys(*, keys: Iterable[str]) -> int:
    """Make every entity due that emitted one of these keys; return how many."""
    now, count = timezone.now(), 0
    for batch in batched(map(stored_key, keys)):
        ids = RefreshKey.objects.filter(key__in=batch).values("entity_id")
        count += RefreshState.objects.filter(entity_id__in=ids).update(next_update_at=now)
    return count
