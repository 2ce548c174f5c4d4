"""What the pipeline's tables know of entities, gathered to explain them: a few queries, however many entities.

Who may see what: a Location takes ``catalog.location.read``, or the right to see the entity; for anything else, the
policy is asked about the entity as it is served, or, as long as it isn't, about what its file has. So the owner of a
file with a mistake learns of it, although the entity isn't in the catalog.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.expressions import RawSQL

from apps.catalog.extension_points import ANNOTATION_POSITION, SourcePosition, catalog_model
from apps.catalog.models import Conflict, FinalEntity, RefreshEdge, RefreshState, StitchRequest
from apps.catalog.permissions import ENTITY_REFRESH, LOCATION_READ
from apps.catalog.queries.filters import EVERYTHING
from apps.catalog.queries.refresh_states import LOCATION_PREFIX, Problem, problems_in
from apps.catalog.queries.sql import condition
from apps.catalog.queries.visibility import may_see, visible_to
from portal.credentials import Credentials
from portal.entities import ANNOTATION_LOCATION, Entity, relations_of
from portal.errors import InputError
from portal.services import permissions


@dataclass(frozen=True, slots=True)
class PipelineState:
    """A row of the pipeline, without what is long and of no interest here."""

    ref: str
    #: The entity as it was found, JSON text.
    found: str
    errors: str
    is_processed: bool
    has_good_version: bool
    next_run_at: datetime
    last_found_at: datetime


def pipeline_states(rows: QuerySet[RefreshState]) -> Iterator[PipelineState]:
    """Yield rows in the order of a query."""
    has_good_version = ExpressionWrapper(Q(processed_entity__isnull=False), output_field=BooleanField())
    columns = ("entity_ref", "unprocessed_entity", "errors", "result_hash", "next_update_at", "last_discovery_at")
    for ref, found, errors, digest, next_run_at, last_found_at, good in rows.annotate(
        has_good_version=has_good_version
    ).values_list(*columns, "has_good_version"):
        yield PipelineState(ref, found, errors, bool(digest), good, next_run_at, last_found_at)


@dataclass
class Trace:
    """One entity in the pipeline. ``state`` is None for one that isn't there, or that may not be seen."""

    ref: str
    state: PipelineState | None = None
    #: Names of the providers that brought it, and refs of the entities that emitted it.
    providers: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    served_since: datetime | None = None
    awaits_stitching: bool = False
    #: What other sources have under the same name, and is left out.
    losers: list[Conflict] = field(default_factory=list)

    @property
    def is_location(self) -> bool:
        """Whether it is a Location."""
        return self.ref.startswith(LOCATION_PREFIX)

    @property
    def is_processed(self) -> bool:
        """Whether a run of it is over, however it went."""
        return self.state is not None and self.state.is_processed

    @property
    def has_good_version(self) -> bool:
        """Whether a run of it succeeded."""
        return self.state is not None and self.state.has_good_version

    @cached_property
    def entity(self) -> dict[str, Any]:
        """The entity as it was found, which need not be valid; empty if it isn't there."""
        found: dict[str, Any] = orjson.loads(self.state.found) if self.state else {}
        return found

    @cached_property
    def problems(self) -> list[Problem]:
        """What was wrong at its last run."""
        return problems_in(self.state.errors) if self.state else []

    @property
    def place(self) -> str:
        """The location of its file, if that is known."""
        place = self._annotations.get(ANNOTATION_LOCATION)
        return place if isinstance(place, str) else ""

    @property
    def position(self) -> SourcePosition | None:
        """Where in its file it stands, if that is known."""
        return SourcePosition.parse(self._annotations.get(ANNOTATION_POSITION))

    @property
    def _annotations(self) -> Mapping[str, Any]:
        annotations = self.entity.get("metadata", {}).get("annotations")
        return annotations if isinstance(annotations, dict) else {}

    @property
    def targets(self) -> list[str]:
        """What a Location points at, each with its type."""
        spec = self.entity.get("spec")
        if not self.is_location or not isinstance(spec, dict):
            return []
        listed = spec.get("targets")
        targets = [spec.get("target"), *(listed if isinstance(listed, list) else [])]
        type_ = spec.get("type") or self.place.partition(":")[0]
        return [f"{type_}:{target}" for target in targets if isinstance(target, str)]

    @property
    def title(self) -> str:
        """What to call it: the one thing that a Location points at whose own name says nothing, else the ref."""
        is_generated = self.ref.startswith(f"{LOCATION_PREFIX}default/generated-")
        return self.targets[0] if is_generated and len(self.targets) == 1 else self.ref


