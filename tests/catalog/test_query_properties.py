"""Filters, predicates and cursors hold for any catalog, not for the examples alone."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog.models import NO_VALUE, EntityCount, EntitySummary, FinalEntity, SearchEntry
from apps.catalog.operations.indexing import save_index
from apps.catalog.processing.indexing import index_of
from apps.catalog.queries import (
    AllOf,
    AnyOf,
    Cursor,
    Filter,
    HasPrefix,
    Matches,
    NoneOf,
    Order,
    count_entities,
    list_entities,
    list_entity_groups,
    parse_filters,
    parse_predicate,
    query_entities,
)
from apps.catalog.queries.filters import Contains
from apps.catalog.queries.sql import condition, members
from apps.catalog.queries.statements import fetch
from portal.credentials import service_credentials
from portal.entities import search_rows

pytestmark = pytest.mark.django_db(databases=["default", "catalog"])

SOMEBODY = service_credentials("test")
KEYS = ("kind", "metadata.name", "Metadata.Tags", "spec.type", "spec.size", "metadata.title", "no.such")
WORDS = ("alpha", "Beta", "gamma", "a", "", "50%_\\", "!", "x" * 201, NO_VALUE, f"{NO_VALUE}!")

words = st.sampled_from(WORDS)
entities = st.builds(
    lambda number, kind, spec_type, tags, title, size: {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": f"{kind.lower()}-{number}",
            "namespace": "default",
            "tags": tags,
            **({"title": title} if title is not None else {}),
        },
        "spec": {"type": spec_type, "size": size},
        "relations": [],
    },
    st.integers(0, 30),
    st.sampled_from(["Component", "API"]),
    words,
    st.lists(words, max_size=3),
    st.none() | words,
    st.none() | st.integers(0, 2) | st.booleans(),
)
catalogs = st.lists(entities, max_size=8, unique_by=lambda entity: entity["metadata"]["name"])
filters: st.SearchStrategy[Filter] = st.recursive(
    st.builds(Matches, st.sampled_from(KEYS), st.none() | st.lists(words, min_size=1, max_size=2).map(tuple))
    | st.builds(HasPrefix, st.sampled_from(KEYS), st.sampled_from(["", "al", "B", "component-1", "50%", NO_VALUE]))
    | st.builds(
        Contains,
        st.lists(st.sampled_from(KEYS), min_size=1, max_size=3).map(tuple),
        st.sampled_from(["a", "ET", "%", "l_h", "0%_", "_", "\\", "!", "", "component-1"]),
        st.booleans(),
    ),
    lambda inner: (
        st.builds(NoneOf, inner)
        | st.builds(AllOf, st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


def fill(catalog: list[dict[str, Any]]) -> dict[str, set[tuple[str, str | None]]]:
    """Put entities into the tables as stitching does; return each one's index rows by name."""

    for model in (SearchEntry, EntitySummary, EntityCount):
        model.objects.all().delete()
    FinalEntity.objects.all().delete()
    index = {}
    for number, entity in enumerate(catalog):
        entity["metadata"]["uid"] = f"00000000-0000-4000-8000-{number:012x}"
        final = FinalEntity.objects.create(
            entity_id=UUID(entity["metadata"]["uid"]),
            entity_ref=f"{entity['kind'].lower()}:default/{entity['metadata']['name']}",
            final_entity=orjson.dumps(entity).decode(),
            hash="",
            last_updated_at=timezone.now(),
        )
        rows = set(search_rows(entity))
        save_index({final.entity_id: index_of(entity)}, before={})
        index[entity["metadata"]["name"]] = {
            (row.key, None if (row.value or "").startswith(NO_VALUE) else row.value) for row in rows
        }
    return index


def means(filter: Filter, rows: set[tuple[str, str | None]]) -> bool:
    """Say what a filter means, on index rows at hand."""
    match filter:
        case Matches(key, None):
            return any(row_key == key.lower() for row_key, _ in rows)
        case Matches(key, values) if values is not None:
            return any((key.lower(), value.lower()) in rows for value in values)
        case HasPrefix(key, prefix):
            return any(k == key.lower() and v is not None and v.startswith(prefix.lower()) for k, v in rows)
        case Contains(keys, text, wildcards):
            inside = [".*" if c == "%" else "." if c == "_" else re.escape(c) for c in text.lower()]
            pattern = re.compile("".join(inside) if wildcards else re.escape(text.lower()), re.DOTALL)
            wanted = {key.lower() for key in keys}
            return any(k in wanted and v is not None and pattern.search(v) for k, v in rows)
        case AllOf(parts):
            return all(means(part, rows) for part in parts)
        case AnyOf(parts):
            return any(means(part, rows) for part in parts)
        case NoneOf(part):
            return not means(part, rows)
    raise AssertionError(filter)


