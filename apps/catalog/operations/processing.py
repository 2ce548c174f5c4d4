"""The processing loop's step: take what is due, run it through the pipeline, store what came of it.

Three short phases, so that no lock is held while files are read: claim (which pushes the due time into the future, so
that a worker that dies is simply overtaken), process, store. A result that says nothing new writes nothing, unless
entities rest for longer than a worker that died may keep them. What is known to give nothing new isn't even run.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

import orjson
from django.db import connections
from django.db.models import Q
from django.utils import timezone

from apps.catalog.models import Priority, RefreshEdge, RefreshState
from apps.catalog.operations.batches import batched
from apps.catalog.operations.causes import Parent
from apps.catalog.operations.outcomes import (
    CLAIM_COLUMNS,
    Claim,
    Outcome,
    run,
    sources_of_result,
    would_change_nothing,
)
from apps.catalog.operations.readers import Readers
from apps.catalog.operations.settling import settle_children
from apps.catalog.operations.storing import store_all_that_can_be
from apps.catalog.processing import Orchestrator
from apps.catalog.processing.interval import DEFAULT_INTERVAL, processing_interval
from apps.catalog.processing.waiting import may_wait
from portal.databases import alias_for, atomic_for, select_rows
from portal.services.lifecycle import garbage_waits

BATCH = 500
#: What has come of a batch is stored after so many seconds, though the rest of it takes longer: people look for it.
LONGEST_BATCH = 1.0
#: For so long a worker has an entity to itself, or for as long as entities rest, if that is less. Then it is overtaken.
LEASE = DEFAULT_INTERVAL[1]


def process_due(
    orchestrator: Orchestrator,
    *,
    limit: int = BATCH,
    readers: Readers[Outcome] | None = None,
    interactive_only: bool = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> int:
    """Process up to ``limit`` entities that are due, those first that somebody waits for; return how many were.

    With ``readers``, entities that may wait for other servers are left to them; what has come of earlier ones is stored
    and counts. Workers share the queue: on PostgreSQL each skips what another has locked. ``meanwhile`` is called each
    time that something is stored: a batch of locations takes as long as their files are large.
    """
    outcomes = readers.finished() if readers is not None else []
    done = len(outcomes)
    claims, parents, known = _claim(orchestrator, limit, interactive_only=interactive_only)
    settled = {claim.entity_ref for claim in claims if _finds_nothing_new(orchestrator, claim, parents)}
    # Locations first: what they emit may be in the batch itself, and needn't be processed twice.
    for batch in _parted(claims):
        waiting = deque(batch)
        while waiting or outcomes:
            outcomes += _work_off(waiting, settled, orchestrator, parents, readers)
            settled |= _store(orchestrator, outcomes)
            outcomes = []
            meanwhile()
    _let_rest(claim for claim in claims if claim.entity_ref in settled)
    return done + len(claims) + known


def _finds_nothing_new(orchestrator: Orchestrator, claim: Claim, parents: Mapping[str, Sequence[Parent]]) -> bool:
    """Tell whether all that was read for what is stored would be read as it was."""
    sources = sources_of_result(orchestrator, claim, parents.get(claim.entity_ref, ()))
    return sources is not None and all(source.is_unchanged for source in sources)


@garbage_waits
def _work_off(
    claims: deque[Claim],
    settled: Collection[str],
    orchestrator: Orchestrator,
    parents: Mapping[str, Sequence[Parent]],
    readers: Readers[Outcome] | None,
) -> list[Outcome]:
    """Take claims out and process those that aren't settled, until none is left or it has taken long enough."""
    outcomes = []
    began = time.monotonic()
    while claims:
        claim = claims.popleft()
        if claim.entity_ref in settled:
            continue
        entity = orjson.loads(claim.unprocessed_entity)
        work = partial(run, orchestrator, claim, entity, parents.get(claim.entity_ref, []))
        if readers is not None and may_wait(entity, text=claim.unprocessed_entity):
            readers.read(claim, work)
        else:
            outcomes.append(work())
        if time.monotonic() - began > LONGEST_BATCH:
            break
    return outcomes


