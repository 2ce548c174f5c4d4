"""Taking entities out of the catalog, and everything that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import orjson
from django.db.models import Exists, OuterRef

from apps.catalog.conf import conf
from apps.catalog.models import FinalEntity, RefreshEdge, RefreshKey, RefreshState, Relation, StitchRequest
from apps.catalog.operations.batches import batched
from apps.catalog.operations.causes import cause_of_deletion
from apps.catalog.operations.conflicts import release_names
from apps.catalog.operations.history import record_deletions
from apps.catalog.operations.indexing import remove_index
from apps.catalog.operations.stitching import mark_for_stitching
from apps.catalog.processing.indexing import index_of
from portal.databases import atomic_for, retried_for
from portal.services import logger

log = logger.for_plugin("catalog")
#: How deep a chain of orphans is followed in one run; the rest is found by the next.
MAX_ROUNDS = 100


def delete_entities(*, refs: Iterable[str], cause: str) -> int:
    """Delete entities with their relations, index and queue entries; return how many there were.

    ``cause`` says why, for the history. Whatever bore a relation that the deleted ones had declared is stitched
    again. What the deleted ones had emitted becomes an orphan.
    """
    return sum(retried_for(RefreshState, partial(_delete, batch, cause=cause)) for batch in batched(refs))


def _delete(batch: Sequence[str], *, cause: str) -> int:
    with atomic_for(RefreshState):
        # First of all, so that whoever is stitching them has done so, and nobody stitches them from now on.
        requests = StitchRequest.objects.filter(entity_ref__in=batch)
        requests._raw_delete(requests.db)
        states = RefreshState.objects.select_for_update().filter(entity_ref__in=batch).order_by("entity_id")
        ids = list(states.values_list("entity_id", flat=True))
        finals = list(FinalEntity.objects.filter(entity_id__in=ids))
        record_deletions(finals, cause=cause)
        remove_index({final.entity_id: index_of(orjson.loads(final.final_entity)) for final in finals})
        declared = Relation.objects.filter(originating_entity__in=ids)
        peers = dict(declared.order_by().values_list("source_entity_ref", "originating_entity__entity_ref"))
        # In this order, and without Django's collector: each is one statement, and no row is loaded.
        for rows in (
            FinalEntity.objects.filter(entity_id__in=ids),
            declared,
            RefreshKey.objects.filter(entity__in=ids),
            RefreshEdge.objects.filter(source_entity_ref__in=batch),
            RefreshEdge.objects.filter(target_entity_ref__in=batch),
            RefreshState.objects.filter(entity_id__in=ids),
        ):
            rows._raw_delete(rows.db)
        release_names(batch)
        mark_for_stitching(causes={ref: cause_of_deletion(peers[ref]) for ref in peers.keys() - set(batch)})
    return len(ids)


def delete_orphans() -> int:
    """Delete what nothing leads to any more, unless ``catalog.orphanStrategy`` keeps it; return how many."""
    if conf.orphan_strategy == "keep":
        return 0
    deleted = 0
    for _ in range(MAX_ROUNDS):
        leads_here = RefreshEdge.objects.filter(target_entity_ref=OuterRef("entity_ref"))
        orphans = list(RefreshState.objects.filter(~Exists(leads_here)).values_list("entity_ref", flat=True))
        if not orphans:
            break
        log.info("Deleting orphans", count=len(orphans), entities=orphans[:10])
        deleted += delete_entities(refs=orphans, cause="nothing leads to it any more")
    return deleted
