"""Registered locations: one of them by id or entity, and pages of all."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import Location
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.locations_kit import BASE, NOBODY, SHOP, TOOLS, ask, entity_ref, register, write_files
from tests.catalog.web import CatalogWeb


@pytest.fixture(autouse=True)
def shop(web: CatalogWeb) -> None:
    write_files(web)


class TestFind:
    """``GET /locations``, ``/locations/<id>`` and ``/locations/by-entity/…``."""

    def test_all_and_one(self, service_client: Client) -> None:
        assert ask(service_client, "get") == []
        locations = [register(service_client, target)["location"] for target in (TOOLS, SHOP)]
        Location.objects.create(type="bootstrap", target="bootstrap", location_entity_ref="location:default/bootstrap")
        assert ask(service_client, "get") == [{"data": location} for location in reversed(locations)]
        assert ask(service_client, "get", f"/{locations[0]['id']}") == locations[0]

    @pytest.mark.parametrize("id", [NOBODY, "nonsense"])
    def test_what_isnt_there_is_404(self, service_client: Client, id: str) -> None:
        assert ask(service_client, "get", f"/{id}", status=404)["error"]["name"] == "NotFoundError"

    def test_where_an_entity_came_from_in_the_end(self, folder: CatalogFolder, service_client: Client) -> None:
        location = register(service_client, TOOLS)["location"]
        folder.write("own.yaml", component("own"))
        folder.read("own.yaml")
        for ref in ("component/default/hammer", "Component/DEFAULT/Cart", location["entityRef"].replace(":", "/")):
            assert ask(service_client, "get", f"/by-entity/{ref}") == location
        ask(service_client, "get", "/by-entity/component/default/nope", status=404)
        message = ask(service_client, "get", "/by-entity/component/default/own", status=404)["error"]["message"]
        assert "own.yaml" in message

    def test_a_long_address_doesnt_hide_it(
        self, folder: CatalogFolder, web: CatalogWeb, service_client: Client
    ) -> None:
        target = f"https://git.example/{'folder/' * 40}own.yaml"
        web.write(target, component("own"))
        location = register(service_client, target)["location"]
        folder.settle()
        assert ask(service_client, "get", "/by-entity/component/default/own") == location


class TestQuery:
    """``POST /locations/by-query``."""

    @pytest.fixture
    def ids(self, service_client: Client) -> dict[str, str]:
        """Return the ids of three registered locations, by target."""
        targets = (SHOP, TOOLS, "Other")
        return {target: register(service_client, target)["location"]["id"] for target in targets}

    def found(self, client: Client, query: Any) -> set[str]:
        """Return the targets that a predicate leaves."""
        page = ask(client, "post", "/by-query", {"query": query})
        assert page["totalItems"] == len(page["items"])
        return {item["target"] for item in page["items"]}

    def test_pages_are_walked_by_id(self, service_client: Client, ids: dict[str, str]) -> None:
        first = ask(service_client, "post", "/by-query", {"limit": 2, "query": {"type": "url"}})
        assert [item["id"] for item in first["items"]] == sorted(ids.values())[:2]
        assert first["totalItems"] == 3
        cursor = first["pageInfo"]["nextCursor"]
        last = ask(service_client, "post", "/by-query", {"cursor": cursor, "query": {"type": "x"}, "limit": 1})
        assert [item["id"] for item in last["items"]] == sorted(ids.values())[2:]
        assert last["totalItems"] == 3
        assert last["pageInfo"] == {}

    def test_without_a_body_it_is_everything(self, service_client: Client, ids: dict[str, str]) -> None:
        response = service_client.generic("POST", f"{BASE}/by-query", content_type="")
        assert response.json()["totalItems"] == 3
        (item,) = ask(service_client, "post", "/by-query", {"query": {"id": ids[SHOP]}})["items"]
        assert item == {"id": ids[SHOP], "type": "url", "target": SHOP, "entityRef": entity_ref(SHOP)}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, {SHOP, TOOLS, "Other"}),
            ({"type": "URL", "target": "OTHER"}, {"Other"}),
            ({"Target": {"$in": ["other", SHOP.upper()]}}, {SHOP, "Other"}),
            ({"target": {"$in": []}}, set()),
            ({"target": {"$hasPrefix": "HTTPS://git"}}, {SHOP, TOOLS}),
            ({"target": {"$hasPrefix": "%"}}, set()),
            ({"target": {"$hasPrefix": ""}}, {SHOP, TOOLS, "Other"}),
            ({"entityRef": entity_ref(SHOP)}, {SHOP}),
            ({"entityref": {"$exists": True}}, {SHOP, TOOLS, "Other"}),
            ({"id": {"$exists": False}}, set()),
            ({"id": "nonsense"}, set()),
            ({"id": {"$in": [NOBODY, 7]}}, set()),
            ({"target": 7}, set()),
            ({"target": True}, set()),
            ({"target": {"$contains": "Other"}}, set()),
            ({"$not": {"target": {"$contains": "Other"}}}, {SHOP, TOOLS, "Other"}),
            ({"$all": []}, set()),
            ({"$any": []}, set()),
            ({"$not": {"$all": []}}, {SHOP, TOOLS, "Other"}),
            ({"$not": {}}, {SHOP, TOOLS, "Other"}),
            ({"$any": [{}, {"target": "other"}]}, {"Other"}),
            ({"$all": [{"type": "url"}, {"$not": {"target": SHOP}}]}, {TOOLS, "Other"}),
            ({"$any": [{"target": SHOP}, {"target": "other"}]}, {SHOP, "Other"}),
        ],
    )
    def test_predicates_have_rules_of_their_own(
        self, service_client: Client, ids: dict[str, str], query: Any, expected: set[str]
    ) -> None:
        assert self.found(service_client, query) == expected

    @pytest.mark.parametrize(
        "body",
        [
            {"query": {"nosuch": "x"}},
            {"query": {"type": None}},
            {"query": {"type": ["url"]}},
            {"query": {"type": {"$nosuch": 1}}},
            {"query": {"type": {"$in": "url"}}},
            {"query": {"type": {"$in": [None]}}},
            {"query": {"type": {"$exists": "yes"}}},
            {"query": {"type": {"$hasPrefix": 1}}},
            {"query": {"id": {"$hasPrefix": "0"}}},
            {"query": {"$all": {}}},
            {"query": {"$all": ["x"]}},
            {"query": {"$all": [], "type": "x"}},
            {"query": {"$nosuch": []}},
            {"query": "text"},
            {"query": None},
            {"query": []},
            {"limit": 0},
            {"limit": -1},
            {"limit": 1.5},
            {"limit": "1"},
            {"limit": 10**30},
            {"cursor": ""},
            {"cursor": "rubbish"},
            {"cursor": 7},
            {"cursor": base64.b64encode(b"[]").decode()},
            {"cursor": base64.b64encode(b"{}").decode()},
            {"cursor": base64.b64encode(b'{"limit":0}').decode()},
            {"cursor": base64.b64encode(b'{"limit":true}').decode()},
            {"cursor": base64.b64encode(b'{"limit":1,"afterId":"x"}').decode()},
            {"cursor": base64.b64encode(b'{"limit":1,"query":{"nosuch":1}}').decode()},
            {"query": {"$not": {"$not": {"$not": {"$all": [{"$any": [{"nosuch": 1}]}]}}}}},
            [],
        ],
    )
    def test_bad_bodies_are_refused_in_words(self, service_client: Client, body: Any) -> None:
        error = ask(service_client, "post", "/by-query", body, status=400)["error"]
        assert error["name"] == "InputError"
        assert len(error["message"]) > 20

    def test_a_question_that_is_too_deep_or_too_long_is_refused(self, service_client: Client) -> None:
        deep: Any = {"type": "url"}
        for _ in range(200):
            deep = {"$not": deep}
        long = {"$any": [{"target": str(number)} for number in range(2000)]}
        for query in (deep, long):
            ask(service_client, "post", "/by-query", {"query": query}, status=400)
