"""Whatever is sent to the catalog's API, the answer is the client's fault told in words, or data: never a breakdown."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog.conftest import CatalogFolder, component

BASE = "/api/catalog"
MANY = settings(
    max_examples=100, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def shop(folder: CatalogFolder) -> CatalogFolder:
    """A catalog with something to find in it."""
    folder.write("all.yaml", component("cart", tags="[java]", size="2.5") + "---" + component("till"))
    folder.read("all.yaml")
    return folder


@pytest.fixture
def api(service_client: Client) -> Client:
    """A service, to which breakdowns come as answers and not as exceptions."""
    service_client.raise_request_exception = False
    return service_client


def require_an_answer(response: Any) -> dict[str, Any] | list[Any] | None:
    """Fail unless a response is data, or an error of the client's in the envelope; return the JSON."""
    text = response.getvalue()
    status = response.status_code
    assert status < 500, text
    if not text:
        assert status in {200, 204, 404}
        return None
    body: dict[str, Any] | list[Any] = json.loads(text)
    if status >= 400:
        assert isinstance(body, dict)
        # The errors of ``validate-entity`` are what was asked for.
        assert "errors" in body or (body["error"]["message"] and body["response"] == {"statusCode": status})
    return body


def post(api: Client, path: str, body: str | bytes, content_type: str = "application/json") -> Any:
    """POST a body as it is."""
    return api.post(f"{BASE}{path}", body, content_type=content_type)


def base64_of(value: Any) -> str:
    """Return what cursors are made of."""
    return base64.b64encode(json.dumps(value).encode()).decode()


# What has broken it, or might have

LONG = "9" * 5000
UID = "00000000-0000-0000-0000-000000000000"
CURSOR = {
    "orderFields": [],
    "isPrevious": False,
    "orderFieldValues": [UID],
    "firstSortFieldValues": [UID],
    "totalItems": 1,
}


def nested(operator: str, depth: int) -> Any:
    """Return a predicate that is nested in itself."""
    predicate: Any = {"kind": "component"}
    for _ in range(depth):
        predicate = {operator: predicate if operator == "$not" else [predicate]}
    return predicate


@pytest.mark.parametrize(
    "address",
    [
        "/entities?filter=%FF",
        "/entities?filter=%ED%A0%80",
        "/entities?filter=a%00b",
        "/entities?%FF=1",
        "/entities?filter=,,=,",
        f"/entities?{urlencode([('filter', f'a{n}=b') for n in range(900)])}",
        f"/entities?{urlencode([('filter', ','.join(f'a{n}=b' for n in range(900)))])}",
        f"/entities?{urlencode([('order', f'asc:a{n}') for n in range(70)])}&limit=2",
        f"/entities?fields=metadata.tags.{LONG}",
        "/entities?fields=metadata.tags.%D9%A3",
        f"/entities?limit={LONG}",
        f"/entities?limit={2**63 - 1}",
        f"/entities?limit=1&offset={2**64}",
        f"/entities?limit=-{LONG}",
        f"/entities?{urlencode({'after': base64_of({'limit': 2**63, 'offset': 1})})}",
        f"/entities?{urlencode({'after': base64_of({'limit': 1, 'offset': 10**30})})}",
        f"/entities?{urlencode({'after': base64_of([1])})}",
        "/entities?after=%C3%A9",
        f"/entities/by-query?limit={2**64}",
        f"/entities/by-query?offset={2**63}",
        "/entities/by-query?limit=%D9%A3",
        "/entities/by-query?cursor=%C3%A9",
        f"/entities/by-query?{urlencode({'cursor': base64_of(CURSOR | {'query': nested('$not', 400)})})}",
        f"/entities/by-query?{urlencode({'cursor': base64_of(CURSOR | {'filters': ['a=' + chr(0)]})})}",
        f"/entities/by-query?{urlencode({'cursor': base64_of(CURSOR | {'totalItems': 10**30})})}",
        f"/entities/by-query?{urlencode({'fullTextFilterTerm': '%_' + chr(92), 'fullTextFilterFields': 'a,,b'})}",
        f"/entity-facets?facet={'a' * 7000}",
        "/entities/by-name/a/%FF/%ED%A0%80",
        "/entities/by-name/a/%00/b",
        "/entities/by-uid/{00000000-0000-0000-0000-000000000000}",
        f"/entities/by-uid/{LONG}",
        f"/locations/{LONG}",
        "/entities?format=xml",
    ],
    ids=lambda address: address[:60],
)
def test_a_hostile_address_is_answered(api: Client, address: str) -> None:
    require_an_answer(api.get(f"{BASE}{address}"))


