"""One run of one entity: what a worker has in hand, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from apps.catalog.operations.causes import Parent, cause_of_run
from apps.catalog.operations.discovery import Found
from apps.catalog.processing import Orchestrator, ProcessingResult
from apps.catalog.processing.orchestrator import failed
from apps.catalog.processing.results import Source
from apps.catalog.processing.waiting import may_include
from portal.entities import Entity, stable_hash
from portal.errors import InputError


class Claim(NamedTuple):
    """A row of the pipeline as it was when its entity was taken in hand."""

    entity_id: UUID
    entity_ref: str
    unprocessed_entity: str
    unprocessed_hash: str
    result_hash: str
    cache: str
    location_key: str | None
    priority: int
    actor: str


#: The columns of a claim, in the order of its fields.
CLAIM_COLUMNS = Claim._fields


@dataclass(slots=True)
class Outcome:
    """A claimed entity and what its run gave."""

    claim: Claim
    result: ProcessingResult
    #: What it emitted, ready to be stored.
    children: list[Found]
    hash: str
    state: str
    #: What the history is to say if the entity changes by it.
    cause: str

    @property
    def ref(self) -> str:
        """The entity's ref."""
        return self.claim.entity_ref

    @property
    def changed(self) -> bool:
        """Whether the run says anything that isn't stored already."""
        return self.hash != self.claim.result_hash

    @property
    def worth_storing(self) -> bool:
        """Whether there is anything to write, be it only what processors keep between runs."""
        return self.changed or self.state != self.claim.cache

    def errors_text(self) -> str:
        """Return what the run complained about as it is stored."""
        return orjson.dumps([error.as_dict() for error in self.result.errors]).decode() if self.result.errors else ""

    def processed_text(self) -> str | None:
        """Return the processed entity as it is stored; None if the run failed."""
        return orjson.dumps(self.result.completed_entity).decode() if self.result.ok else None


def run(orchestrator: Orchestrator, claim: Claim, entity: Entity, parents: Sequence[Parent]) -> Outcome:
    """Take a claimed entity through the pipeline. A change of its ``parents`` changes the outcome."""
    state: dict[str, Any] = orjson.loads(claim.cache) if claim.cache else {}
    result = orchestrator.process(entity, state)
    try:
        outcome = _outcome(claim, entity, result, parents)
    except (InputError, orjson.JSONEncodeError) as error:
        # What processors made of it is no JSON. That is no reason to lose the rest of the batch.
        return refused(claim, error, parents)
    if orchestrator.repeatable and _follows_from_claim(outcome):
        orchestrator.known_runs.add(_facts(claim, outcome.hash, parents), result.sources)
    return outcome


def sources_of_result(orchestrator: Orchestrator, claim: Claim, parents: Sequence[Parent]) -> Sequence[Source] | None:
    """Return what has to be unchanged for a run to give again what is stored; None if that isn't known."""
    return orchestrator.known_runs.sources_of(_facts(claim, claim.result_hash, parents))


def would_change_nothing(orchestrator: Orchestrator, claim: Claim, parents: Sequence[Parent]) -> bool:
    """Tell whether it is known that a run would give again what is stored, without reading anything."""
    return sources_of_result(orchestrator, claim, parents) == ()


def as_stored(claim: Claim) -> Outcome:
    """Return the outcome of a run that would change nothing, which there is no need for."""
    return Outcome(claim, ProcessingResult(ok=True, state={}), [], claim.result_hash, claim.cache, "")


def _facts(claim: Claim, result_hash: str, parents: Sequence[Parent]) -> tuple[str, ...]:
    return claim.unprocessed_hash, claim.cache, result_hash, *sorted(parent.name for parent in parents)


def _follows_from_claim(outcome: Outcome) -> bool:
    """Tell whether a run depended on nothing but its claim and its sources, and left nothing for the next one."""
    claim, result = outcome.claim, outcome.result
    by_itself = outcome.state == claim.cache and not may_include(claim.unprocessed_entity)
    return result.ok and by_itself and all(source.is_unchanged for source in result.sources)


def refused(claim: Claim, error: Exception, parents: Sequence[Parent] = ()) -> Outcome:
    """Return the outcome of a run whose result can't be stored."""
    state = orjson.loads(claim.cache) if claim.cache else {}
    result = failed(error, state, step=f"What came of {claim.entity_ref} can't be stored")
    return _outcome(claim, orjson.loads(claim.unprocessed_entity), result, parents)


def _outcome(claim: Claim, entity: Entity, result: ProcessingResult, parents: Sequence[Parent]) -> Outcome:
    children = [Found.of(deferred, actor=claim.actor) for deferred in result.deferred]
    # Their texts say all, and take a third of the room: a location may have emitted fifty thousand.
    result.deferred.clear()
    says: dict[str, Any] = {
        "errors": [error.as_dict() for error in result.errors],
        "parents": sorted(parent.name for parent in parents),
    }
    if result.ok:
        says |= {
            "entity": result.completed_entity,
            "deferred": [[child.location_key, child.hash] for child in children],
            "relations": sorted(map(list, result.relations)),
            "keys": sorted(result.refresh_keys),
        }
    text = orjson.dumps(result.state).decode() if result.state else ""
    cause = cause_of_run(entity, parents, ok=result.ok, actor=claim.actor)
    return Outcome(claim, result, children, stable_hash(says), text, cause)
