"""Storing what came of runs: the rows themselves, what they emitted, their relations and keys, and who must know.

What says nothing new writes nothing. Everything about a batch is written in one transaction, by statements that take
the batch whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import DataError, IntegrityError

from apps.catalog.models import Priority, RefreshKey, RefreshState, Relation
from apps.catalog.operations.causes import cause_of_relation
from apps.catalog.operations.children import replace_children
from apps.catalog.operations.news import tell_of_errors
from apps.catalog.operations.outcomes import Claim, Outcome, refused
from apps.catalog.operations.stitching import mark_for_stitching
from portal.databases import Lock, append_rows, atomic_for, delete_rows, retried_for, select_rows, update_rows
from portal.services import logger

log = logger.for_plugin("catalog")

T = TypeVar("T")

RUN_COLUMNS = ("entity_id", "cache", "result_hash", "errors")
RELATION_COLUMNS = ("originating_entity_id", "source_entity_ref", "type", "target_entity_ref")
KEY_COLUMNS = ("entity_id", "key")


def store_all_that_can_be(outcomes: Sequence[Outcome], *, settled: Collection[str] = frozenset()) -> None:
    """Store outcomes together. If the database refuses that, store them apart: one must not spoil the others'.

    ``settled`` are the refs of those children of theirs that are stored already.
    """
    worth_storing = [outcome for outcome in outcomes if outcome.worth_storing]
    try:
        retried_for(RefreshState, partial(_store, worth_storing, settled))
    except (DataError, IntegrityError) as error:
        if len(outcomes) == 1:
            log.error("The database refuses what came of an entity", entity=outcomes[0].ref, exc_info=error)
            _store([refused(outcomes[0].claim, error)], settled)
            return
        middle = len(outcomes) // 2
        store_all_that_can_be(outcomes[:middle], settled=settled)
        store_all_that_can_be(outcomes[middle:], settled=settled)


def _store(outcomes: Sequence[Outcome], settled: Collection[str]) -> None:
    if not outcomes:
        return
    with atomic_for(RefreshState):
        # What was deleted, claimed by another source or changed while it was processed isn't what this is about.
        as_claimed = lock_unchanged(outcome.claim for outcome in outcomes)
        outcomes = [outcome for outcome in outcomes if outcome.claim.entity_id in as_claimed]
        _update_runs(outcomes)
        changed = [outcome for outcome in outcomes if outcome.changed]
        replace_children([outcome for outcome in changed if outcome.result.ok], settled=settled)
        store_findings(changed, known=as_claimed)
    log_errors(changed)


def lock_unchanged(claims: Iterable[Claim]) -> set[UUID]:
    """Lock the rows of claims, and return the ids of those that are still what they were claimed as.

    One that has another result by now was processed anew while this run still waited for a server.
    """
    claimed = {claim.entity_id: (claim.location_key, claim.unprocessed_hash, claim.result_hash) for claim in claims}
    columns = ("entity_id", "location_key", "unprocessed_hash", "result_hash")
    rows = select_rows(RefreshState, columns, key="entity_id", values=sorted(claimed), lock=Lock.CHANGE)
    return {entity_id for entity_id, *stored in rows if claimed[entity_id] == tuple(stored)}


def _update_runs(outcomes: Iterable[Outcome]) -> None:
    """Store what runs gave beside children and relations. Of a run that failed, the last good version stays."""
    good, bad = [], []
    for outcome in outcomes:
        row = (outcome.claim.entity_id, outcome.state, outcome.hash, outcome.errors_text())
        if outcome.result.ok:
            good.append((*row, outcome.processed_text()))
        else:
            bad.append(row)
    if good:
        update_rows(RefreshState, (*RUN_COLUMNS, "processed_entity"), good, key=RUN_COLUMNS[:1])
    if bad:
        update_rows(RefreshState, RUN_COLUMNS, bad, key=RUN_COLUMNS[:1])


def store_findings(outcomes: Sequence[Outcome], *, known: Collection[UUID]) -> None:
    """Store the relations and refresh keys of runs that said something new, and tell those whom it concerns.

    ``known`` are the ids of entities that may have had some before. Runs inside the caller's transaction.
    """
    if not outcomes:
        return
    good = [outcome for outcome in outcomes if outcome.result.ok]
    peers = _sync_relations(good, known)
    _sync_refresh_keys(good, known)
    mark_for_stitching(
        causes=peers,
        of_runs={outcome.ref: outcome.cause for outcome in outcomes},
        priority=max(Priority(outcome.claim.priority) for outcome in outcomes),
    )
    for outcome in outcomes:
        if outcome.result.errors:
            tell_of_errors(outcome.claim, outcome.result.errors)


def log_errors(outcomes: Iterable[Outcome]) -> None:
    """Write into the log what runs complained about; called once it is stored."""
    for outcome in outcomes:
        for error in outcome.result.errors:
            log.warning(error.message, entity=outcome.ref, error=error.name, location=error.location or None)


def _sync_relations(outcomes: Sequence[Outcome], known: Collection[UUID]) -> dict[str, str]:
    """Make the stored relations those that the entities declare; return the sources of those that changed, and why."""
    refs = {outcome.claim.entity_id: outcome.ref for outcome in outcomes}
    wanted = {outcome.claim.entity_id: dict.fromkeys(outcome.result.relations) for outcome in outcomes}
    stored = select_rows(Relation, ("id", *RELATION_COLUMNS), key=RELATION_COLUMNS[0], values=refs.keys() & set(known))
    gone = []
    for pk, origin, *relation in stored:
        if (stated := tuple(relation)) in wanted[origin]:
            del wanted[origin][stated]
        else:
            gone.append((pk, origin, relation[0]))
    if gone:
        delete_rows(Relation, ["id"], [row[:1] for row in gone])
    new = [(origin, *relation) for origin, relations in wanted.items() for relation in relations]
    append_rows(Relation, RELATION_COLUMNS, new)
    changed = [(origin, source) for _, origin, source in gone] + [row[:2] for row in new]
    return {source: cause_of_relation(refs[origin]) for origin, source in changed}


def _sync_refresh_keys(outcomes: Sequence[Outcome], known: Collection[UUID]) -> None:
    wanted = {(outcome.claim.entity_id, key) for outcome in outcomes for key in outcome.result.refresh_keys}
    ids = [outcome.claim.entity_id for outcome in outcomes if outcome.claim.entity_id in known]
    stored = select_rows(RefreshKey, ("id", *KEY_COLUMNS), key=KEY_COLUMNS[0], values=ids)
    gone = [(pk,) for pk, *row in stored if not _take(wanted, tuple(row))]
    if gone:
        delete_rows(RefreshKey, ["id"], gone)
    if wanted:
        append_rows(RefreshKey, KEY_COLUMNS, wanted)


def _take(wanted: set[T], row: T) -> bool:
    """Take a row out of those that are to be there, and say whether it was among them."""
    if row not in wanted:
        return False
    wanted.remove(row)
    return True