BODIES = {
    "an unhashable word": '{"totalItems": []}',
    "an unhashable direction": '{"orderBy": [{"field": "a", "order": {}}]}',
    "a number beyond 64 bits": '{"limit": 99999999999999999999}',
    "the largest number of 63 bits": '{"limit": 9223372036854775807, "offset": 9223372036854775807}',
    "infinity": '{"limit": 1e400}',
    "half a character": '{"query": {"a": "\\ud800"}}',
    "a NUL character": '{"query": {"a": "\\u0000"}}',
    "no object": "[]",
    "nothing": "",
    "half an object": '{"query": {',
    "no JSON": "\ufeff{}",
    "a long chain of alternatives": json.dumps({"query": {"$any": [{f"a{n}": "b"} for n in range(3000)]}}),
    "a long list of values": json.dumps({"query": {"a": {"$in": [str(n) for n in range(40_000)]}}}),
    "many fields": json.dumps({"query": {f"a{n}": "b" for n in range(3000)}}),
    "many fields to return": json.dumps({"fields": [f"a{n}" for n in range(40_000)]}),
    "many facets": json.dumps({"facets": [f"a{n}" for n in range(40_000)]}),
    "many refs": json.dumps({"entityRefs": [f"component:default/a{n}" for n in range(40_000)]}),
    **{f"{operator} nested {depth} deep": json.dumps({"query": nested(operator, depth)})
       for operator in ("$not", "$all", "$any") for depth in (20, 200, 450)},
    "brackets without end": '{"query": ' + "[" * 100_000,
}  # fmt: skip
POSTS = ("/entities/by-query", "/entities/by-refs", "/entity-facets", "/locations/by-query", "/validate-entity")


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_hostile_body_is_answered(api: Client, path: str, body: str) -> None:
    require_an_answer(post(api, path, body))


def test_a_question_that_no_database_could_answer_is_refused_in_words(api: Client) -> None:
    body = require_an_answer(post(api, "/entities/by-query", BODIES["a long chain of alternatives"]))
    assert isinstance(body, dict)
    assert "more than 800" in body["error"]["message"]
    address = urlencode([("filter", ",".join(f"a{n}=b" for n in range(900)))])
    body = require_an_answer(api.get(f"{BASE}/entities?{address}"))
    assert isinstance(body, dict)
    assert "more than 800" in body["error"]["message"]


@pytest.mark.parametrize("parameter", ["limit", "offset"])
@pytest.mark.parametrize("number", [str(2**31), str(2**63), LONG, f"-{LONG}"], ids=["32", "64", "5000", "-5000"])
def test_a_number_that_no_database_could_count_to_is_refused(api: Client, parameter: str, number: str) -> None:
    body = require_an_answer(api.get(f"{BASE}/entities/by-query?{parameter}={number}"))
    assert isinstance(body, dict)
    assert f"'{parameter}' must be" in body["error"]["message"]


def test_many_refs_are_all_looked_for(api: Client) -> None:
    refs = [f"component:default/a{n}" for n in range(40_000)]
    refs[0] = refs[-1] = "component:default/cart"
    items = post(api, "/entities/by-refs", json.dumps({"entityRefs": refs, "fields": ["metadata.name"]})).json()[
        "items"
    ]
    assert items[0] == items[-1] == {"metadata": {"name": "cart"}}
    assert items[1:-1] == [None] * 39_998


