"""``/entities/by-query``: pages of a list, their cursors, and what the list may be asked for."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from tests.catalog.api_kit import BASE, fill, get, names, post
from tests.catalog.conftest import CatalogFolder


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    return fill(folder)


def made_up(**changes: Any) -> str:
    """Return a cursor that no portal gave."""
    uid = "00000000-0000-0000-0000-000000000000"
    sound = {
        "orderFields": [],
        "orderFieldValues": [uid],
        "firstSortFieldValues": [uid],
        "isPrevious": False,
        "totalItems": 1,
    }
    return base64.b64encode(json.dumps(sound | changes).encode()).decode()


class TestQuery:
    """``/entities/by-query``."""

    def walk(self, client: Client, **query: Any) -> list[str]:
        """Follow the cursors to the end, then back to the start, and compare."""
        page = get(client, "/entities/by-query", limit=2, **query)
        assert "prevCursor" not in page["pageInfo"]
        pages = [names(page["items"])]
        while cursor := page["pageInfo"].get("nextCursor"):
            page = get(client, "/entities/by-query", limit=2, cursor=cursor)
            pages.append(names(page["items"]))
        back = []
        while cursor := page["pageInfo"].get("prevCursor"):
            page = get(client, "/entities/by-query", limit=2, cursor=cursor)
            back.append(names(page["items"]))
        assert list(reversed(pages[:-1])) == back
        return [name for names_ in pages for name in names_]

    @pytest.mark.parametrize("order", ["metadata.name,asc", "metadata.name,desc", "spec.owner", "metadata.tags,desc"])
    def test_cursors_walk_forward_and_back_over_the_same_pages(
        self, shop: CatalogFolder, service_client: Client, order: str
    ) -> None:
        everything = get(service_client, "/entities/by-query", limit=100, orderField=order)["items"]
        assert self.walk(service_client, orderField=order) == names(everything)

    def test_without_an_order_pages_are_walked_by_id(self, shop: CatalogFolder, service_client: Client) -> None:
        everything = get(service_client, "/entities/by-query")["items"]
        assert self.walk(service_client) == names(everything)
        uids = [entity["metadata"]["uid"] for entity in everything]
        assert uids == sorted(uids)

    def test_the_total_counts_all_that_match(self, shop: CatalogFolder, service_client: Client) -> None:
        page = get(service_client, "/entities/by-query", filter="kind=component", limit=0)
        assert page == {"items": [], "totalItems": 3, "pageInfo": {}}
        page = get(service_client, "/entities/by-query", filter="kind=component", limit=1, totalItems="exclude")
        assert page["totalItems"] == 0

    def test_a_cursor_carries_its_question(self, shop: CatalogFolder, service_client: Client) -> None:
        page = get(
            service_client, "/entities/by-query", filter="kind=component", orderField="metadata.name,asc", limit=2
        )
        after = get(
            service_client,
            "/entities/by-query",
            cursor=page["pageInfo"]["nextCursor"],
            filter="kind=api",
            fields="kind",
        )
        assert after["items"] == [{"kind": "Component"}]
        assert after["totalItems"] == 3

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"fullTextFilterTerm": "AR", "orderField": "metadata.name,asc"}, ["cart", "cart-api"]),
            ({"fullTextFilterTerm": "shopping", "fullTextFilterFields": "metadata.title,metadata.name"}, ["cart"]),
            ({"fullTextFilterTerm": "c_rt", "fullTextFilterFields": "metadata.name"}, ["cart", "cart-api"]),
            ({"fullTextFilterTerm": "cart\\", "fullTextFilterFields": "metadata.name"}, []),
            ({"fullTextFilterTerm": "cart"}, []),
            ({"fullTextFilterTerm": "%", "fullTextFilterFields": "spec.retired"}, []),
            ({"fullTextFilterTerm": "grpc", "orderField": "metadata.tags,asc"}, ["cart"]),
            (
                {
                    "fullTextFilterTerm": "grpc",
                    "fullTextFilterFields": "metadata.tags,metadata.name",
                    "orderField": "metadata.tags,asc",
                },
                ["cart", "cart"],
            ),
        ],
    )
    def test_full_text_looks_into_fields(
        self, shop: CatalogFolder, service_client: Client, query: dict[str, str], expected: list[str]
    ) -> None:
        assert sorted(names(get(service_client, "/entities/by-query", **query)["items"])) == expected

    @pytest.mark.parametrize(
        ("predicate", "expected"),
        [
            ({"kind": "component"}, {"cart", "Web", "tool"}),
            ({"kind": "component", "spec.type": "service"}, {"cart", "tool"}),
            ({"kind": {"$in": ["api", "GROUP"]}}, {"cart-api", "team-a"}),
            ({"$not": {"$any": [{"kind": "component"}, {"kind": "location"}]}}, {"cart-api", "team-a"}),
            ({"kind": "component", "metadata.title": {"$exists": False}}, {"Web", "tool"}),
            ({"metadata.name": {"$hasPrefix": "CART"}}, {"cart", "cart-api"}),
            ({"metadata.tags": {"$contains": "grpc"}}, {"cart"}),
            ({"relations": {"$contains": {"type": "providesApi"}}}, {"cart"}),
            (
                {"relations": {"$contains": {"type": "ownedBy", "targetRef": {"$in": ["group:default/team-b"]}}}},
                {"Web"},
            ),
            ({"spec.size": 2.5}, {"cart"}),
            ({"metadata.name": {"$hasPrefix": "x" * 60_000}}, set()),
            ({"$all": [{"kind": "group"}, {"$not": {"kind": {"$hasPrefix": "x" * 60_000}}}]}, {"team-a"}),
            ({"metadata.name": {"$in": [*map(str, range(5000)), "cart"]}}, {"cart"}),
            ({"$any": []}, set()),
            ({"$not": {}}, set()),
            ({"kind": {"$in": []}}, set()),
            ({"$all": [{"kind": "component"}, {"$any": [{}, {"kind": "x"}]}]}, {"cart", "Web", "tool"}),
        ],
    )
    def test_predicates(
        self, shop: CatalogFolder, service_client: Client, predicate: dict[str, Any], expected: set[str]
    ) -> None:
        page = post(service_client, "/entities/by-query", {"query": predicate})
        assert {name for name in names(page["items"]) if not name.startswith("generated-")} == expected

    @pytest.mark.parametrize(
        "body",
        [
            {"query": {"kind": {"$nosuch": 1}}},
            {"query": {"kind": None}},
            {"query": {"kind": ["a"]}},
            {"query": {"$all": {}}},
            {"query": {"$all": [], "kind": "x"}},
            {"query": {"$nosuch": []}},
            {"query": {"kind": {"$contains": {"type": "x"}}}},
            {"query": {"relations": {"$contains": {"type": 1}}}},
            {"query": {"relations": {"$contains": {"type": "x", "targetRef": {"$in": []}}}}},
            {"query": "text"},
            {"query": None},
            {"orderBy": {"field": "a"}},
            {"orderBy": [{"field": "a", "order": "up"}]},
            {"limit": -1},
            {"limit": "1"},
            {"limit": True},
            {"fields": "kind"},
            {"fields": [1]},
            {"totalItems": "maybe"},
            {"cursor": "rubbish"},
            {"cursor": base64.b64encode(b"{}").decode()},
            {"cursor": made_up(orderFieldValues=["not-a-uid"])},
            {"cursor": made_up(orderFields=[{"field": "a", "order": "asc"}])},
            {"cursor": made_up(query={"kind": {"$nosuch": 1}})},
            {"cursor": made_up(totalItems="7")},
            {"fullTextFilter": "x"},
            {"fullTextFilter": {"term": "x" * 60_000}},
            {"limit": 2**31},
            {"query": {"$any": [{"kind": str(number)} for number in range(1000)]}},
            [],
            "text",
        ],
    )
    def test_bad_bodies_are_refused_in_words(self, service_client: Client, body: Any) -> None:
        error = post(service_client, "/entities/by-query", body, status=400)
        assert error["error"]["name"] == "InputError"
        assert len(error["error"]["message"]) > 20

    def test_a_body_that_isnt_json_is_refused_in_words(self, service_client: Client) -> None:
        response = service_client.post(f"{BASE}/entities/by-query", "{", content_type="application/json")
        assert response.status_code == 400
        assert "JSON" in response.json()["error"]["message"]
