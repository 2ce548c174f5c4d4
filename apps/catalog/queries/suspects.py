"""Where to look for an entity that nothing is known of: names like its own, and files with mistakes."""

from __future__ import annotations

import re
from difflib import get_close_matches

from django.db.models import Case, Q, Value, When

from apps.catalog.models import RefreshState, SearchEntry
from apps.catalog.queries.refresh_states import LOCATION_PREFIX, Problem
from apps.catalog.queries.sql import condition
from apps.catalog.queries.traces import Trace, pipeline_states
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials

#: Names that begin alike are compared, so many at most.
MAX_COMPARED = 1000
#: What begins alike is what is called alike; a mistake at the very beginning of a name is rare, and seen.
PREFIX = 3
MAX_SIMILAR = 5
MAX_SUSPECTS = 6


def similar_refs(name: str, *, credentials: Credentials) -> list[str]:
    """Return refs of entities that are called so, or nearly so, whatever their kind and namespace. One query."""
    called = name.lower()
    seen = condition(visible_to(credentials), id_field="entity_id")
    rows = SearchEntry.objects.filter(seen, key="metadata.name").order_by()
    alike = rows.filter(Q(value=called) | Q(value__startswith=called[:PREFIX]))
    refs = dict(alike.values_list("entity__entity_ref", "value")[:MAX_COMPARED])
    same = sorted(ref for ref, value in refs.items() if value == called)
    close = get_close_matches(called, {value or "" for value in refs.values()} - {called}, n=MAX_SIMILAR, cutoff=0.75)
    near = [ref for wanted in close for ref, value in sorted(refs.items()) if value == wanted]
    return [*same, *near][:MAX_SIMILAR]


def failing_locations(ref: str) -> list[Trace]:
    """Return Locations with mistakes, those first that name an entity, whoever asks. One query."""
    naming = Case(When(errors__contains=ref, then=Value(0)), default=Value(1))
    rows = RefreshState.objects.failing().filter(entity_ref__startswith=LOCATION_PREFIX)
    return [Trace(state.ref, state) for state in pipeline_states(rows.order_by(naming, "entity_ref")[:MAX_SUSPECTS])]


def problems_naming(ref: str, trace: Trace) -> list[Problem]:
    """Return what is wrong with an entity's source that names the entity, and not just one that is called alike."""
    pattern = re.compile(rf"(?<![\w.:/-]){re.escape(ref)}(?![\w/-]|\.\w)")
    return [problem for problem in trace.problems if pattern.search(problem.message)]
