"""The address of a graph, as Backstage writes and reads it."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog_graph.forms import INFINITE, SMOOTH, STEPS, GraphQuery
from apps.catalog_graph.layout import Direction

DEFAULTS = GraphQuery()


def parsed(query: str, defaults: GraphQuery = DEFAULTS) -> GraphQuery:
    return GraphQuery.parse(QueryDict(query), defaults)


def test_an_address_of_backstage_is_read() -> None:
    query = parsed(
        "rootEntityRefs[]=component:default/web&maxDepth=∞&selectedKinds[]=api&selectedKinds[]=Component"
        "&selectedRelations[]=ownedBy&unidirectional=false&mergeRelations=false&direction=TB&showFilters=false"
        "&curve=curveStepBefore"
    )
    assert query == GraphQuery(
        roots=("component:default/web",),
        depth=None,
        kinds=("api", "component"),
        relations=("ownedBy",),
        unidirectional=False,
        merge_relations=False,
        direction=Direction.TOP_BOTTOM,
        curve=STEPS,
        show_filters=False,
    )


@pytest.mark.parametrize("form", ["rootEntityRefs[]", "rootEntityRefs", "rootEntityRefs[0]"])
def test_a_root_is_read_in_each_form_of_a_list(form: str) -> None:
    assert parsed(f"{form}=Component:Web").roots == ("component:default/web",)


def test_what_is_no_ref_is_kept_to_be_told() -> None:
    query = parsed("rootEntityRefs[]=web&rootEntityRefs[]=api:a&rootEntityRefs[]=")
    assert query.roots == ("api:default/a",)
    assert query.unreadable == ("web",)


@pytest.mark.parametrize(
    "query",
    [
        "maxDepth=x",
        "maxDepth=-1",
        "maxDepth=\u0661",
        "direction=UP",
        "curve=x",
        "unidirectional=1",
        "showFilters=",
        "x=1",
    ],
)
def test_what_makes_no_sense_is_as_usual(query: str) -> None:
    assert parsed(query) == DEFAULTS


@pytest.mark.parametrize("text", ["", INFINITE, "infinity", "Infinity"])
def test_a_depth_may_have_no_end(text: str) -> None:
    assert parsed(f"maxDepth={text}").depth is None


def test_of_a_hidden_field_and_a_switch_the_switch_counts() -> None:
    assert parsed("mergeRelations=false&mergeRelations=true").merge_relations
    assert not parsed("mergeRelations=false").merge_relations


def test_an_empty_list_is_not_what_is_configured() -> None:
    defaults = GraphQuery(kinds=("api",))
    assert parsed("", defaults).kinds == ("api",)
    assert parsed("selectedKinds[]=", defaults).kinds == ()


def test_a_page_opens_as_it_is_configured() -> None:
    config = {
        "rootEntityRefs": ["Domain:trade"],
        "maxDepth": INFINITE,
        "selectedKinds": ["API"],
        "direction": "RL",
        "mergeRelations": False,
        "curve": None,
    }
    assert GraphQuery.configured(config) == GraphQuery(
        roots=("domain:default/trade",),
        depth=None,
        kinds=("api",),
        direction=Direction.RIGHT_LEFT,
        merge_relations=False,
    )


refs = st.from_regex(r"[a-z]{1,8}:[a-z0-9]{1,8}/[a-z0-9]{1,8}", fullmatch=True)
words = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=3, unique=True).map(tuple)
queries = st.builds(
    GraphQuery,
    roots=st.lists(refs, max_size=3, unique=True).map(tuple),
    depth=st.none() | st.integers(0, 9999),
    kinds=words,
    relations=words,
    unidirectional=st.booleans(),
    merge_relations=st.booleans(),
    direction=st.sampled_from(list(Direction)),
    curve=st.sampled_from([SMOOTH, STEPS]),
    show_filters=st.booleans(),
    text=st.text(max_size=30).map(str.strip),
)


@settings(deadline=None)
@given(query=queries, defaults=queries)
def test_an_address_says_all_that_differs(query: GraphQuery, defaults: GraphQuery) -> None:
    assert parsed(query.encode(defaults), defaults) == query


@settings(deadline=None)
@given(query=queries, defaults=queries, ref=refs)
def test_the_address_of_a_graph_around_another_entity_says_the_rest_as_well(
    query: GraphQuery, defaults: GraphQuery, ref: str
) -> None:
    assert parsed(query.encoder_of_roots(defaults)(ref), defaults) == query.with_roots(ref)


def test_the_graph_that_opens_by_itself_needs_no_query() -> None:
    assert GraphQuery().encode(DEFAULTS) == ""
    assert GraphQuery().with_roots("api:default/a").encode(DEFAULTS) == "rootEntityRefs[]=api:default/a"
