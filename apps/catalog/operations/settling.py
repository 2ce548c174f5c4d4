"""Children are processed together with what emitted them, and stored once, with what came of them.

Otherwise each would be written as it was found, read again, and written a second and a third time. Only what is out of
the ordinary takes that longer way: what another source claims, what may wait for a server, and what emits on its own.
So does half of very many children: as found, they are handed out first, so that other workers have something to do.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import DataError, IntegrityError, connections
from django.utils import timezone

from apps.catalog.models import Priority, RefreshState
from apps.catalog.operations.batches import batched
from apps.catalog.operations.causes import Parent
from apps.catalog.operations.children import lead_to
from apps.catalog.operations.discovery import NEW_COLUMNS, Found, may_update
from apps.catalog.operations.outcomes import CLAIM_COLUMNS, Claim, Outcome, as_stored
from apps.catalog.operations.storing import lock_unchanged, log_errors, store_findings
from apps.catalog.processing.waiting import may_wait
from portal.databases import (
    alias_for,
    append_rows,
    atomic_for,
    retried_for,
    select_rows,
    time_ordered_uuid,
    update_rows,
)
from portal.entities import Entity
from portal.services.lifecycle import garbage_waits

#: What is written of a child that is new or that has changed. The processed entity only if there is one.
CHILD_COLUMNS = (*CLAIM_COLUMNS, "errors", "next_update_at", "last_discovery_at")

#: Of more children than this, half is handed out where workers share the queue.
FEW = 1_000

#: For how many seconds a worker settles what one batch of entities emitted.
LONGEST = 3.0

Process = Callable[[Claim, Entity, Sequence[Parent]], Outcome]
#: Tells whether a run of a claim would only give what is stored.
IsKnown = Callable[[Claim, Sequence[Parent]], bool]


class _Child(NamedTuple):
    """What an entity emitted, and that entity; with the row that is stored of it, if there is one."""

    found: Found
    parent: Outcome
    stored: Claim | None


class _Settled(NamedTuple):
    """A child and what came of it."""

    child: _Child
    outcome: Outcome


def settle_children(
    outcomes: Iterable[Outcome], *, process: Process, is_known: IsKnown, due_at: Callable[[], datetime]
) -> set[str]:
    """Process and store what these entities emitted, as far as that is ordinary; return the refs of what is stored.

    Of very many, some are stored unprocessed, for whichever worker is free. The caller stores the entities themselves,
    and what isn't settled as something yet to be processed. A worker that dies in between loses nothing: the entities
    are claimed again. ``due_at`` says when a child is to be looked at next.
    """
    candidates = list(_candidates(outcomes))
    shared = len(candidates) > FEW and _workers_share()
    settled = _hand_out(candidates[len(candidates) // 2 :]) if shared else set()
    mine = [(found, outcome) for found, outcome in candidates if found.ref not in settled]
    began = time.monotonic()
    for batch in batched(mine):
        if time.monotonic() - began > LONGEST:
            break
        settled |= _settle(batch, process, is_known, due_at())
    return settled


def _workers_share() -> bool:
    """Tell whether several workers can take from the queue at the same time."""
    return connections[alias_for(RefreshState)].features.has_select_for_update_skip_locked


def _hand_out(candidates: Iterable[tuple[Found, Outcome]]) -> set[str]:
    """Store those children that are new as found, and due; return their refs."""
    handed: set[str] = set()
    for batch in batched(candidates):
        # Where one can't be stored, or was found by somebody else at this moment, all are left to be settled.
        with suppress(DataError, IntegrityError):
            handed |= retried_for(RefreshState, partial(_store_as_found, batch))
    return handed


def _store_as_found(batch: Sequence[tuple[Found, Outcome]]) -> set[str]:
    now = timezone.now()
    with atomic_for(RefreshState):
        unchanged = lock_unchanged({outcome.ref: outcome.claim for _, outcome in batch}.values())
        refs = [found.ref for found, _ in batch]
        known = {ref for (ref,) in select_rows(RefreshState, ["entity_ref"], key="entity_ref", values=refs)}
        new = [one for one in batch if one[0].ref not in known and one[1].claim.entity_id in unchanged]
        append_rows(RefreshState, NEW_COLUMNS, (_as_found(*one, now) for one in new))
        lead_to({found.ref: outcome.ref for found, outcome in new}, known=())
    return {found.ref for found, _ in new}


def _as_found(found: Found, parent: Outcome, now: datetime) -> tuple[Any, ...]:
    """Return the values of ``NEW_COLUMNS``."""
    stored = (time_ordered_uuid(), found.text, found.hash, found.location_key, now, now)
    return (*stored, parent.claim.priority, found.actor, found.ref, "", "", "")


@garbage_waits
def _settle(batch: Sequence[tuple[Found, Outcome]], process: Process, is_known: IsKnown, due_at: datetime) -> set[str]:
    done = [one for child in _with_rows(batch) if (one := _processed(child, process, is_known)) is not None]
    try:
        return retried_for(RefreshState, partial(_store, done, due_at))
    except (DataError, IntegrityError):
        # One of them can't be stored, or was found by somebody else at this moment. Apart, each gets its due.
        return set()


def _candidates(outcomes: Iterable[Outcome]) -> Iterable[tuple[Found, Outcome]]:
    """Return what good runs emitted, unless several claim the same name: who gets it is decided where all are seen."""
    emitting = [outcome for outcome in outcomes if outcome.changed and outcome.result.ok]
    times = Counter(found.ref for outcome in emitting for found in outcome.children)
    return ((found, outcome) for outcome in emitting for found in outcome.children if times[found.ref] == 1)


def _with_rows(batch: Sequence[tuple[Found, Outcome]]) -> list[_Child]:
    rows = select_rows(RefreshState, CLAIM_COLUMNS, key="entity_ref", values=[found.ref for found, _ in batch])
    stored = {row[1]: Claim(*row) for row in rows}
    return [_Child(found, parent, stored.get(found.ref)) for found, parent in batch]


def _processed(child: _Child, process: Process, is_known: IsKnown) -> _Settled | None:
    """Run a child through the pipeline, unless it isn't ordinary, or is known to give what is stored."""
    found, parent, stored = child
    if stored is not None and not may_update(stored.location_key, found.location_key):
        return None
    parents = [Parent(None, parent.ref)]
    if stored is not None and _is_as_stored(found, stored) and is_known(stored, parents):
        return _Settled(child, as_stored(stored))
    entity = orjson.loads(found.text)
    if entity["kind"] == "Location" or may_wait(entity, text=found.text):
        return None
    claim = Claim(
        entity_id=stored.entity_id if stored else time_ordered_uuid(),
        entity_ref=found.ref,
        unprocessed_entity=found.text,
        unprocessed_hash=found.hash,
        result_hash=stored.result_hash if stored else "",
        cache=stored.cache if stored else "",
        location_key=found.location_key,
        priority=parent.claim.priority,
        actor=found.actor,
    )
    outcome = process(claim, entity, parents)
    return None if outcome.children else _Settled(child, outcome)