def _parted(claims: list[Claim]) -> tuple[list[Claim], list[Claim]]:
    locations = [claim for claim in claims if claim.entity_ref.startswith("location:")]
    return locations, [claim for claim in claims if not claim.entity_ref.startswith("location:")]


def _store(orchestrator: Orchestrator, outcomes: list[Outcome]) -> set[str]:
    """Store outcomes and what they emitted; return the refs of the latter, as far as they have been processed."""
    settled = settle_children(
        outcomes,
        process=partial(run, orchestrator),
        is_known=partial(would_change_nothing, orchestrator),
        due_at=_next_due_at,
    )
    store_all_that_can_be(outcomes, settled=settled)
    _let_rest(outcome.claim for outcome in outcomes)
    return settled


def _let_rest(claims: Iterable[Claim]) -> None:
    """Turn leases into rests, where those are longer; what has become due meanwhile stays so."""
    if not _rests_are_longer():
        return
    for batch in batched(claim.entity_id for claim in claims):
        leased = RefreshState.objects.filter(pk__in=batch, next_update_at__gt=timezone.now())
        leased.update(next_update_at=_next_due_at())


def _rests_are_longer() -> bool:
    shortest, _ = processing_interval() or DEFAULT_INTERVAL
    return shortest > LEASE


def give_back(readers: Readers[Outcome]) -> None:
    """Make due at once what readers leave unfinished, so that nobody waits for it longer than needs be."""
    for batch in batched(readers.abandon()):
        RefreshState.objects.filter(pk__in=batch).update(next_update_at=timezone.now())


def _claim(
    orchestrator: Orchestrator, limit: int, *, interactive_only: bool
) -> tuple[list[Claim], Mapping[str, Sequence[Parent]], int]:
    """Take what is due; return it with what leads to each, and the number of those that needn't be run. They rest."""
    now = timezone.now()
    _, longest = processing_interval() or DEFAULT_INTERVAL
    skip_locked = connections[alias_for(RefreshState)].features.has_select_for_update_skip_locked
    with atomic_for(RefreshState):
        # A time that no rest leads to comes of a clock that was wrong, or of a longer interval than the one of now.
        due = RefreshState.objects.select_for_update(skip_locked=skip_locked).filter(
            Q(next_update_at__lte=now) | Q(next_update_at__gt=now + 2 * longest)
        )
        if interactive_only:
            due = due.filter(priority=Priority.INTERACTIVE)
        rows = due.order_by("-priority", "next_update_at").values_list(*CLAIM_COLUMNS)[:limit]
        claims = [Claim(*row) for row in rows]
        if claims and claims[0].priority:
            # Somebody waits for these: they don't share a batch with what time has brought.
            claims = [claim for claim in claims if claim.priority]
        parents = _parents(claims) if claims else {}
        known: list[Claim] = []
        unknown: list[Claim] = []
        for claim in claims:
            same = would_change_nothing(orchestrator, claim, parents.get(claim.entity_ref, ()))
            (known if same else unknown).append(claim)
        _put_off(known, until=_next_due_at())
        _put_off(unknown, until=now + LEASE if _rests_are_longer() else _next_due_at())
    return unknown, parents, len(known)


def _put_off(claims: Iterable[Claim], *, until: datetime) -> None:
    ids = [claim.entity_id for claim in claims]
    if ids:
        RefreshState.objects.filter(pk__in=ids).update(next_update_at=until, priority=Priority.BACKGROUND, actor="")


def _next_due_at() -> datetime:
    """Return when a batch is due again. One draw for all of it: batches are what the load is made of."""
    shortest, longest = processing_interval() or DEFAULT_INTERVAL
    return timezone.now() + shortest + (longest - shortest) * random.random()


def _parents(claims: list[Claim]) -> Mapping[str, list[Parent]]:
    """Return what leads to each entity, by ref; a change of it changes the result."""
    parents: dict[str, list[Parent]] = {}
    columns = ("target_entity_ref", "source_key", "source_entity_ref")
    refs = [claim.entity_ref for claim in claims]
    for target, key, source in select_rows(RefreshEdge, columns, key="target_entity_ref", values=refs):
        parents.setdefault(target, []).append(Parent(key, source))
    return parents