class Traces:
    """The traces of some entities and of all that leads to them. Five queries; six if the policy has conditions."""

    def __init__(self, refs: Iterable[str], *, credentials: Credentials) -> None:
        self._credentials = credentials
        self._visible = visible_to(credentials)
        self.sees_everything = self._visible == EVERYTHING
        self._may_see_locations = _may_see_locations(credentials)
        self._by_ref = {ref: Trace(ref) for ref in refs}
        if self._by_ref:
            self._read_edges()
            self._read_states()
            self._read_outcomes()
            self._hide()

    def __iter__(self) -> Iterator[Trace]:
        return iter(self._by_ref.values())

    def __getitem__(self, ref: str) -> Trace:
        return self._by_ref.get(ref) or Trace(ref)

    @property
    def may_name_places(self) -> bool:
        """Whether whoever asks may be told of places that entities come from which they may not see."""
        return self.sees_everything or self._may_see_locations

    def above(self, ref: str) -> list[Trace]:
        """Return what leads to an entity and may be seen, the nearest first."""
        found: dict[str, Trace] = {}
        generation = [ref]
        while generation:
            parents = dict.fromkeys(parent for child in generation for parent in self[child].parents)
            generation = [parent for parent in parents if parent not in found and parent != ref]
            found |= {parent: self[parent] for parent in generation}
        return [trace for trace in found.values() if trace.state is not None]

    def may_refresh(self, trace: Trace) -> bool:
        """Say whether whoever asks may have an entity read again."""
        if trace.state is None:
            return False
        resource = as_served(trace.entity, trace.ref)
        return permissions.authorize(ENTITY_REFRESH, self._credentials, resource=resource).allowed

    def _read_edges(self) -> None:
        refs = list(self._by_ref)
        table = RefreshEdge._meta.db_table
        above = (
            f"WITH RECURSIVE above(ref) AS (SELECT source_entity_ref FROM {table} WHERE target_entity_ref IN "
            f"({', '.join(['%s'] * len(refs))}) AND source_entity_ref IS NOT NULL UNION SELECT edge.source_entity_ref "
            f"FROM {table} edge JOIN above ON edge.target_entity_ref = above.ref "
            "WHERE edge.source_entity_ref IS NOT NULL) SELECT ref FROM above"
        )
        edges = RefreshEdge.objects.filter(
            Q(target_entity_ref__in=refs) | Q(target_entity_ref__in=RawSQL(above, refs))
        ).order_by("source_key", "source_entity_ref")
        for provider, parent, ref in edges.values_list("source_key", "source_entity_ref", "target_entity_ref"):
            trace = self._by_ref.setdefault(ref, Trace(ref))
            if provider is not None:
                trace.providers.append(provider)
            elif parent is not None:
                trace.parents.append(parent)
                self._by_ref.setdefault(parent, Trace(parent))

    def _read_states(self) -> None:
        for state in pipeline_states(RefreshState.objects.filter(entity_ref__in=self._by_ref)):
            self._by_ref[state.ref].state = state

    def _read_outcomes(self) -> None:
        served = FinalEntity.objects.filter(entity_ref__in=self._by_ref)
        for ref, since in served.values_list("entity_ref", "last_updated_at"):
            self._by_ref[ref].served_since = since
        for ref in StitchRequest.objects.filter(entity_ref__in=self._by_ref).values_list("entity_ref", flat=True):
            self._by_ref[ref].awaits_stitching = True
        for conflict in Conflict.objects.filter(entity_ref__in=self._by_ref).order_by("first_seen_at", "id"):
            self._by_ref[conflict.entity_ref].losers.append(conflict)

    def _hide(self) -> None:
        """Forget what may not be seen, as if it weren't there. What lost its name stays with those who may see it."""
        if self.sees_everything:
            return
        served = [ref for ref, trace in self._by_ref.items() if trace.served_since]
        rows = FinalEntity.objects.filter(condition(self._visible, id_field="entity_id"), entity_ref__in=served)
        seen = set(rows.values_list("entity_ref", flat=True))
        for ref, trace in list(self._by_ref.items()):
            if trace.state is None or not self._may_see(trace, seen):
                losers = [one for one in trace.losers if self._may_see_entity(orjson.loads(one.entity), ref)]
                self._by_ref[ref] = Trace(ref, losers=losers)

    def _may_see(self, trace: Trace, seen: Collection[str]) -> bool:
        if trace.is_location and self._may_see_locations:
            return True
        return trace.ref in seen if trace.served_since else self._may_see_entity(trace.entity, trace.ref)

    def _may_see_entity(self, entity: Entity, ref: str) -> bool:
        return may_see(as_served(entity, ref), self._credentials)


def may_name_places(credentials: Credentials) -> bool:
    """Say whether somebody may be told of places that entities come from which they may not see."""
    return visible_to(credentials) == EVERYTHING or _may_see_locations(credentials)


def _may_see_locations(credentials: Credentials) -> bool:
    return permissions.authorize(LOCATION_READ, credentials).allowed


def as_served(entity: Entity, ref: str) -> Entity:
    """Return an entity as it would be served: with the relations that it declares. It need not be valid."""
    kinds = catalog_model().kinds
    try:
        declared = [(kind, target) for source, kind, target in relations_of(entity, kinds=kinds) if source == ref]
    except (InputError, KeyError, TypeError, AttributeError):
        # A mistake in a spec is what this is about; nobody can be named in it.
        declared = []
    return {**entity, "relations": [{"type": kind, "targetRef": target} for kind, target in declared]}
