"""Each read costs a fixed number of statements, however many entities there are and are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalog.models import FinalEntity
from apps.catalog.operations.indexing import save_index
from apps.catalog.processing.indexing import index_of
from apps.catalog.queries import (
    Cursor,
    FullText,
    Matches,
    Order,
    both,
    count_entities,
    entities_by_refs,
    entity_by_ref,
    entity_by_uid,
    entity_facets,
    list_entities,
    list_entities_by_offset,
    list_entity_groups,
    parse_filters,
    query_entities,
)
from apps.catalog.queries.briefs import entity_titles
from apps.catalog.queries.listing import entity_listing, owned_counts
from portal.credentials import service_credentials
from portal.entities import EntityRef

pytestmark = pytest.mark.django_db(databases=["default", "catalog"])

SOMEBODY = service_credentials("test")
COMPONENTS = Matches("kind", ("component",))
OWNED = both(COMPONENTS, Matches("relations.ownedBy", ("group:default/a",)))
BY_NAME = Order("metadata.name")
REFS = [f"component:default/e{number}" for number in range(60)]


def fill(count: int) -> None:
    """Put components into the catalog."""
    indexes = {}
    for number in range(count):
        entity: dict[str, Any] = {
            "kind": "Component",
            "metadata": {"name": f"e{number}", "title": f"The {number}th", "tags": ["go", "java"][: number % 3]},
            "spec": {"type": "service"},
            "relations": [{"type": "ownedBy", "targetRef": "group:default/a"}],
        }
        entity_id = UUID(int=number)
        entity["metadata"]["uid"] = str(entity_id)
        indexes[entity_id] = index_of(entity)
        FinalEntity.objects.create(
            entity_id=entity_id,
            entity_ref=REFS[number],
            final_entity=orjson.dumps(entity).decode(),
            hash="",
            last_updated_at=timezone.now(),
        )
    save_index(indexes, before={})


def ask(filter: Any, *, order: Order | None = None, term: str = "", limit: int = 100) -> Any:
    """Ask for a page, and for the one after it."""
    text = FullText(term, ("metadata.name", "metadata.title", "spec.type")) if term else None
    first = query_entities(Cursor(orders=(order,) if order else (), full_text=text), filter=filter, limit=limit)
    return query_entities(first.next, filter=filter, limit=limit) if first.next else first


READS: dict[str, tuple[int, Callable[[], Any]]] = {
    "by name": (1, lambda: entity_by_ref(EntityRef("component", "default", "e1"), credentials=SOMEBODY)),
    "by uid": (1, lambda: entity_by_uid(str(UUID(int=1)), credentials=SOMEBODY)),
    "by refs": (1, lambda: entities_by_refs(REFS, credentials=SOMEBODY)),
    "by refs, filtered": (1, lambda: entities_by_refs(REFS, credentials=SOMEBODY, filter=OWNED)),
    "a page": (1, lambda: ask(COMPONENTS)),
    "two pages": (2, lambda: ask(COMPONENTS, limit=3)),
    "two pages by name": (2, lambda: ask(COMPONENTS, order=BY_NAME, limit=3)),
    "two pages of an owner": (2, lambda: ask(OWNED, order=BY_NAME, limit=3)),
    "two pages, descending": (2, lambda: ask(OWNED, order=Order("metadata.tags", descending=True), limit=3)),
    "full text": (2, lambda: ask(COMPONENTS, order=BY_NAME, term="th", limit=3)),
    "facets": (1, lambda: entity_facets(["kind", "spec.type"], credentials=SOMEBODY)),
    "facets of what isn't counted": (1, lambda: entity_facets(["kind", "metadata.name"], credentials=SOMEBODY)),
    "facets of an owner": (1, lambda: entity_facets(["kind", "metadata.tags"], credentials=SOMEBODY, filter=OWNED)),
    "a count": (1, lambda: count_entities(credentials=SOMEBODY, filter=OWNED)),
    "a page by offset": (
        1,
        lambda: list_entities_by_offset(credentials=SOMEBODY, filter=OWNED, orders=[BY_NAME], limit=3),
    ),
    "a list of a page": (1, lambda: entity_listing(credentials=SOMEBODY, filter=COMPONENTS, limit=3)),
    "a list, searched": (1, lambda: entity_listing(credentials=SOMEBODY, filter=COMPONENTS, text="th go", limit=3)),
    "a list, beyond its end": (2, lambda: entity_listing(credentials=SOMEBODY, limit=3, offset=1_000)),
    "titles": (1, lambda: entity_titles(REFS, credentials=SOMEBODY)),
    "counts of an owner": (1, lambda: owned_counts(["group:default/a"], credentials=SOMEBODY)),
}


@pytest.mark.parametrize("count", [5, 50])
@pytest.mark.parametrize("name", READS)
def test_a_read_costs_so_many_statements(name: str, count: int) -> None:
    fill(count)
    statements, read = READS[name]
    with CaptureQueriesContext(connections["catalog"]) as asked:
        assert read()
    assert len(asked) == statements, [query["sql"] for query in asked]


@pytest.mark.parametrize("listing", [list_entities, list_entity_groups])
def test_a_list_of_everything_is_one_statement(listing: Callable[..., Iterable[str]]) -> None:
    fill(50)
    with CaptureQueriesContext(connections["catalog"]) as asked:
        assert len(orjson.loads(f"[{','.join(listing(credentials=SOMEBODY, filter=COMPONENTS))}]")) == 50
    assert len(asked) == 1


def test_groups_of_a_list_are_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    fill(50)
    listed = ",".join(list_entities(credentials=SOMEBODY))
    for size in (1, 7, 50, 100):
        monkeypatch.setattr("apps.catalog.queries.entities.GROUP", size)
        assert ",".join(list_entity_groups(credentials=SOMEBODY)) == listed
    assert not list(list_entity_groups(credentials=SOMEBODY, filter=parse_filters(["kind=nothing"])))
