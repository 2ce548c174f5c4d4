"""The OpenAPI document: it has every route, and no request that it allows or forbids breaks the portal."""

from __future__ import annotations

import base64
import json
import operator
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import URLPattern
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.catalog.api.document import DOCUMENT
from apps.catalog.api.urls import urlpatterns
from apps.catalog.models import Location
from portal.testing import external_access
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.web import CatalogWeb

METHODS = {"get", "post", "put", "patch", "delete"}


def document_methods() -> set[tuple[str, str]]:
    """Return the routes of the document, with the names of path parameters left out."""
    return {
        (method, re.sub(r"\{\w+\}", "{}", path.lstrip("/")))
        for path, item in DOCUMENT.value["paths"].items()
        for method in METHODS & item.keys()
    }


def view_methods() -> set[tuple[str, str]]:
    """Return the routes of the URLconf likewise."""
    found = set()
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        path = re.sub(r"<\w+:\w+>", "{}", str(pattern.pattern))
        view: Any = pattern.callback
        found |= {(method, path) for method in METHODS if hasattr(view.cls, method)}
    return found


def test_the_document_has_every_route_and_no_other() -> None:
    assert document_methods() == view_methods()


def test_it_is_served(service_client: Client) -> None:
    response = service_client.get("/api/catalog/openapi.json")
    assert response.json() == DOCUMENT.value


def _schema() -> Any:
    schema = schemathesis.openapi.from_dict(DOCUMENT.value)
    # Not that of ``portal.wsgi``, whose process looks after its connections, and works in the background.
    schema.app = get_wsgi_application()
    # The token is a real one: what is behind the door is to be tried.
    schema.config.generation.update(with_security_parameters=False)
    return schema


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [found.ok() for found in _schema().get_all_operations()]


@pytest.fixture
def catalog(folder: CatalogFolder, web: CatalogWeb) -> CatalogFolder:
    """A catalog with something in it."""
    folder.write("all.yaml", component("cart", dependsOn="['component:till']") + "---" + component("till"))
    folder.read("all.yaml")
    return folder


@pytest.fixture
def token() -> Iterator[str]:
    """Let a program in, and return its token. Its requests share the connections of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with external_access() as token:
        yield token
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def generated(test: Any, case: Any, *, examples: int) -> None:
    """Run ``test`` on some of the cases, the same ones each time."""
    few = settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    few(given(case)(test))()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_as_the_document_says(catalog: CatalogFolder, token: str, operation: Any) -> None:
    def answers(case: Any) -> None:
        case.validate_response(case.call(headers={"Authorization": f"Bearer {token}"}), checks=CHECKS)

    generated(answers, operation.as_strategy(), examples=8)
    if operation.query or operation.body:  # what stands in a path may be anything
        generated(answers, operation.as_strategy(GenerationMode.NEGATIVE), examples=8)


KEYS = st.sampled_from(
    ["kind", "metadata.name", "metadata.namespace", "metadata.uid", "spec.owner", "relations.ownedBy", "relations", "x"]
)
LOCATION_KEYS = st.sampled_from(["id", "type", "target", "entityRef", "ENTITYREF", "x"])
TEXTS = st.sampled_from(["", "component", "cart", "%", "_", "\\", "'", "url", "\U0001f600", "İ", "ß", "a" * 300])
SCALARS = st.one_of(TEXTS, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none())
RELATIONS = st.fixed_dictionaries(
    {"type": TEXTS}, optional={"targetRef": TEXTS | st.fixed_dictionaries({"$in": st.lists(TEXTS)})}
)


def predicates(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Predicates over some fields, most of them sound."""
    values = st.one_of(
        SCALARS,
        st.fixed_dictionaries({"$exists": st.booleans() | SCALARS}),
        st.fixed_dictionaries({"$in": st.lists(SCALARS, max_size=4)}),
        st.fixed_dictionaries({"$hasPrefix": SCALARS}),
        st.fixed_dictionaries({"$contains": SCALARS | RELATIONS}),
    )
    return st.recursive(
        st.dictionaries(keys, values, max_size=3),
        lambda inner: st.one_of(
            st.fixed_dictionaries({"$all": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"$any": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"$not": inner}),
        ),
        max_leaves=6,
    )


def test_no_question_in_the_catalogs_own_words_is_too_much(catalog: CatalogFolder, service_client: Client) -> None:
    def answers(case: tuple[str, Any]) -> None:
        path, body = case
        response = service_client.post(f"/api/catalog{path}", json.dumps(body), content_type="application/json")
        assert response.status_code in {200, 400}, (case, response.content)

    pages = {"limit": st.integers(0, 3), "offset": st.integers(0, 3), "fields": st.lists(KEYS, max_size=2)}
    orders = st.lists(st.fixed_dictionaries({"field": KEYS, "order": st.sampled_from(["asc", "desc"])}), max_size=2)
    texts = st.fixed_dictionaries({"term": TEXTS}, optional={"fields": st.lists(KEYS, max_size=2)})
    query = {"query": predicates(KEYS)}
    page = st.fixed_dictionaries({}, optional={**query, **pages, "orderBy": orders, "fullTextFilter": texts})
    facets = st.fixed_dictionaries({"facets": st.lists(KEYS, max_size=3)}, optional=query)
    locations = st.fixed_dictionaries({}, optional={"query": predicates(LOCATION_KEYS), "limit": st.integers(0, 3)})
    refs = st.fixed_dictionaries({"entityRefs": st.lists(TEXTS, max_size=4)}, optional=query)
    bodies = {
        "/entities/by-query": page,
        "/entity-facets": facets,
        "/entities/by-refs": refs,
        "/locations/by-query": locations,
    }
    for path, body in bodies.items():
        generated(answers, st.tuples(st.just(path), body), examples=60)


def test_no_cursor_that_somebody_made_up_is_too_much(catalog: CatalogFolder, service_client: Client) -> None:
    def decoded(path: str, body: Any) -> Any:
        answer = service_client.post(path, json.dumps(body), content_type="application/json").json()
        return json.loads(base64.b64decode(answer["pageInfo"]["nextCursor"]))

    def answers(case: tuple[str, Any]) -> None:
        path, value = case
        cursor = base64.b64encode(json.dumps(value).encode()).decode()
        response = service_client.post(path, json.dumps({"cursor": cursor}), content_type="application/json")
        assert response.status_code in {200, 400}, (case, response.content)

    for number in range(3):
        Location.objects.create(type="url", target=f"x{number}", location_entity_ref=f"location:default/x{number}")
    wild = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2))
    for path, body in {
        "/api/catalog/entities/by-query": {"limit": 1, "orderBy": [{"field": "metadata.name", "order": "asc"}]},
        "/api/catalog/locations/by-query": {"limit": 1, "query": {"type": "url"}},
    }.items():
        sound = decoded(path, body)
        changes = st.dictionaries(st.sampled_from([*sound, "query", "fullTextFilter", "filters"]), wild, max_size=2)
        values = wild | st.builds(operator.or_, st.just(sound), changes)
        generated(answers, st.tuples(st.just(path), values), examples=100)
