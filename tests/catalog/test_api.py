"""The catalog's API as a client sees it. The conformance kit compares it with a real Backstage; these are its rules."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import FinalEntity
from portal.config import override_config
from tests.catalog.api_kit import BASE, fill, get, names, post
from tests.catalog.conftest import CatalogFolder, component


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    return fill(folder)


def found(client: Client, *filters: str) -> set[str]:
    """Return the names of what some ``filter`` parameters leave of the shop."""
    entities = get(client, "/entities", filter=[*filters])
    return {name for name in names(entities) if not name.startswith("generated-")}


class TestEntities:
    """``GET /entities``."""

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            (["kind=component"], {"cart", "Web", "tool"}),
            (["KIND=Component,spec.type=SERVICE"], {"cart", "tool"}),
            (["kind=component,kind=api"], {"cart", "Web", "tool", "cart-api"}),
            (["kind=group", "kind=api"], {"team-a", "cart-api"}),
            (["metadata.tags=java,metadata.tags=nope"], {"cart", "Web"}),
            (["metadata.tags.grpc=true"], {"cart"}),
            (["metadata.annotations.github.com/project-slug"], {"cart"}),
            (["metadata.annotations"], set()),
            (["spec.size=2.5"], {"cart"}),
            (["relations.apiProvidedBy=component:default/cart"], {"cart-api"}),
            (["metadata.namespace=internal"], {"tool"}),
            (["kind=component,"], {"cart", "Web", "tool"}),
            ([" kind = api "], {"cart-api"}),
            (["", "kind=api"], {"cart-api"}),
            (["kind=nope"], set()),
        ],
    )
    def test_filters_are_sets_of_conditions_joined_by_or(
        self, shop: CatalogFolder, service_client: Client, filters: list[str], expected: set[str]
    ) -> None:
        assert found(service_client, *filters) == expected

    def test_an_answer_is_the_stored_text_as_it_stands(self, shop: CatalogFolder, service_client: Client) -> None:
        response = service_client.get(f"{BASE}/entities/by-name/component/default/cart")
        stored = FinalEntity.objects.get(entity_ref="component:default/cart").final_entity
        assert response.content.decode() == stored

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ("kind", {"kind": "Component"}),
            ("metadata.name,spec.type", {"metadata": {"name": "cart"}, "spec": {"type": "service"}}),
            (
                "metadata.annotations.github.com/project-slug",
                {"metadata": {"annotations": {"github.com/project-slug": "acme/cart"}}},
            ),
            ("metadata.tags.1", {"metadata": {"tags": [None, "grpc"]}}),
            ("nosuch,metadata.nosuch.deep", {}),
        ],
    )
    def test_fields_cut_out_paths_whose_keys_may_hold_dots(
        self, shop: CatalogFolder, service_client: Client, fields: str, expected: dict[str, Any]
    ) -> None:
        assert get(service_client, "/entities", filter="metadata.name=cart", fields=fields) == [expected]

    def test_a_sorted_list_leaves_out_what_lacks_the_field(self, shop: CatalogFolder, service_client: Client) -> None:
        assert names(get(service_client, "/entities", order="asc:metadata.title")) == ["cart"]

    def test_a_sorted_page_puts_what_lacks_the_field_last(self, shop: CatalogFolder, service_client: Client) -> None:
        found = get(service_client, "/entities", filter="kind=component", order=["asc:metadata.title"], limit=9)
        assert names(found)[0] == "cart"
        assert len(found) == 3

    def test_pages_by_offset_link_to_the_next(self, shop: CatalogFolder, service_client: Client) -> None:
        query: dict[str, str | int] = {"filter": "kind=component", "order": "desc:metadata.name", "limit": 2}
        response = service_client.get(f"{BASE}/entities", query)
        assert names(response.json()) == ["Web", "tool"]
        link = response["Link"]
        assert link.startswith("</entities?")
        assert link.endswith('>; rel="next"')
        rest = service_client.get(f"/api/catalog{link[1:].partition('>')[0]}")
        assert names(rest.json()) == ["cart"]
        assert "Link" not in rest

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": "-1"},
            {"limit": "0"},
            {"limit": "x"},
            {"limit": "9" * 5000},
            {"limit": "2147483648"},
            {"limit": ["1", "2"]},
            {"offset": "1.5"},
            {"after": "rubbish"},
            {"after": base64.b64encode(b'{"limit":"x"}').decode()},
            {"after": base64.b64encode(b"[1]").decode()},
            {"filter": ""},
            {"filter": "=x"},
            {"fields": "metadata.tags[0]"},
            {"order": "metadata.name"},
            {"order": "asc:"},
            {"nosuch": "1"},
        ],
    )
    def test_what_cant_be_understood_is_refused_in_words(self, service_client: Client, query: dict[str, Any]) -> None:
        response = service_client.get(f"{BASE}/entities", query)
        assert response.status_code == 400
        error = response.json()
        assert error["error"]["name"] == "InputError"
        assert len(error["error"]["message"]) > 20
        assert error["request"] == {"method": "GET", "url": error["request"]["url"]}
        assert error["request"]["url"].startswith("/entities?")
        assert error["response"] == {"statusCode": 400}


class TestByRefs:
    """``POST /entities/by-refs``."""

    def test_answers_stand_in_the_order_of_the_refs(self, shop: CatalogFolder, service_client: Client) -> None:
        refs = ["api:default/cart-api", "component:default/nope", "component:default/cart", "api:default/cart-api"]
        found = post(service_client, "/entities/by-refs", {"entityRefs": refs, "fields": ["metadata.name"]})
        api, cart = {"metadata": {"name": "cart-api"}}, {"metadata": {"name": "cart"}}
        assert found == {"items": [api, None, cart, api]}

    def test_refs_that_arent_canonical_find_nothing(self, shop: CatalogFolder, service_client: Client) -> None:
        found = post(service_client, "/entities/by-refs", {"entityRefs": ["Component:default/cart", "cart", ""]})
        assert found == {"items": [None, None, None]}

    def test_filter_and_query_both_count(self, shop: CatalogFolder, service_client: Client) -> None:
        body = {"entityRefs": ["component:default/cart"], "query": {"kind": "component"}, "fields": ["kind"]}
        assert post(service_client, "/entities/by-refs?filter=kind=component", body)["items"] == [{"kind": "Component"}]
        assert post(service_client, "/entities/by-refs?filter=kind=api", body)["items"] == [None]

    @pytest.mark.parametrize("body", [{}, {"entityRefs": "x"}, {"entityRefs": [1]}, []])
    def test_bad_bodies_are_refused(self, service_client: Client, body: Any) -> None:
        assert post(service_client, "/entities/by-refs", body, status=400)["error"]["name"] == "InputError"


class TestSingle:
    """``by-name``, ``by-uid`` and ancestry."""

    def test_by_name_takes_any_case(self, shop: CatalogFolder, service_client: Client) -> None:
        assert get(service_client, "/entities/by-name/COMPONENT/Default/wEB")["metadata"]["name"] == "Web"

    def test_by_uid(self, shop: CatalogFolder, service_client: Client) -> None:
        uid = shop.entity("component:default/cart")["metadata"]["uid"]
        assert get(service_client, f"/entities/by-uid/{uid}")["metadata"]["name"] == "cart"

    @pytest.mark.parametrize(
        "path",
        [
            "/entities/by-name/component/default/nope",
            "/entities/by-name/component/default/nope/ancestry",
            "/entities/by-uid/00000000-0000-0000-0000-000000000000",
            "/entities/by-uid/not-a-uuid",
        ],
    )
    def test_what_isnt_there_is_404(self, service_client: Client, path: str) -> None:
        response = service_client.get(f"{BASE}{path}")
        assert response.status_code == 404
        assert response.json()["error"]["name"] == "NotFoundError"

    def test_ancestry_leads_back_to_the_registered_location(
        self, folder: CatalogFolder, service_client: Client
    ) -> None:
        folder.write(
            "all.yaml",
            """
            apiVersion: backstage.io/v1alpha1
            kind: Location
            metadata: {name: root}
            spec: {targets: [./web.yaml]}
            """,
        )
        folder.write("web.yaml", component("web"))
        folder.read("all.yaml")
        answer = get(service_client, "/entities/by-name/component/default/web/ancestry")
        assert answer["rootEntityRef"] == "component:default/web"
        steps = [(item["entity"]["kind"], item["parentEntityRefs"]) for item in answer["items"]]
        assert steps[0] == ("Component", ["location:default/root"])
        assert steps[1][0] == steps[2][0] == "Location"
        assert steps[2][1] == []


class TestFacets:
    """``/entity-facets``."""

    def test_values_keep_their_case_and_are_counted_by_it(self, shop: CatalogFolder, service_client: Client) -> None:
        answer = get(service_client, "/entity-facets", facet=["spec.TYPE", "metadata.tags"], filter="kind=component")
        assert answer == {
            "facets": {
                "spec.TYPE": [
                    {"value": "Service", "count": 1},
                    {"value": "service", "count": 1},
                    {"value": "website", "count": 1},
                ],
                "metadata.tags": [{"value": "grpc", "count": 1}, {"value": "java", "count": 2}],
            }
        }

    def test_by_predicate(self, shop: CatalogFolder, service_client: Client) -> None:
        answer = post(service_client, "/entity-facets", {"facets": ["kind"], "query": {"spec.type": "openapi"}})
        assert answer == {"facets": {"kind": [{"value": "API", "count": 1}]}}

    def test_a_facet_that_nothing_has_is_empty(self, shop: CatalogFolder, service_client: Client) -> None:
        assert get(service_client, "/entity-facets", facet="no.such") == {"facets": {"no.such": []}}

    def test_no_facet_is_refused(self, service_client: Client) -> None:
        assert service_client.get(f"{BASE}/entity-facets").status_code == 400
        assert post(service_client, "/entity-facets", {"facets": []}, status=400)


class TestAccess:
    """Closed by default; the policy's conditions bind every read."""

    def test_nobody_gets_in_without_a_token(self, client: Client, shop: CatalogFolder) -> None:
        response = client.get(f"{BASE}/entities")
        assert response.status_code == 401
        assert response.json()["error"]["name"] == "AuthenticationError"

    def test_a_bad_token_is_refused_even_where_none_is_needed(self, client: Client) -> None:
        with override_config({"backend": {"auth": {"dangerouslyDisableDefaultAuthPolicy": True}}}):
            assert client.get(f"{BASE}/entities").status_code == 200
            refused = client.get(f"{BASE}/entities", headers={"Authorization": "Bearer wrong"})
        assert refused.status_code == 401

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("get", "/entities", None),
            ("get", "/entities?limit=5", None),
            ("get", "/entities/by-query", None),
            ("post", "/entities/by-query", {}),
            ("post", "/entities/by-refs", {"entityRefs": ["component:default/cart", "component:default/web"]}),
            ("get", "/entity-facets?facet=metadata.name", None),
            ("post", "/entity-facets", {"facets": ["metadata.name"]}),
        ],
    )
    def test_conditions_of_the_policy_bind_every_list(
        self, shop: CatalogFolder, guest_client: Client, settings: Any, method: str, path: str, body: Any
    ) -> None:
        settings.PORTAL_SERVICES = {
            "permissions": {
                "BACKEND": "portal.services.permissions.PolicyPermissions",
                "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
            }
        }
        with override_config({"permission": {"enabled": True}}):
            token = {"X-CSRFToken": guest_client.cookies["greenroom_csrf"].value}
            data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
            response = getattr(guest_client, method)(f"{BASE}{path}", headers=token, **data)
        content = response.getvalue()
        assert response.status_code == 200, content
        assert b"Web" in content
        assert b"cart" not in content

    def test_conditions_of_the_policy_bind_single_entities(
        self, shop: CatalogFolder, guest_client: Client, settings: Any
    ) -> None:
        settings.PORTAL_SERVICES = {
            "permissions": {
                "BACKEND": "portal.services.permissions.PolicyPermissions",
                "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
            }
        }
        with override_config({"permission": {"enabled": True}}):
            assert guest_client.get(f"{BASE}/entities/by-name/component/default/web").status_code == 200
            assert guest_client.get(f"{BASE}/entities/by-name/component/default/cart").status_code == 404
            uid = shop.entity("component:default/cart")["metadata"]["uid"]
            assert guest_client.get(f"{BASE}/entities/by-uid/{uid}").status_code == 404


def test_hot_reads_cost_one_query(shop: CatalogFolder, service_client: Client, django_assert_num_queries: Any) -> None:
    for path in (
        "/entities?limit=5&order=asc:metadata.name",
        "/entities/by-name/component/default/cart",
        "/entities/by-query?limit=2&orderField=metadata.name,asc",
        "/entities/by-query?limit=2&orderField=metadata.name,asc&totalItems=exclude",
        "/entity-facets?facet=kind&facet=spec.type",
    ):
        with django_assert_num_queries(1, using="catalog"):
            get(service_client, path)
