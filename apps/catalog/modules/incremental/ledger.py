"""The book that is kept of a provider's ingestion. Every change is one transaction with the entities it is about.

Two workers may be at work on one provider for a moment, if one was so slow that its run was given up. Each change is
therefore made under the condition that nothing has changed since; who comes late gets ``Overtaken``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.catalog.extension_points import JSON, DeferredEntity, EntityProviderConnection
from apps.catalog.models import RefreshEdge
from apps.catalog.modules.incremental.extension_points import Burst, Delta, IncrementalOptions
from apps.catalog.modules.incremental.models import Ingestion, Mark, MarkedEntity, Status
from apps.catalog.operations.batches import batched
from apps.catalog.operations.safety import removable
from portal.databases import atomic_for
from portal.entities import ref_of
from portal.errors import InputError, PortalError
from portal.services import logger

log = logger.for_plugin("catalog")


class Overtaken(PortalError):
    """Another worker has gone on with the ingestion meanwhile."""


def due(provider: str) -> Ingestion | None:
    """Return where a provider stands if it is time to go on; None if it isn't yet. A rest that is over has ended."""
    ingestion, _ = Ingestion.objects.get_or_create(provider=provider)
    if ingestion.next_action_at > timezone.now():
        return None
    return _begin(ingestion) if ingestion.status == Status.RESTING else ingestion


def _begin(ingestion: Ingestion) -> Ingestion:
    """Begin to read the source anew."""
    with atomic_for(Ingestion):
        row = _hold(ingestion)
        row.number += 1
        row.sequence = row.errors_in_a_row = 0
        row.status = Status.INGESTING
        row.entities_before = RefreshEdge.objects.filter(source_key=row.provider).count()
        row.save()
        Mark.objects.filter(ingestion=row).delete()
        MarkedEntity.objects.filter(ingestion=row).delete()
    return row


def cursor_of(ingestion: Ingestion) -> JSON:
    """Return the cursor of the next step, None if that is the first one."""
    if ingestion.sequence == 0:
        return None
    return orjson.loads(Mark.objects.get(ingestion=ingestion, sequence=ingestion.sequence).cursor)


def take_down(
    ingestion: Ingestion, burst: Burst, connection: EntityProviderConnection, options: IncrementalOptions
) -> Ingestion:
    """Hand over what a step has found, note where the next one goes on, and return where the provider stands then.

    After the last step, what hasn't been seen is removed. Raises ``InputError`` for an entity or a cursor that is none,
    and ``Overtaken``; nothing is changed then.
    """
    cursor = _as_json(burst)
    entities = list(burst.entities)
    with atomic_for(Ingestion):
        row = _hold(ingestion)
        if entities:
            connection.apply_delta_mutation(added=entities)
        row.sequence += 1
        row.errors_in_a_row = 0
        row.last_error = ""
        Mark.objects.create(ingestion=row, sequence=row.sequence, cursor=cursor, entities=len(entities))
        _mark(row, entities)
        if burst.done:
            _finish(row, connection, options)
        row.save()
    return row


def _finish(row: Ingestion, connection: EntityProviderConnection, options: IncrementalOptions) -> None:
    """Remove what hasn't been seen, unless that can't be believed, and rest."""
    marked = MarkedEntity.objects.filter(ingestion=row, entity_ref=OuterRef("target_entity_ref"))
    edges = RefreshEdge.objects.filter(source_key=row.provider)
    absent = set(edges.exclude(Exists(marked)).values_list("target_entity_ref", flat=True))
    row.last_error = _refusal(row, len(absent), options)
    if row.last_error:
        log.warning("An ingestion removes nothing", provider=row.provider, reason=row.last_error)
    else:
        gone = removable(row.provider, absent, total=row.entities_before)
        if gone:
            connection.apply_delta_mutation(removed=gone)
    MarkedEntity.objects.filter(ingestion=row).delete()
    row.status = Status.RESTING
    row.completed_at = timezone.now()
    row.next_action_at = row.completed_at + options.span("rest_length")


def _refusal(row: Ingestion, absent: int, options: IncrementalOptions) -> str:
    """Return why the removal of so many entities isn't to be believed; empty if it is."""
    if not absent:
        return ""
    if options.reject_empty_source_collections and not MarkedEntity.objects.filter(ingestion=row).exists():
        return f"The source was empty; what it had before stays: {absent} entities."
    limit = options.reject_removals_above_percentage
    before = max(row.entities_before, absent)
    if limit is not None and absent * 100 > before * limit:
        return (
            f"Of {before} entities {absent} are gone from the source, more than the {limit:g} % that may go at once; "
            f"they stay."
        )
    return ""


def pause(ingestion: Ingestion, options: IncrementalOptions) -> None:
    """End a burst that has left something to do."""
    with atomic_for(Ingestion):
        row = _hold(ingestion)
        row.next_action_at = timezone.now() + options.span("burst_interval")
        row.save()


def back_off(ingestion: Ingestion, error: Exception, options: IncrementalOptions) -> None:
    """Note an error, and when to try the same step again."""
    with atomic_for(Ingestion):
        row = _hold(ingestion)
        row.last_error = f"{type(error).__name__}: {error}".replace("\0", "")
        if row.status == Status.INGESTING:
            row.errors_in_a_row += 1
            row.next_action_at = timezone.now() + options.pause_after(row.errors_in_a_row)
        row.save()


def hear(provider: str, delta: Delta, connection: EntityProviderConnection) -> None:
    """Apply a piece of news. What it adds counts as seen by a reading that is under way."""
    Ingestion.objects.get_or_create(provider=provider)
    with atomic_for(Ingestion):
        # Neither a step nor the end of the reading comes in between.
        ingestion = Ingestion.objects.select_for_update().get(provider=provider)
        connection.apply_delta_mutation(added=delta.added, removed=delta.removed)
        if ingestion.status == Status.INGESTING:
            _mark(ingestion, delta.added)


def _mark(ingestion: Ingestion, entities: Sequence[DeferredEntity]) -> None:
    refs: Iterable[str] = dict.fromkeys(str(ref_of(deferred.entity)) for deferred in entities)
    for batch in batched(refs):
        MarkedEntity.objects.bulk_create(
            [MarkedEntity(ingestion=ingestion, entity_ref=ref) for ref in batch], ignore_conflicts=True
        )


def _hold(ingestion: Ingestion) -> Ingestion:
    """Return the row, locked, if it is where ``ingestion`` says. Raises ``Overtaken``."""
    row = Ingestion.objects.select_for_update().get(pk=ingestion.pk)
    if (row.number, row.sequence, row.status) != (ingestion.number, ingestion.sequence, ingestion.status):
        raise Overtaken(f"Another worker has gone on with '{row.provider}' meanwhile.")
    return row


def _as_json(burst: Burst) -> str:
    """Return a burst's cursor as it is stored. Raises ``InputError``."""
    if not burst.done and burst.cursor is None:
        raise InputError("A step that isn't the last one has no cursor, so the next one would be the first one again.")
    try:
        return orjson.dumps(burst.cursor).decode()
    except TypeError as error:
        raise InputError(f"The cursor isn't JSON: {error}.") from error
