"""Deleting one entity because somebody says so, as opposed to a source that no longer has it."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from apps.catalog.models import FinalEntity, RefreshEdge, RefreshState
from apps.catalog.operations.deletion import delete_entities
from portal.databases import atomic_for

#: What the parents' last result counts as, so that the next one says something new and brings the child back.
CHILD_DELETED = "child-was-deleted"


def delete_entity_by_uid(*, uid: UUID, actor: str = "") -> None:
    """Delete an entity with everything that hangs on it; if there is none, do nothing.

    Entities that had emitted it are due at once: if a file still has it, it comes back. ``actor`` is who asked.
    """
    _delete(uid, cause=f"{actor or 'somebody'} deleted it")


def delete_unprocessed_entity(*, entity_id: UUID, actor: str = "") -> None:
    """Delete an entity that isn't served; if there is none, or it is served by now, do nothing."""
    with atomic_for(RefreshState):
        if not FinalEntity.objects.filter(entity_id=entity_id).exists():
            _delete(entity_id, cause=f"{actor or 'somebody'} deleted it before it was served")


def _delete(entity_id: UUID, *, cause: str) -> None:
    with atomic_for(RefreshState):
        rows = RefreshState.objects.select_for_update().filter(entity_id=entity_id)
        ref = rows.values_list("entity_ref", flat=True).first()
        if ref is None:
            return
        edges = RefreshEdge.objects.filter(target_entity_ref=ref, source_entity_ref__isnull=False)
        parents = list(edges.values_list("source_entity_ref", flat=True))
        delete_entities(refs=[ref], cause=cause)
        due = RefreshState.objects.filter(entity_ref__in=[parent for parent in parents if parent is not None])
        due.update(result_hash=CHILD_DELETED, next_update_at=timezone.now())
