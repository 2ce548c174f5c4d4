"""The bare SQL fetches what the API answers: it is the limit that the API is compared with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from apps.catalog.operations import connect_providers, process_due, stitch_pending
from apps.catalog.processing import build_orchestrator
from bench.catalog import generate, write
from bench.portal import NotMeasured, Portal
from bench.reads import Request, reads
from portal.config import override_config

pytestmark = pytest.mark.django_db(databases=["default", "catalog"])


class PortalInProcess(Portal):
    """A portal that is asked without a server."""

    def __init__(self) -> None:
        super().__init__("http://testserver", token="token-of-a-test-service")

    def ask(self, path: str, *, body: Any = None) -> bytes:
        client = Client(headers=self.headers)
        answer = client.get(path) if body is None else client.post(path, body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return b"".join(answer) if answer.streaming else answer.content


@pytest.fixture
def portal(tmp_path) -> PortalInProcess:
    location = write(generate(200), tmp_path)
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(location)}]}}):
        connect_providers()
        orchestrator = build_orchestrator()
        while process_due(orchestrator) or stitch_pending():
            pass
    return PortalInProcess()


def from_api(portal: Portal, request: Request) -> tuple[list[Any], int | None]:
    """Give the entities or facets of an answer, and the total where it says one."""
    answer = json.loads(portal.ask(request.path, body=request.body))
    if isinstance(answer, list):
        return answer, None
    if "facets" in answer:
        counted = [
            (key.lower(), each["value"], each["count"]) for key, values in answer["facets"].items() for each in values
        ]
        return sorted(counted), None
    return answer.get("items", [answer]), answer.get("totalItems")


def from_database(request: Request) -> tuple[list[Any], int | None]:
    """Give the same by the bare SQL."""
    answers = []
    with connections["catalog"].cursor() as cursor:
        for statement, parameters in request.bare:
            cursor.execute(statement, parameters)
            answers.append(cursor.fetchall())
    rows = answers[0]
    if "facet" in request.path:
        return sorted(rows), None
    return [json.loads(row[-1]) for row in rows], int(answers[1][0][0]) if len(answers) > 1 else None


def test_the_bare_sql_of_each_read_fetches_what_the_api_answers(portal):
    compared = reads(portal)
    assert len(compared) == 7
    for read in compared:
        for request in read.requests:
            answered, total = from_api(portal, request)
            fetched, counted = from_database(request)
            if request.body is not None:
                answered, fetched = (
                    sorted(items, key=lambda each: each["metadata"]["uid"]) for items in (answered, fetched)
                )
            assert (answered, total) == (fetched, counted), f"{read.name}: {request.path}"


def test_requests_go_round_names_and_owners(portal):
    by_name, owned = reads(portal, ["by-name", "by-query-owner-sorted"])
    assert len({request.path for request in by_name.requests}) == 100
    assert len({request.path for request in owned.requests}) == len(owned.requests) > 1


def test_a_read_that_does_not_exist_is_named_beside_those_that_do(portal):
    with pytest.raises(NotMeasured, match=r"no read by-nane; there are by-name, by-query-page"):
        reads(portal, ["by-nane"])


def test_a_catalog_without_components_is_said_to_have_none():
    with pytest.raises(NotMeasured, match="has no components"):
        reads(PortalInProcess())
