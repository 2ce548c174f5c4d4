"""Entities are cut down by reading no more of them than it takes, and to what reading all of them would give."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.queries import Projection

KEYS = ("apiVersion", "kind", "metadata", "spec", "name", "a.b", '},"spec":{')
texts = st.sampled_from(["x", '},"spec":{', '"},"spec":{"', "\\", '\\"'])
values: st.SearchStrategy[Any] = st.recursive(
    texts | st.none() | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=12,
)
entities = st.dictionaries(st.sampled_from(KEYS), values, max_size=5)
paths = st.lists(
    st.lists(st.sampled_from([*KEYS, "a", "b", "0", "1"]), min_size=1, max_size=3).map(".".join), min_size=1, max_size=4
)


@given(entities, paths)
def test_whatever_an_entity_holds_the_beginning_of_it_is_cut_as_the_whole(
    entity: dict[str, Any], paths: list[str]
) -> None:
    wanted = Projection.of(paths)
    # In a text with spaces, nothing is found that the first part could be told by.
    assert wanted.text(orjson.dumps(entity).decode()) == wanted.text(
        orjson.dumps(entity, option=orjson.OPT_INDENT_2).decode()
    )


@pytest.mark.parametrize("path", ["kind", "metadata.name", "metadata.labels.a.b", "metadata.tags.1", "metadata"])
def test_what_stands_before_the_spec_is_cut_without_reading_on(path: str) -> None:
    entity = {"kind": "API", "metadata": {"name": "x", "labels": {"a.b": "1"}, "tags": ["p", "q"]}, "spec": {}}
    text = orjson.dumps(entity).decode()
    broken = text.removesuffix("}}") + "no JSON"
    assert Projection.of([path]).text(broken) == Projection.of([path]).text(text) != "{}"