def test_a_body_that_is_too_large_is_not_read(api: Client) -> None:
    response = post(api, "/entities/by-query", b'{"query": {"a": "' + b"x" * 11_000_000 + b'"}}')
    body = require_an_answer(response)
    assert response.status_code == 413
    assert isinstance(body, dict)
    assert body["error"]["name"] == "PayloadTooLargeError"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b;;==;", "x" * 5000, ""],
)
def test_other_types_of_body_are_answered(api: Client, content_type: str) -> None:
    require_an_answer(post(api, "/entities/by-query", b"\xff\xfe{}", content_type))


@pytest.mark.parametrize("accepted", ["text/html", "image/*;q=abc", ",;,", "x" * 10_000, "*/*"])
def test_the_answer_is_json_whatever_is_accepted(api: Client, accepted: str) -> None:
    response = api.get(f"{BASE}/entity-facets?facet=kind", headers={"Accept": accepted})
    assert response.status_code == 200
    assert response.json()["facets"]["kind"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/entities", "/entities/by-query", f"/entities/by-uid/{UID}", "/nowhere", ""])
def test_any_method_is_answered(api: Client, method: str, path: str) -> None:
    response = api.generic(method, f"{BASE}{path}")
    assert response.status_code < 500
    assert method != "HEAD" or response.status_code == 404 or not response.getvalue()


# What nobody has thought of

KEYS = [
    *("$all", "$any", "$not", "$in", "$exists", "$contains", "$hasPrefix", "query", "limit", "offset", "cursor"),
    *("fields", "orderBy", "field", "order", "fullTextFilter", "term", "totalItems", "entityRefs", "facets", "entity"),
    *("location", "kind", "metadata.name", "metadata", "spec", "relations", "type", "targetRef", "apiVersion", ""),
]
WORDS = ["component", "cart", "asc", "desc", "include", "2.5", "component:default/cart", "file:/x", "%", "a=b,c", UID]
texts = st.sampled_from(WORDS) | st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | texts, inner, max_size=4),
    max_leaves=12,
)
bodies = st.fixed_dictionaries({}, optional={key: values for key in KEYS[7:] if key}) | values
NAMES = [
    *("filter", "filter[]", "filter[0]", "fields", "limit", "offset", "after", "order", "orderField", "cursor"),
    *("fullTextFilterTerm", "fullTextFilterFields", "totalItems", "facet", "owner"),
]
numbers = st.integers().map(str)
cursors = st.fixed_dictionaries({}, optional=dict.fromkeys((*CURSOR, "query", "filters"), values)).map(
    lambda changes: base64_of(CURSOR | changes)
)
parameters = st.lists(st.tuples(st.sampled_from(NAMES), texts | numbers | cursors), max_size=4)
GETS = ("/entities", "/entities/by-query", "/entity-facets", "/entities/unprocessed/failed", "/locations")


@MANY
@given(path=st.sampled_from(GETS), parameters=parameters)
def test_any_question_is_answered(api: Client, path: str, parameters: list[tuple[str, str]]) -> None:
    require_an_answer(api.get(f"{BASE}{path}?{urlencode(parameters, errors='surrogatepass')}"))


@MANY
@given(path=st.sampled_from(POSTS), body=bodies)
def test_any_json_is_answered(api: Client, path: str, body: Any) -> None:
    require_an_answer(post(api, path, json.dumps(body)))


@MANY
@given(cursor=cursors, path=st.sampled_from(["/entities/by-query", "/locations/by-query"]))
def test_any_cursor_is_answered(api: Client, cursor: str, path: str) -> None:
    require_an_answer(api.get(f"{BASE}{path}?{urlencode({'cursor': cursor})}"))
    require_an_answer(post(api, path, json.dumps({"cursor": cursor})))


@MANY
@given(parts=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5), query=st.binary(max_size=30))
def test_any_address_is_answered(api: Client, parts: list[str], query: bytes) -> None:
    address = "/".join(urlencode({"": part}, errors="surrogatepass").removeprefix("=") for part in parts)
    require_an_answer(api.get(f"{BASE}/entities/{address}?{urlencode({'filter': query})}"))
