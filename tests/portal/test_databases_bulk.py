"""Rows written by the thousand arrive as they were given, whatever is in them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.catalog.models import EntityCount, EntitySummary, HistoryEntry
from portal.databases import (
    Lock,
    append_rows,
    atomic_for,
    delete_rows,
    select_rows,
    time_ordered_uuid,
    update_rows,
    upsert_rows,
)

pytestmark = pytest.mark.django_db(databases=["default", "catalog"])

HISTORY = ("entity_ref", "entity_id", "at", "change", "cause", "before")
SUMMARY = ("entity_id", "kind", "name", "title", "description")
COUNT = ("key", "kind", "value", "original_value", "count")

#: What databases store: no NUL, and no half of a surrogate pair.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20) | st.sampled_from(
    ["\\N", "\\", "a\tb", "a\nb", "a\rb", "\x1f", "\\N\x1f\n", "'", '"', "%s", "\N{PILE OF POO}"]
)


def summaries() -> list[tuple[Any, ...]]:
    return list(EntitySummary.objects.order_by("name").values_list(*SUMMARY))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(texts, st.none() | texts), max_size=10))
def test_texts_arrive_as_they_were_given(values: list[tuple[str, str | None]]) -> None:
    HistoryEntry.objects.all().delete()
    at, entity_id = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC), uuid.uuid4()
    rows = [(f"{number}", entity_id, at, "created", cause, before) for number, (cause, before) in enumerate(values)]
    append_rows(HistoryEntry, HISTORY, rows)
    assert sorted(HistoryEntry.objects.order_by().values_list(*HISTORY)) == sorted(rows)


def test_rows_that_are_there_are_updated_and_the_others_inserted() -> None:
    known, new = uuid.uuid4(), uuid.uuid4()
    append_rows(EntitySummary, SUMMARY, [(known, "component", "a", "", "kept")])
    rows = [(known, "api", "a", "A", "new"), (new, "api", "b", "B", "new")]
    upsert_rows(EntitySummary, SUMMARY, rows, key=["entity_id"], update=["kind", "title"])
    assert summaries() == [(known, "api", "a", "A", "kept"), (new, "api", "b", "B", "new")]


def test_rows_that_are_there_are_left_alone_if_nothing_is_to_be_updated() -> None:
    known, new = uuid.uuid4(), uuid.uuid4()
    append_rows(EntitySummary, SUMMARY, [(known, "component", "a", "", "")])
    upsert_rows(EntitySummary, SUMMARY, [(known, "api", "a", "", ""), (new, "api", "b", "", "")], key=["entity_id"])
    assert [row[1] for row in summaries()] == ["component", "api"]


def test_updates_set_and_add() -> None:
    append_rows(EntityCount, COUNT, [("kind", "api", "api", "API", 3), ("kind", "user", "user", "User", 5)])
    changes = [("kind", "api", "Api", 2), ("kind", "group", "Group", 1)]
    update_rows(EntityCount, ("key", "kind", "original_value", "count"), changes, key=["key", "kind"], add=["count"])
    counts = EntityCount.objects.order_by("kind").values_list("kind", "original_value", "count")
    assert list(counts) == [("api", "Api", 5), ("user", "User", 5)]


def test_deletes_are_by_all_columns_given() -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    append_rows(EntitySummary, SUMMARY, [(first, "api", "a", "", ""), (second, "api", "b", "", "")])
    delete_rows(EntitySummary, ["entity_id", "name"], [(first, "a"), (second, "another")])
    assert [row[0] for row in summaries()] == [second]


def test_no_rows_are_no_work() -> None:
    append_rows(EntitySummary, SUMMARY, [])
    upsert_rows(EntitySummary, SUMMARY, [], key=["entity_id"])
    assert summaries() == []


def test_a_row_that_is_there_twice_is_refused_with_all_others() -> None:
    row = (uuid.uuid4(), "api", "a", "", "")
    with pytest.raises(IntegrityError), atomic_for(EntitySummary):
        append_rows(EntitySummary, SUMMARY, [row, row])
    assert summaries() == []


def test_ids_are_ordered_by_time_and_differ_all_the_same() -> None:
    ids = [time_ordered_uuid() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {one.version for one in ids} == {7}
    assert [one.int >> 80 for one in ids] == sorted(one.int >> 80 for one in ids)


def test_rows_are_found_by_any_of_many_values() -> None:
    ids = [uuid.uuid4() for _ in range(2_500)]
    append_rows(EntitySummary, SUMMARY, [(one, "api", f"{number}", "", "") for number, one in enumerate(ids)])
    wanted = [*ids[::2], uuid.uuid4()]
    found = select_rows(EntitySummary, ("entity_id", "name"), key="entity_id", values=wanted)
    assert sorted(name for _, name in found) == sorted(str(number) for number in range(0, 2_500, 2))


def test_rows_that_are_locked_come_in_the_order_of_their_keys() -> None:
    ids = [uuid.uuid4() for _ in range(20)]
    append_rows(EntitySummary, SUMMARY, [(one, "api", "", "", "") for one in ids])
    with atomic_for(EntitySummary):
        for lock in (Lock.CHANGE, Lock.DELETE):
            found = select_rows(EntitySummary, ("entity_id",), key="entity_id", values=ids, lock=lock)
            assert [one for (one,) in found] == sorted(ids)


def test_of_no_values_there_are_no_rows() -> None:
    assert not list(select_rows(EntitySummary, ("entity_id",), key="entity_id", values=[]))
