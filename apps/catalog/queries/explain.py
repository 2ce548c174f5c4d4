"""Why an entity is in the catalog, or isn't: how far it came, what keeps it, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson
from django.utils import timezone

from apps.catalog.models import HistoryEntry, Relation
from apps.catalog.queries.advice import advice_on
from apps.catalog.queries.explanations import Explanation, NameConflict, Pointer, Source, Verdict
from apps.catalog.queries.history import last_change
from apps.catalog.queries.sql import condition
from apps.catalog.queries.steps import Step, StepState, steps_of, steps_of_unknown
from apps.catalog.queries.suspects import failing_locations, problems_naming, similar_refs
from apps.catalog.queries.traces import Trace, Traces
from apps.catalog.queries.visibility import may_see, visible_to
from portal.credentials import Credentials
from portal.entities import EntityRef

#: Of the entities that point at a name, so many are listed.
MAX_POINTERS = 20
SERVED = frozenset({Verdict.SERVED, Verdict.OUTDATED})


def explain_entity(ref: EntityRef, *, credentials: Credentials) -> Explanation:
    """Return what became of an entity, as far as whoever asks may know. At most eleven queries."""
    traces = Traces([str(ref)], credentials=credentials)
    trace = traces[str(ref)]
    explanation = _of_known(trace, traces) if trace.state else _of_unknown(ref, trace, traces, credentials)
    if not trace.served_since:
        explanation.pointers, explanation.pointer_count = _pointers(trace.ref, credentials)
    explanation.advice = advice_on(explanation)
    return explanation


def _of_known(trace: Trace, traces: Traces) -> Explanation:
    above = traces.above(trace.ref)
    steps = steps_of(trace, traces)
    next_run_at = min(one.state.next_run_at for one in (trace, *above) if one.state)
    return Explanation(
        ref=trace.ref,
        verdict=verdict_of(trace, steps),
        steps=steps,
        sources=list(_sources(trace, above, traces)),
        conflicts=conflicts_of(trace, traces),
        next_run_at=next_run_at,
        is_due=next_run_at <= timezone.now() or trace.awaits_stitching,
        may_refresh=traces.may_refresh(trace),
    )


def _of_unknown(ref: EntityRef, trace: Trace, traces: Traces, credentials: Credentials) -> Explanation:
    may_name = traces.may_name_places and not trace.losers
    failing = failing_locations(trace.ref) if may_name else []
    refusing = [one for one in failing if problems_naming(trace.ref, one)]
    explanation = Explanation(
        ref=trace.ref,
        verdict=Verdict.CONFLICT if trace.losers else Verdict.REFUSED if refusing else Verdict.UNKNOWN,
        steps=steps_of_unknown(trace, traces, refusing),
        sources=[source_of(one, traces) for one in refusing],
        conflicts=conflicts_of(trace, traces),
    )
    if explanation.verdict is Verdict.UNKNOWN:
        explanation.last_change = _deletion(ref, credentials)
        if explanation.last_change is not None:
            explanation.verdict = Verdict.DELETED
        explanation.similar = similar_refs(ref.name, credentials=credentials)
        explanation.suspects = [source_of(one, traces) for one in failing]
    return explanation


def verdict_of(trace: Trace, steps: Iterable[Step]) -> Verdict:
    """Return what the steps of an entity come down to that is in the pipeline."""
    failed = {step.id for step in steps if step.state is StepState.FAILED}
    if "name" in failed:
        return Verdict.CONFLICT
    if trace.served_since:
        return Verdict.OUTDATED if failed else Verdict.SERVED
    return Verdict.INVALID if failed & {"valid", "served"} else Verdict.WAITING


def _sources(trace: Trace, above: Iterable[Trace], traces: Traces) -> Iterator[Source]:
    yield from map(Source, trace.providers)
    for one in above:
        yield source_of(one, traces)
        yield from map(Source, one.providers)


def source_of(trace: Trace, traces: Traces) -> Source:
    """Return a trace as a source of others."""
    state = trace.state
    return Source(
        title=trace.title,
        ref=trace.ref,
        targets=trace.targets,
        problems=trace.problems,
        last_found_at=state.last_found_at if state else None,
        next_run_at=state.next_run_at if state else None,
        is_processed=trace.is_processed,
        may_refresh=traces.may_refresh(trace),
    )


def conflicts_of(trace: Trace, traces: Traces) -> list[NameConflict]:
    """Return who else claims an entity's name."""
    told = traces.may_name_places
    return [
        NameConflict(
            ref=trace.ref,
            owner=one.owner_key if told else "",
            loser=(one.location_key or one.source) if told else "",
            first_seen_at=one.first_seen_at,
            last_seen_at=one.last_seen_at,
        )
        for one in trace.losers
    ]


def _deletion(ref: EntityRef, credentials: Credentials) -> HistoryEntry | None:
    change = last_change(ref)
    if change is None or change.change != HistoryEntry.Change.DELETED or change.before is None:
        return None
    return change if may_see(orjson.loads(change.before), credentials) else None


def _pointers(ref: str, credentials: Credentials) -> tuple[list[Pointer], int]:
    """Return entities that state a relation to one, and how many there are. Two queries at most."""
    seen = condition(visible_to(credentials), id_field="originating_entity_id")
    rows = Relation.objects.filter(seen, target_entity_ref=ref).exclude(originating_entity__entity_ref=ref)
    ordered = rows.order_by("source_entity_ref", "type").values_list("source_entity_ref", "type")
    listed = list(ordered[: MAX_POINTERS + 1])
    count = len(listed) if len(listed) <= MAX_POINTERS else rows.count()
    return [Pointer(*row) for row in listed[:MAX_POINTERS]], count
