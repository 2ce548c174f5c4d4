"""Totals and facets that are known from counts are what counting would give, whatever happened before."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog.models import COUNTED_KEYS, NO_VALUE, EntityCount, EntitySummary, FinalEntity, SearchEntry
from apps.catalog.operations.indexing import remove_index, save_index, sum_up_counts
from apps.catalog.processing.indexing import EntityIndex, index_of
from apps.catalog.queries import (
    EVERYTHING,
    Cursor,
    Filter,
    Matches,
    Order,
    both,
    count_entities,
    entity_facets,
    query_entities,
)
from portal.credentials import service_credentials

pytestmark = pytest.mark.django_db(databases=["default", "catalog"])

SOMEBODY = service_credentials("test")
KINDS = ("Component", "API", "api")
TAGS = ("java", "Java", "go")
TYPES = ("service", "Service", "library", None, "x" * 201, NO_VALUE)
OWNERS = ("group:default/a", "group:default/b")


def entity(number: int, kind: str, tags: list[str], spec_type: Any, owners: list[str]) -> dict[str, Any]:
    """Return a final entity."""
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": f"e{number}", "tags": tags, "uid": str(UUID(int=number))},
        "spec": {"type": spec_type},
        "relations": [{"type": "ownedBy", "targetRef": owner} for owner in owners],
    }


#: What happens: an entity is written, or deleted (None); or the counts are summed up.
changes = st.lists(
    st.just("sum up")
    | st.tuples(st.integers(1, 4), st.none())
    | st.integers(1, 4).flatmap(
        lambda number: st.tuples(
            st.just(number),
            st.builds(
                entity,
                st.just(number),
                st.sampled_from(KINDS),
                st.lists(st.sampled_from(TAGS), max_size=3),
                st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), max_size=2),
                st.lists(st.sampled_from(OWNERS), max_size=2),
            ),
        )
    ),
    max_size=12,
)
kinds: st.SearchStrategy[Filter] = st.just(EVERYTHING) | st.builds(
    Matches, st.just("Kind"), st.lists(st.sampled_from(KINDS), min_size=1, max_size=2).map(tuple)
)
values: st.SearchStrategy[Filter] = st.just(EVERYTHING) | st.sampled_from(
    [
        *(Matches("metadata.tags", (tag,)) for tag in TAGS),
        *(Matches("spec.type", (text,)) for text in ("SERVICE", "library", "no such", NO_VALUE)),
        Matches("relations.ownedBy", OWNERS[:1]),
        Matches("metadata.namespace", ("default", "other")),
    ]
)


def happen(changes: list[Any]) -> dict[int, EntityIndex]:
    """Let changes happen to an empty catalog; return the index of what there is then."""
    for model in (SearchEntry, EntitySummary, EntityCount, FinalEntity):
        model.objects.all().delete()
    there: dict[int, EntityIndex] = {}
    for change in changes:
        if change == "sum up":
            sum_up_counts()
            continue
        number, after = change
        entity_id, before = UUID(int=number), there.pop(number, None)
        if after is None:
            FinalEntity.objects.filter(entity_id=entity_id).delete()
            if before is not None:
                remove_index({entity_id: before})
            continue
        there[number] = index_of(after)
        text = orjson.dumps(after).decode()
        row = {"entity_ref": f"e{number}", "final_entity": text, "hash": "", "last_updated_at": timezone.now()}
        FinalEntity.objects.update_or_create(entity_id=entity_id, defaults=row)
        save_index({entity_id: there[number]}, before={entity_id: before} if before is not None else {})
    return there


def means(filter: Filter, index: EntityIndex) -> bool:
    """Say whether a filter of these tests holds."""
    if isinstance(filter, Matches):
        wanted = {value.lower() for value in filter.values or ()} - {NO_VALUE}
        return any(entry.key == filter.key.lower() and entry.value in wanted for entry in index.entries)
    return all(means(part, index) for part in filter.filters)  # type: ignore[union-attr]


@settings(max_examples=100, deadline=None)
@given(changes, kinds, values)
def test_totals_by_counts_are_those_of_counting(changes: list[Any], kind: Filter, value: Filter) -> None:
    there = happen(changes)
    wanted = both(kind, value)
    expected = sum(means(wanted, index) for index in there.values())
    with CaptureQueriesContext(connections["catalog"]) as asked:
        found = {
            count_entities(credentials=SOMEBODY, filter=wanted),
            query_entities(Cursor(), filter=wanted, limit=2).total,
            query_entities(Cursor(orders=(Order("metadata.name"),)), filter=wanted, limit=2).total,
        }
    assert found == {expected}
    assert len(asked) == 3
    assert all("catalog_entitycount" in query["sql"] for query in asked), "entities were counted"


@settings(max_examples=100, deadline=None)
@given(changes, kinds)
def test_facets_by_counts_are_those_of_counting(changes: list[Any], kind: Filter) -> None:
    there = happen(changes)
    counted = Counter(
        (entry.key, entry.original)
        for index in there.values()
        if means(kind, index)
        for entry in index.entries
        if entry.value is not None
    )
    expected: dict[str, list[dict[str, Any]]] = {key: [] for key in COUNTED_KEYS}
    for (key, value), count in sorted(counted.items()):
        if key in COUNTED_KEYS:
            expected[key].append({"value": value, "count": count})
    with CaptureQueriesContext(connections["catalog"]) as asked:
        assert entity_facets(sorted(COUNTED_KEYS), credentials=SOMEBODY, filter=kind) == expected
    assert "catalog_entitycount" in asked[0]["sql"], "entities were counted"
    # One field that isn't counted, and all are.
    with CaptureQueriesContext(connections["catalog"]) as asked:
        found = entity_facets([*sorted(COUNTED_KEYS), "metadata.name"], credentials=SOMEBODY, filter=kind)
    assert {key: found[key] for key in COUNTED_KEYS} == expected
    assert "catalog_searchentry" in asked[0]["sql"]
