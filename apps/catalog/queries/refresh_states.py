"""How entities get on in the pipeline: what is wrong with them, and where each location stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When
from django.db.models.expressions import RawSQL

from apps.catalog.models import RefreshEdge, RefreshState, RefreshStateQuerySet
from apps.catalog.queries.filters import EVERYTHING
from apps.catalog.queries.sql import condition
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials

LOCATION_PREFIX = "location:"
#: How many entities with errors are shown under one location; of more, only the number.
MAX_FAILING = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with an entity or a file, where it is known: the place in the file, and the field.

    ``message`` is complete in itself; the other parts say it again for pages to set apart.
    """

    name: str
    message: str
    location: str = ""
    document: int | None = None
    line: int | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Failing:
    """An entity in the pipeline whose last run failed."""

    ref: str
    problems: list[Problem]
    #: Whether an earlier run succeeded, so that the entity is in the catalog as it was then.
    has_good_version: bool


@dataclass(slots=True)
class LocationState:
    """Where a location stands. ``type`` and ``targets`` are what it points at."""

    ref: str
    title: str
    type: str
    targets: list[str]
    problems: list[Problem]
    #: When its parent, or the configuration, named it last.
    last_found_at: datetime
    next_run_at: datetime
    #: False as long as its first run is to come.
    is_processed: bool
    #: Whether a run succeeded, so that the location is an entity in the catalog.
    has_good_version: bool
    #: How many entities it led to, further locations included.
    children: int = 0
    #: Those of them that are failing, ``MAX_FAILING`` at most, and how many more there are.
    failing: list[Failing] = field(default_factory=list)
    more_failing: int = 0

    @property
    def status(self) -> str:
        """``error``, ``pending`` or ``ok``."""
        if self.problems or self.failing:
            return "error"
        return "ok" if self.is_processed else "pending"


@dataclass(frozen=True, slots=True)
class LocationListing:
    """A page of locations, how many there are in all, and where the page starts."""

    items: list[LocationState]
    total: int
    offset: int = 0


def location_listing(
    *, credentials: Credentials, only_failing: bool = False, limit: int, offset: int = 0
) -> LocationListing:
    """Return a page of locations, those with problems first, then by ref. Five queries.

    ``only_failing`` leaves those that have problems of their own or led to an entity that has. An offset beyond the end
    gives the last page.
    """
    failing = _failing(credentials).values("entity_ref")
    led_to = RefreshEdge.objects.filter(target_entity_ref__in=failing).exclude(source_entity_ref=None)
    in_trouble = Q(entity_ref__in=failing) | Q(entity_ref__in=led_to.values("source_entity_ref"))
    rows = _seen(credentials).filter(entity_ref__startswith=LOCATION_PREFIX)
    if only_failing:
        rows = rows.filter(in_trouble)
    total = rows.count()
    offset = min(offset, max(0, total - 1) // limit * limit)
    ordered = rows.order_by(Case(When(in_trouble, then=Value(0)), default=Value(1)), "entity_ref")
    return LocationListing(_with_children(list(ordered[offset : offset + limit]), credentials), total, offset)


def location_state(ref: str, *, credentials: Credentials) -> LocationState | None:
    """Return where one location stands; None if it isn't known or may not be seen. Four queries."""
    states = _with_children(list(_seen(credentials).filter(entity_ref=ref)), credentials)
    return states[0] if states else None


def failure_of(ref: str, *, credentials: Credentials) -> Failing | None:
    """Return what is wrong with an entity; None if nothing is, or it isn't known or may not be seen. One query."""
    row = _failing(credentials).filter(entity_ref=ref).first()
    return None if row is None else _failure(row)


def ancestor_failures(ref: str, *, credentials: Credentials) -> list[Failing]:
    """Return the entities above one, up to the roots, whose last run failed. One query.

    What is wrong with them may be why an entity isn't as its file has it.
    """
    edges = RefreshEdge._meta.db_table
    above = (
        f"WITH RECURSIVE above(ref) AS (SELECT source_entity_ref FROM {edges} WHERE target_entity_ref = %s "
        f"AND source_entity_ref IS NOT NULL UNION SELECT edge.source_entity_ref FROM {edges} edge "
        "JOIN above ON edge.target_entity_ref = above.ref WHERE edge.source_entity_ref IS NOT NULL) "
        "SELECT ref FROM above"
    )
    rows = _failing(credentials).filter(entity_ref__in=RawSQL(above, [ref])).exclude(entity_ref=ref)
    return [_failure(row) for row in rows.order_by("entity_ref")[:MAX_FAILING]]


def problems_in(stored: str) -> list[Problem]:
    """Read the errors of a refresh state."""
    return [_problem(error) for error in orjson.loads(stored)] if stored else []


def _problem(error: dict[str, Any]) -> Problem:
    return Problem(
        name=error["name"],
        message=error["message"],
        location=error.get("location", ""),
        document=error.get("document"),
        line=error.get("line"),
        field=error.get("field") or "",
    )


def _seen(credentials: Credentials) -> RefreshStateQuerySet:
    """Return the states that may be seen. One that was never processed has no fields to decide by: it takes the right
    to see everything.
    """
    visible = visible_to(credentials)
    rows = RefreshState.objects.all()
    return rows if visible == EVERYTHING else rows.filter(condition(visible, id_field="entity_id"))


def _failing(credentials: Credentials) -> RefreshStateQuerySet:
    return _seen(credentials).failing()


def _failure(row: RefreshState) -> Failing:
    return Failing(row.entity_ref, problems_in(row.errors), has_good_version=row.processed_entity is not None)


def _with_children(rows: Iterable[RefreshState], credentials: Credentials) -> list[LocationState]:
    states = {row.entity_ref: _location(row) for row in rows}
    edges = RefreshEdge.objects.filter(source_entity_ref__in=states)
    for ref, count in edges.values_list("source_entity_ref").annotate(count=Count("target_entity_ref", distinct=True)):
        states[ref].children = count
    broken = _failing(credentials).filter(entity_ref=OuterRef("target_entity_ref"))
    led_to = edges.filter(Exists(broken)).order_by("target_entity_ref")
    shown: dict[str, list[str]] = {ref: [] for ref in states}
    for source, target in led_to.values_list("source_entity_ref", "target_entity_ref").distinct():
        targets = shown[source or ""]
        if len(targets) < MAX_FAILING:
            targets.append(target)
        else:
            states[source or ""].more_failing += 1
    rows_shown = _failing(credentials).filter(entity_ref__in={ref for refs in shown.values() for ref in refs})
    failing = {row.entity_ref: row for row in rows_shown.only("entity_ref", "errors", "processed_entity")}
    for source, refs in shown.items():
        states[source].failing = [_failure(failing[ref]) for ref in refs if ref in failing]
    return list(states.values())


def _location(row: RefreshState) -> LocationState:
    entity = orjson.loads(row.unprocessed_entity)
    spec = entity.get("spec") or {}
    name = entity["metadata"]["name"]
    # The name of a generated location is a hash: what it points at says more.
    called = str(spec.get("target") or name) if name.startswith("generated-") else name
    return LocationState(
        ref=row.entity_ref,
        title=entity["metadata"].get("title") or called,
        type=spec.get("type") or "",
        targets=[target for target in [spec.get("target"), *(spec.get("targets") or [])] if isinstance(target, str)],
        problems=problems_in(row.errors),
        last_found_at=row.last_discovery_at,
        next_run_at=row.next_update_at,
        is_processed=bool(row.result_hash),
        has_good_version=row.processed_entity is not None,
    )
