"""Route refs, paths and bindings: which name leads where."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.routes import (
    ExternalRouteRef,
    InvalidPath,
    InvalidRouteRef,
    MissingRouteParameters,
    RoutePath,
    RouteRef,
    RouteTable,
    SubRouteRef,
)

ENTITY = RouteRef("catalog.catalogEntity", params=("namespace", "kind", "name"))
INDEX = RouteRef("catalog.catalogIndex")
DOCS = RouteRef("techdocs.docRoot", params=("namespace", "kind", "name"))
TAB = SubRouteRef("catalog.tab", parent=ENTITY, path="/tabs/:tab")
PART = SubRouteRef("catalog.part", parent=TAB, path="/:part")
CREATE = ExternalRouteRef("catalog.createComponent", default_target="scaffolder.root")
VIEW_DOCS = ExternalRouteRef(
    "catalog.viewTechDoc", params=("namespace", "kind", "name"), default_target="techdocs.docRoot"
)


def table(bindings: object = None, **mounts: str) -> RouteTable:
    """Return a table with the catalog's pages, and those of ``mounts``, mounted."""
    paths = {"catalog.catalogIndex": "/catalog", "catalog.catalogEntity": "/catalog/:namespace/:kind/:name"}
    paths |= {ref_id.replace("_", "."): path for ref_id, path in mounts.items()}
    return RouteTable(
        mounts={ref_id: RoutePath.parse(path) for ref_id, path in paths.items()},
        refs=[INDEX, ENTITY, TAB, PART, DOCS, CREATE, VIEW_DOCS],
        bindings=bindings,
    )


# --- Paths ---


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("/", ()),
        ("/catalog", ()),
        ("/catalog/:namespace/:kind/:name", ("namespace", "kind", "name")),
        ("/docs/*", ("rest",)),
    ],
)
def test_a_path_knows_its_parameters(text: str, parameters: tuple[str, ...]):
    path = RoutePath.parse(text)
    assert path.parameters == parameters
    assert str(path) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("catalog", "must start with '/'"),
        ("", "must start with '/'"),
        ("/catalog/", "must not end with '/'"),
        ("/a//b", "has the segment ''"),
        ("/:", "has the segment ':'"),
        ("/:1st", "has the segment ':1st'"),
        ("/a b", "has the segment 'a b'"),
        ("/a?", "has the segment 'a?'"),
        ("/*/a", "'*' at its end only"),
        ("/:a/:a", "the parameter a more than once"),
    ],
)
def test_a_path_that_breaks_a_rule_is_refused_with_the_rule(text: str, rule: str):
    with pytest.raises(InvalidPath, match=re.escape(rule)):
        RoutePath.parse(text)


@pytest.mark.parametrize(
    ("path", "url", "expected"),
    [
        ("/", "", {}),
        ("/catalog", "catalog", {}),
        ("/catalog", "catalog/", {}),
        ("/catalog", "catalogue", None),
        ("/c/:name", "c/shop", {"name": "shop"}),
        ("/c/:name", "c/shop/more", None),
        ("/c/:name", "c/", None),
        ("/c/:name", "c/a\nb", {"name": "a\nb"}),
        ("/docs/*", "docs", {"rest": None}),
        ("/docs/*", "docs/a/b", {"rest": "a/b"}),
        ("/docs/*", "docsy", None),
        ("/a.b", "axb", None),
        ("/*", "any/thing", {"rest": "any/thing"}),
    ],
)
def test_a_path_matches_these_urls(path: str, url: str, expected: dict[str, str | None] | None):
    match = re.search(RoutePath.parse(path).regex(), url)
    assert (match.groupdict() if match else None) == expected


def test_the_more_specific_path_comes_first():
    paths = ["/*", "/c/:name", "/c/new", "/:a/:b", "/c/*"]
    ordered = sorted(map(RoutePath.parse, paths), key=lambda path: path.sort_key)
    assert [str(path) for path in ordered] == ["/c/new", "/c/:name", "/c/*", "/:a/:b", "/*"]


def test_a_path_below_another_takes_the_place_of_its_star():
    assert str(RoutePath.parse("/docs/*") / RoutePath.parse("/edit")) == "/docs/edit"
    assert str(RoutePath.parse("/") / RoutePath.parse("/edit")) == "/edit"
    assert str(RoutePath.parse("/docs") / RoutePath.parse("/")) == "/docs"


SEGMENT = st.text(min_size=1, max_size=12).filter(lambda text: "\0" not in text)


@settings(deadline=None)
@given(namespace=SEGMENT, kind=SEGMENT, name=SEGMENT)
def test_what_a_url_is_built_from_comes_out_again(namespace: str, kind: str, name: str):
    path = RoutePath.parse("/catalog/:namespace/:kind/:name")
    url = path.build({"namespace": namespace, "kind": kind, "name": name})
    assert url.count("/") == 4
    assert [unquote(part) for part in url.split("/")[2:]] == [namespace, kind, name]


