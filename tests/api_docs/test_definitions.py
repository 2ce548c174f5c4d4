"""What definitions say, and that none of them breaks a reader."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.api_docs.definitions import (
    Entry,
    Fields,
    Reference,
    Sample,
    read_asyncapi,
    read_graphql,
    read_openapi,
    read_protobuf,
    server_origins,
    source_of,
)
from apps.api_docs.definitions.documents import is_readable, rewritten
from apps.api_docs.definitions.highlighting import MAX_HIGHLIGHTED, MAX_SHOWN
from apps.api_docs.definitions.schemas import MAX_ROWS
from portal.errors import InputError
from tests.api_docs.conftest import ASYNCAPI, GRAPHQL, OPENAPI, PROTO


def heads(reference: Reference) -> list[tuple[str, str, str]]:
    return [(entry.group, entry.badge, entry.name) for entry in reference.entries]


def entry(reference: Reference, name: str, badge: str = "") -> Entry:
    return next(one for one in reference.entries if one.name == name and badge in {"", one.badge})


def rows(one: Entry, title: str) -> list[tuple[str, str]]:
    """Return name and type of the rows of a table, indented by depth."""
    table = next(part for part in one.parts() if isinstance(part, Fields) and part.title == title)
    return [("  " * row.depth + row.name, row.type) for row in table.rows]


def openapi(**parts: Any) -> str:
    return json.dumps({"openapi": "3.1.0", "info": {}, **parts})


# --- OpenAPI ---


def test_operations_stand_by_tag_and_schemas_follow() -> None:
    reference = read_openapi(json.dumps(OPENAPI))
    assert (reference.format, reference.title, reference.version) == ("OpenAPI 3.0.3", "Shop", "2.1")
    assert heads(reference) == [
        ("Orders", "GET", "/orders/{id}"),
        ("Orders", "DELETE", "/orders/{id}"),
        ("Schemas", "schema", "Order"),
    ]
    assert [one.is_deprecated for one in reference.entries] == [False, True, False]


def test_an_operation_has_the_parameters_of_its_path_and_the_schema_of_its_answer() -> None:
    get = entry(read_openapi(json.dumps(OPENAPI)), "/orders/{id}", "GET")
    assert rows(get, "Parameters") == [("id", "integer")]
    assert rows(get, "Response 200, application/json") == [
        ("id", "integer"),
        ("state", "string"),
        ("replaces", "Order"),
    ]
    assert [part.text for part in get.parts() if isinstance(part, Sample)] == ['{\n  "id": 7\n}']


def test_a_parameter_of_the_operation_takes_the_place_of_the_paths() -> None:
    path = {
        "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}}],
        "get": {"parameters": [{"name": "id", "in": "path", "schema": {"type": "integer"}}]},
    }
    assert rows(read_openapi(openapi(paths={"/x": path})).entries[0], "Parameters") == [("id", "integer")]


def test_swagger_2_is_read_too() -> None:
    text = """
    swagger: "2.0"
    host: api.example
    basePath: /v1
    paths:
      /x:
        post:
          parameters:
            - {name: body, in: body, schema: {$ref: '#/definitions/X'}}
            - {name: q, in: query, type: string}
          responses: {200: {description: Fine, schema: {type: array, items: {$ref: '#/definitions/X'}}}}
    definitions: {X: {properties: {a: {type: string}}}}
    """
    reference = read_openapi(text)
    post = reference.entries[0]
    assert reference.facts[0].values == ("https://api.example/v1",)
    assert rows(post, "Parameters") == [("q", "string")]
    assert rows(post, "Body") == [("a", "string")]
    assert rows(post, "Response 200") == [("a", "string")]


def test_rings_of_references_end() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    loop = {"$ref": "#/components/schemas/Loop"}
    reference = read_openapi(openapi(components={"schemas": {"Node": node, "Loop": loop}}))
    assert rows(entry(reference, "Node"), "Properties") == [("next", "Node"), ("  next", "Node")]
    assert rows(entry(reference, "Loop"), "Properties") == [("", "Loop")]


def test_schemas_that_multiply_are_cut() -> None:
    names = [f"S{number}" for number in range(30)]
    every = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    schemas = {name: {"properties": every} for name in names}
    table = next(iter(read_openapi(openapi(components={"schemas": schemas})).entries[0].parts()))
    assert isinstance(table, Fields)
    assert table.is_cut
    assert len(table.rows) == MAX_ROWS


@pytest.mark.parametrize("key", ["allOf", "oneOf"])
def test_schemas_with_countless_ways_through_them_take_no_time(key: str) -> None:
    every = [{"$ref": f"#/components/schemas/S{number}"} for number in range(20)]
    schemas = {f"S{number}": {key: every} for number in range(20)}
    table = next(iter(read_openapi(openapi(components={"schemas": schemas})).entries[0].parts()))
    assert isinstance(table, Fields)
    assert table.is_cut


def test_rules_are_said_in_words() -> None:
    schema = {"properties": {"n": {"type": ["integer", "null"], "minimum": 0, "enum": [0, 1], "readOnly": True}}}
    table = next(iter(read_openapi(openapi(components={"schemas": {"X": schema}})).entries[0].parts()))
    assert isinstance(table, Fields)
    assert table.rows[0].type == "integer or null"
    assert table.rows[0].rules == ("one of: 0, 1", "at least 0", "read only")


@pytest.mark.parametrize(
    ("url", "origins"),
    [
        ("https://api.example/v1", ["https://api.example"]),
        ("http://localhost:8080", ["http://localhost:8080"]),
        ("/relative", []),
        ("ftp://api.example", []),
        ("https://x.example; script-src *", []),
        ("https://*.example", []),
        ("https://{tenant}.example", []),
        ("javascript:alert(1)", []),
    ],
)
def test_only_plain_origins_of_servers_may_be_connected_to(url: str, origins: list[str]) -> None:
    assert server_origins(openapi(servers=[{"url": url}])) == origins


# --- The others ---


def test_asyncapi_3_has_operations_channels_and_messages() -> None:
    reference = read_asyncapi(ASYNCAPI)
    assert heads(reference) == [
        ("Operations", "receive", "light/{id}/measured"),
        ("Channels", "channel", "light/{id}/measured"),
        ("Messages", "message", "Brightness"),
    ]
    assert rows(reference.entries[0], "Message brightness") == [("lumens", "integer")]


def test_asyncapi_2_has_its_operations_below_channels() -> None:
    text = """
    asyncapi: 2.6.0
    info: {title: T, version: '1'}
    channels:
      order/created:
        parameters: {shop: {description: Which shop, schema: {type: string}}}
        subscribe:
          summary: An order is there
          message:
            oneOf:
              - {name: a, payload: {properties: {x: {type: string}}}}
              - {name: b, schemaFormat: avro, payload: {type: record}}
    """
    reference = read_asyncapi(text)
    first = reference.entries[0]
    assert heads(reference)[0] == ("Operations", "subscribe", "order/created")
    assert rows(first, "Parameters of the channel") == [("shop", "string")]
    assert rows(first, "Message a") == [("x", "string")]
    assert [part.title for part in first.parts() if isinstance(part, Sample)] == ["avro"]


def test_graphql_has_its_queries_first_and_then_its_types() -> None:
    reference = read_graphql(GRAPHQL)
    assert heads(reference) == [("Query", "query", "product"), ("Types", "type", "Product")]
    assert reference.entries[0].summary == "One product"
    assert rows(reference.entries[0], "Arguments") == [("id", "ID!")]
    assert rows(reference.entries[1], "Fields") == [("name", "String!"), ("old", "String")]


def test_graphql_follows_what_the_schema_calls_its_roots() -> None:
    text = """
    schema { query: Root mutation: Changes }
    type Root { a: Int }
    type Changes { b(input: I = {}): Int }
    extend type Root { c: Int }
    input I { d: Int! e: Int! = 3 }
    union U = Root | Changes
    enum E { "First" F }
    directive @x(y: Int) on FIELD
    """
    reference = read_graphql(text)
    assert [one.name for one in reference.entries if one.badge in {"query", "mutation"}] == ["a", "c", "b"]
    assert [(one.badge, one.name) for one in reference.entries if one.group == "Types"] == [
        ("input", "I"),
        ("union", "U"),
        ("enum", "E"),
        ("directive", "@x"),
    ]


def test_grpc_has_methods_by_service_and_nested_types_by_path() -> None:
    reference = read_protobuf(PROTO)
    assert heads(reference) == [
        ("Prices", "rpc", "Get"),
        ("Types", "message", "PriceRequest"),
        ("Types", "message", "Price"),
        ("Types", "enum", "Price.Currency"),
    ]
    assert reference.facts[0].values == ("shop.v1",)
    assert reference.entries[0].summary == "Says what a product costs."
    assert rows(reference.entries[0], "Messages") == [("takes", "PriceRequest"), ("returns", "stream Price")]


def test_grpc_reads_what_messages_may_have() -> None:
    text = """
    edition = "2023";
    import public "a/b.proto";
    option (x.y) = { a: 1, b: { c: "}" } };
    message M {
      option deprecated = true;
      reserved 2, 15, 9 to 11;
      map<string, a.B> labels = 3 [deprecated = true];
      oneof choice { string a = 4; int32 b = 5; }
      repeated M children = 6 [(v).rules = { min: 1 }];
      extensions 100 to max;
    }
    service S { option x = true; rpc A(M) returns (M) { option (http) = { get: "/v1" }; }; rpc B(.x.M) returns (M); }
    """
    reference = read_protobuf(text)
    assert rows(entry(reference, "M"), "Fields") == [
        ("labels", "map<string, a.B>"),
        ("a", "string"),
        ("b", "int32"),
        ("children", "repeated M"),
    ]
    assert [one.name for one in reference.entries if one.badge == "rpc"] == ["A", "B"]
    assert reference.facts[0].values == ("a/b.proto",)


# --- What can't be read ---


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_openapi, "openapi: [", "Close the list"),
        (read_openapi, "title: x", "neither 'openapi' nor 'swagger'"),
        (read_openapi, "- a", "isn't an object"),
        (read_openapi, "", "empty"),
        (read_asyncapi, "openapi: 3.0.0", "no 'asyncapi'"),
        (read_graphql, "type {", "line 1, column 6"),
        (read_graphql, f"type Q {{ a: {'[' * 9000}Int{']' * 9000} }}", ""),
        (read_protobuf, "message M {", "missing"),
        (read_protobuf, "\n\nhello", "line 3"),
        (read_protobuf, "message M " + "{ message M " * 50, "deep"),
        (read_protobuf, "message § {}", "can't stand here"),
    ],
)
def test_what_cannot_be_read_says_why(read: Any, text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read(text)
    assert said in error.value.message


KEYS = [
    *("$ref", "a", "allOf", "content", "enum", "examples", "get", "in", "items", "message", "name", "oneOf"),
    *(
        "parameters",
        "payload",
        "properties",
        "publish",
        "requestBody",
        "required",
        "responses",
        "schema",
        "tags",
        "type",
    ),
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=5)
    | st.sampled_from(["#/paths", "#/components/schemas/a"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(("read", "head"), [(read_openapi, "openapi"), (read_asyncapi, "asyncapi")])
@given(paths=VALUES, channels=VALUES, components=VALUES, info=VALUES, servers=VALUES)
def test_no_shape_of_a_document_breaks_a_reader(read: Any, head: str, **parts: Any) -> None:
    document = {head: "3.0.0", **parts, "operations": parts["channels"], "tags": parts["servers"]}
    document["components"] = {"schemas": {"a": parts["components"]}, "messages": parts["components"]}
    reference = read(json.dumps(document))
    for one in reference.entries:
        for part in one.parts():
            assert part.kind


@given(st.text(alphabet="{}[]()<>;=\"'/*\n abmessage enumrpc", max_size=60))
def test_no_text_breaks_the_reader_of_grpc(text: str) -> None:
    with suppress(InputError):
        assert isinstance(read_protobuf(text), Reference)


# --- The pieces ---


def test_a_section_is_a_page_of_what_a_search_finds() -> None:
    reference = Reference("X", entries=[Entry(f"/things/{number}", badge="GET") for number in range(120)])
    assert reference.section().next == 50
    last = reference.section(offset=9_999)
    assert (last.offset, last.last, last.previous, last.next) == (100, 120, 50, None)
    assert [one.name for one in reference.section(search="GET /things/119").entries] == ["/things/119"]
    assert reference.section(search="nothing").entries == []


def test_a_source_is_escaped_highlighted_and_cut() -> None:
    assert source_of("<b>&").html == "&lt;b&gt;&amp;"
    assert source_of("a: <b>", "yaml").html.startswith('<span class="hl-nt">a</span>')
    assert "<b>" not in source_of("a: <b>", "yaml").html
    assert "style=" not in source_of("a: 1", "yaml").html
    assert "<span" not in source_of("a: 1\n" * MAX_HIGHLIGHTED, "yaml").html
    assert source_of("x" * (MAX_SHOWN + 1)).is_cut
    assert source_of("x", "no such language").html == "x"


def test_yaml_is_written_as_json_and_back() -> None:
    assert rewritten("a: [1, x]", "json") == '{\n  "a": [\n    1,\n    "x"\n  ]\n}'
    assert rewritten('{"a": [1]}', "yaml").split() == ["a:", "-", "1"]
    assert not is_readable("a: [")
