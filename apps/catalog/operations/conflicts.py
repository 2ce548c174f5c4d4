"""Names that two sources claim: the first keeps it, and the other is told why its entity isn't there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from apps.catalog.models import Conflict, RefreshState
from apps.catalog.operations.batches import batched
from apps.catalog.operations.discovery import Found
from apps.catalog.operations.news import tell_of_conflict
from portal.services import logger

log = logger.for_plugin("catalog")


def record_conflicts(
    losers: Mapping[str, Sequence[Found]], *, now: datetime, among: Collection[str] | None = None
) -> None:
    """Make these the conflicts of some sources: ``losers`` maps each source to what of it was left out, if anything.

    A source is a provider's name or the ref of the entity that emitted the losers. One that has none any more is
    cleared; with ``among``, which are the refs that the sources spoke of, others of their conflicts stay. New conflicts
    are logged, once.
    """
    stored = Conflict.objects.filter(source__in=list(losers))
    known = {
        (conflict.entity_ref, conflict.source): conflict
        for conflict in stored
        if among is None or conflict.entity_ref in among
    }
    current = {(found.ref, source): found for source, lost in losers.items() for found in lost}
    gone = [conflict.pk for key, conflict in known.items() if key not in current]
    for batch in batched(gone):
        Conflict.objects.filter(pk__in=batch).delete()
    if not current:
        return
    owners = dict(
        RefreshState.objects.filter(entity_ref__in={ref for ref, _ in current}).values_list(
            "entity_ref", "location_key"
        )
    )
    rows = []
    for (ref, source), found in current.items():
        before = known.get((ref, source))
        rows.append(
            Conflict(
                entity_ref=ref,
                source=source,
                location_key=found.location_key or "",
                owner_key=owners.get(ref) or "",
                entity=found.text,
                first_seen_at=before.first_seen_at if before else now,
                last_seen_at=now,
            )
        )
        if before is None:
            log.warning(
                "Two sources claim one entity name; the first keeps it. Rename one of them, or remove its file",
                entity=ref,
                kept=owners.get(ref),
                ignored=found.location_key,
            )
            tell_of_conflict(found, owner=owners.get(ref), now=now)
    for batch_of_rows in batched(rows):
        Conflict.objects.bulk_create(
            batch_of_rows,
            update_conflicts=True,
            unique_fields=["entity_ref", "source"],
            update_fields=["location_key", "owner_key", "entity", "last_seen_at"],
        )


def release_names(refs: Iterable[str]) -> None:
    """Give names that have become free to whoever lost them: make the sources of the losers say it again.

    Conflicts whose source is among ``refs`` end, since that source is gone too.
    """
    names = list(refs)
    Conflict.objects.filter(source__in=names).delete()
    sources = set(Conflict.objects.filter(entity_ref__in=names).values_list("source", flat=True))
    if sources:
        RefreshState.objects.filter(entity_ref__in=sources).update(result_hash="", next_update_at=timezone.now())