def _store(settled: Sequence[_Settled], due_at: datetime) -> set[str]:
    """Store children with what came of them; return the refs of those that still are, and are led to, as they were."""
    with atomic_for(RefreshState):
        parents = {one.child.parent.ref: one.child.parent.claim for one in settled}
        stored = [one.child.stored for one in settled if one.child.stored is not None]
        unchanged = lock_unchanged([*parents.values(), *stored])
        settled = [
            one
            for one in settled
            if one.child.parent.claim.entity_id in unchanged
            and (one.child.stored is None or one.child.stored.entity_id in unchanged)
        ]
        _write_rows(settled, due_at)
        lead_to(
            {one.outcome.ref: one.child.parent.ref for one in settled},
            known=[one.outcome.ref for one in settled if one.child.stored is not None],
        )
        changed = [one.outcome for one in settled if one.outcome.changed]
        store_findings(changed, known=unchanged)
    log_errors(changed)
    return {one.outcome.ref for one in settled}


def _write_rows(settled: Iterable[_Settled], due_at: datetime) -> None:
    now = timezone.now()
    new, good, bad = [], [], []
    for (found, _, stored), outcome in settled:
        if stored is not None and not outcome.worth_storing and _is_as_stored(found, stored):
            continue
        row = (*_run_of(outcome), outcome.errors_text(), due_at, now)
        if stored is None:
            new.append((*row, outcome.processed_text()))
        elif outcome.result.ok:
            good.append((*row, outcome.processed_text()))
        else:
            bad.append(row)
    columns = (*CHILD_COLUMNS, "processed_entity")
    append_rows(RefreshState, columns, new)
    if good:
        update_rows(RefreshState, columns, good, key=columns[:1])
    if bad:
        update_rows(RefreshState, CHILD_COLUMNS, bad, key=CHILD_COLUMNS[:1])


def _is_as_stored(found: Found, stored: Claim) -> bool:
    return (stored.unprocessed_hash, stored.location_key) == (found.hash, found.location_key)


def _run_of(outcome: Outcome) -> tuple[UUID, str, str, str, str, str, str | None, int, str]:
    """Return the values of ``CLAIM_COLUMNS`` after a run: nobody waits for the next one."""
    claim = outcome.claim
    return (
        claim.entity_id,
        claim.entity_ref,
        claim.unprocessed_entity,
        claim.unprocessed_hash,
        outcome.hash,
        outcome.state,
        claim.location_key,
        Priority.BACKGROUND.value,
        "",
    )