def names(texts: Any) -> list[str]:
    """Return the names of stored entities."""
    return [orjson.loads(text)["metadata"]["name"] for text in texts]


def listed(filter: Filter, order: Order | None = None) -> list[str]:
    """Return the names of all entities for which a filter holds."""
    return names(list_entities(credentials=SOMEBODY, filter=filter, order=order))


@settings(max_examples=80, deadline=None)
@given(catalogs, filters)
def test_the_database_means_what_the_filter_says(catalog: list[dict[str, Any]], filter: Filter) -> None:
    expected = sorted(name for name, rows in fill(catalog).items() if means(filter, rows))
    found = FinalEntity.objects.filter(condition(filter, id_field="entity_id")).values_list("final_entity", flat=True)
    assert sorted(names(found)) == expected
    members_of = FinalEntity.objects.filter(entity_id__in=[entity_id for (entity_id,) in fetch(members(filter))])
    assert sorted(names(members_of.values_list("final_entity", flat=True))) == expected
    groups = ",".join(list_entity_groups(credentials=SOMEBODY, filter=filter))
    assert sorted(entity["metadata"]["name"] for entity in orjson.loads(f"[{groups}]")) == expected
    assert count_entities(credentials=SOMEBODY, filter=filter) == len(expected)


@settings(max_examples=80, deadline=None)
@given(catalogs, filters, st.none() | st.builds(Order, st.sampled_from(KEYS), st.booleans()))
def test_a_page_has_what_the_filter_says_in_the_order_asked_for(
    catalog: list[dict[str, Any]], filter: Filter, order: Order | None
) -> None:
    index = fill(catalog)
    field = order.field.lower() if order else "metadata.uid"
    places = [
        (value is None, value or "", dict(rows)["metadata.uid"] or "", name)
        for name, rows in index.items()
        if means(filter, rows)
        for key, value in rows
        if key == field
    ]
    places.sort(key=lambda place: (place[1], place[2]), reverse=order is not None and order.descending)
    expected = [name for _, _, _, name in sorted(places, key=lambda place: place[0])]
    first = query_entities(Cursor(orders=(order,) if order else ()), filter=filter, limit=5)
    assert names(first.items) == expected[:5]
    assert first.total == len(expected)
    assert listed(filter, order) == expected


@settings(max_examples=60, deadline=None)
@given(
    catalogs,
    st.lists(st.builds(Order, st.sampled_from(KEYS), st.booleans()), max_size=1),
    st.integers(1, 4),
    st.sampled_from([[], ["kind=component"], ["metadata.tags=alpha,metadata.tags=beta", "spec.type"]]),
)
def test_cursors_visit_every_row_once_in_order_and_lead_back(
    catalog: list[dict[str, Any]], orders: list[Order], limit: int, texts: list[str]
) -> None:
    fill(catalog)
    asked = Cursor(orders=tuple(orders), filters=tuple(texts))
    matching = parse_filters(texts)
    everything = listed(matching, orders[0] if orders else None)
    pages, page = [], query_entities(asked, filter=matching, limit=limit)
    pages.append(names(page.items))
    while page.next and len(pages) < 40:
        page = query_entities(Cursor.decode(page.next.encode()), filter=matching, limit=limit)
        pages.append(names(page.items))
    assert [name for part in pages for name in part] == everything
    back = []
    while page.previous:
        page = query_entities(Cursor.decode(page.previous.encode()), filter=matching, limit=limit)
        back.append(names(page.items))
    assert back == list(reversed(pages[:-1]))
    assert page.total == len(everything)


predicates: st.SearchStrategy[Any] = st.recursive(
    st.dictionaries(
        st.sampled_from(KEYS),
        words
        | st.integers(0, 2)
        | st.booleans()
        | st.fixed_dictionaries({"$exists": st.booleans()})
        | st.fixed_dictionaries({"$in": st.lists(words, max_size=2)})
        | st.fixed_dictionaries({"$hasPrefix": words})
        | st.fixed_dictionaries({"$contains": words}),
        max_size=2,
    ),
    lambda inner: (
        st.fixed_dictionaries({"$not": inner})
        | st.fixed_dictionaries({"$all": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"$any": st.lists(inner, max_size=3)})
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(catalogs, predicates)
def test_a_predicate_and_its_negation_part_the_catalog(catalog: list[dict[str, Any]], predicate: Any) -> None:
    fill(catalog)
    yes = listed(parse_predicate(predicate))
    no = listed(parse_predicate({"$not": predicate}))
    assert sorted(yes + no) == sorted(entity["metadata"]["name"] for entity in catalog)