# --- Refs ---


@pytest.mark.parametrize("ref_id", ["catalog", "Catalog.index", "catalog.", ".index", "catalog.in dex"])
def test_the_id_of_a_ref_has_plugin_and_key(ref_id: str):
    with pytest.raises(InvalidRouteRef, match=r"must be '<plugin id>.<key>'"):
        RouteRef(ref_id)


def test_a_sub_route_has_its_parents_parameters_first():
    assert PART.params == ("namespace", "kind", "name", "tab", "part")


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("tab", "must start with '/'"),
        ("/tab/", "must not end with '/'"),
        ("/", "is empty"),
        ("/:name", "repeats the parameter name"),
    ],
)
def test_a_sub_route_keeps_the_rules(path: str, rule: str):
    with pytest.raises(InvalidRouteRef, match=rule):
        SubRouteRef("catalog.sub", parent=ENTITY, path=path)


# --- Links ---


def test_a_ref_leads_to_its_page():
    assert table().url(INDEX) == "/catalog"
    assert table().url("catalog.catalogIndex") == "/catalog"


def test_parameters_are_encoded():
    values = {"namespace": "default", "kind": "component", "name": "a b/ü?"}
    assert table().url(ENTITY, values) == "/catalog/default/component/a%20b%2F%C3%BC%3F"


def test_a_sub_route_leads_below_its_parents_page():
    values = {"namespace": "default", "kind": "api", "name": "x", "tab": "docs", "part": "1"}
    assert table().url(PART, values) == "/catalog/default/api/x/tabs/docs/1"


def test_a_page_that_is_not_mounted_has_no_url():
    assert table().url(DOCS, {"namespace": "a", "kind": "b", "name": "c"}) is None
    assert table().url("unknown.ref") is None


def test_a_missing_parameter_is_an_error_that_names_it():
    with pytest.raises(MissingRouteParameters, match="needs kind, name; given: namespace"):
        table().url(ENTITY, {"namespace": "default"})


def test_parameters_that_the_route_does_not_have_are_ignored():
    assert table().url(INDEX, {"name": "x"}) == "/catalog"


# --- External routes ---


def test_an_external_route_leads_to_its_default_target_if_that_is_installed():
    entity = {"namespace": "a", "kind": "b", "name": "c"}
    assert table(techdocs_docRoot="/docs/:namespace/:kind/:name").url(VIEW_DOCS, entity) == "/docs/a/b/c"
    assert table().url(VIEW_DOCS, entity) is None
    assert table().url(CREATE) is None


def test_a_binding_beats_the_default_target():
    bound = table({"catalog.createComponent": "catalog.catalogIndex"})
    assert bound.url(CREATE) == "/catalog"
    assert bound.problems == []


def test_false_binds_to_nothing():
    bound = table({"catalog.viewTechDoc": False}, techdocs_docRoot="/docs/:namespace/:kind/:name")
    assert bound.url(VIEW_DOCS, {"namespace": "a", "kind": "b", "name": "c"}) is None
    assert bound.problems == []


@pytest.mark.parametrize(
    ("bindings", "problem_id", "complaint"),
    [
        (["catalog.createComponent"], "portal.E231", "it must map route refs to route refs"),
        ({"catalog.createComponent": True}, "portal.E231", "'catalog.createComponent' is bound to True"),
        ({"catalog.createComponent": 7}, "portal.E231", "is bound to 7"),
        ({7: "catalog.catalogIndex"}, "portal.E231", "has 7 where the id"),
        ({"catalog.createComponent": "catalog.catalogEntity"}, "portal.E231", "needed: namespace, kind, name"),
        ({"catalog.createComponents": False}, "portal.W231", "names 'catalog.createComponents'"),
        ({"catalog.createComponent": "catalog-import.importPage"}, "portal.W232", "to 'catalog-import.importPage'"),
        ({"catalog.createComponent": "catalog.viewTechDoc"}, "portal.W232", "to 'catalog.viewTechDoc'"),
    ],
)
def test_a_wrong_binding_is_reported_and_does_no_harm(bindings: object, problem_id: str, complaint: str):
    bound = table(bindings)
    [problem] = bound.problems
    assert problem.id == problem_id
    assert complaint in problem.msg
    assert problem.hint
    assert bound.url(INDEX) == "/catalog"
    assert bound.url(CREATE) is None


def test_a_misspelt_external_route_is_suggested_right():
    [problem] = table({"catalog.createComponents": False}).problems
    assert problem.hint == "Did you mean 'catalog.createComponent'?"


def test_two_refs_of_one_id_are_an_error_and_the_first_counts():
    twice = RouteTable(mounts={}, refs=[ENTITY, RouteRef("catalog.catalogEntity")])
    assert [problem.id for problem in twice.problems] == ["portal.E230"]
    assert twice.refs["catalog.catalogEntity"] == ENTITY
