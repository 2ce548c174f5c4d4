"""What the API does to entities: refresh and delete them, and show those that aren't served."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.models import FinalEntity, HistoryEntry, Priority, RefreshEdge, RefreshState
from apps.catalog.operations import stitch_pending
from portal.config import override_config
from portal.testing import FakeLogger, client_of, external_access
from tests.catalog.actions_kit import BASE, entity, policy, send
from tests.catalog.conftest import CatalogFolder, component

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    """A file by way of a Location, whose owner is team A, and one of team B."""
    folder.write(
        "all.yaml",
        """
        apiVersion: backstage.io/v1alpha1
        kind: Location
        metadata: {name: root}
        spec: {targets: [./cart.yaml]}
        """,
    )
    folder.write("cart.yaml", component("cart", dependsOn="['component:till']"))
    folder.write("till.yaml", component("till").replace("team-a", "team-b"))
    folder.read("all.yaml", "till.yaml")
    return folder


class TestRefresh:
    """``POST /refresh``."""

    def due(self) -> set[str]:
        """Return the refs of what is due, generated locations left out."""
        rows = RefreshState.objects.filter(next_update_at__lte=timezone.now(), priority=Priority.INTERACTIVE)
        refs = rows.values_list("entity_ref", flat=True)
        return {ref for ref in refs if not ref.startswith("location:default/generated-")}

    def test_the_entity_and_the_locations_above_it_are_read_again(
        self, shop: CatalogFolder, service_client: Client
    ) -> None:
        shop.write("cart.yaml", component("cart", system="new"))
        assert send(service_client, "post", "/refresh", {"entityRef": "Component:default/CART"}, status=200) is None
        assert self.due() == {"component:default/cart", "location:default/root"}
        shop.settle()
        assert shop.entity("component:default/cart")["spec"]["system"] == "new"

    @pytest.mark.parametrize("ref", ["component:default/nope", "nonsense", "Component:cart", "cart", ""])
    def test_a_ref_that_is_no_entitys_is_404(self, shop: CatalogFolder, service_client: Client, ref: str) -> None:
        error = send(service_client, "post", "/refresh", {"entityRef": ref}, status=404)["error"]
        assert error["name"] == "NotFoundError"
        assert f"'{ref}'" in error["message"]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"entityRef": 1},
            {"entityRef": "component:default/cart", "extra": 1},
            {"entityRef": "x", "authorizationToken": 1},
            [],
        ],
    )
    def test_the_body_is_strict(self, shop: CatalogFolder, service_client: Client, body: Any) -> None:
        assert send(service_client, "post", "/refresh", body, status=400)["error"]["name"] == "InputError"

    def test_a_token_in_the_body_is_who_asks(self, shop: CatalogFolder, settings: Any, guest: Client) -> None:
        policy(settings, "Nothing")
        body = {"entityRef": "component:default/cart"}
        send(guest, "post", "/refresh", body, status=403)
        send(guest, "post", "/refresh", {**body, "authorizationToken": "wrong"}, status=401)
        with external_access() as token:
            send(guest, "post", "/refresh", {**body, "authorizationToken": token}, status=200)

    def test_a_token_for_another_plugin_doesnt_do(self, shop: CatalogFolder, service_client: Client) -> None:
        from portal.services import auth

        token = auth.plugin_token("catalog", target="search")
        body = {"entityRef": "component:default/cart", "authorizationToken": token}
        send(service_client, "post", "/refresh", body, status=403)

    def test_conditions_of_the_policy_bind_it(self, shop: CatalogFolder, settings: Any, guest: Client) -> None:
        policy(settings, "OwnedByTeamB")
        send(guest, "post", "/refresh", {"entityRef": "component:default/till"}, status=200)
        for ref in ("component:default/cart", "component:default/nope"):
            send(guest, "post", "/refresh", {"entityRef": ref}, status=403)


class TestDelete:
    """``DELETE /entities/by-uid/<uid>``."""

    def uid(self, folder: CatalogFolder, ref: str) -> str:
        """Return an entity's uid."""
        uid: str = folder.entity(ref)["metadata"]["uid"]
        return uid

    def test_the_entity_is_gone_at_once_with_its_relations(self, shop: CatalogFolder, service_client: Client) -> None:
        uid = self.uid(shop, "component:default/cart")
        assert send(service_client, "delete", f"/entities/by-uid/{uid}", status=204) is None
        send(service_client, "get", "/entities/by-name/component/default/cart", status=404)
        stitch_pending()
        relations = shop.entity("component:default/till")["relations"]
        assert {relation["type"] for relation in relations} == {"ownedBy"}

    def test_its_parent_is_due_and_brings_it_back(self, shop: CatalogFolder, service_client: Client) -> None:
        uid = self.uid(shop, "component:default/cart")
        parent = RefreshEdge.objects.get(target_entity_ref="component:default/cart").source_entity_ref
        send(service_client, "delete", f"/entities/by-uid/{uid}", status=204)
        state = RefreshState.objects.get(entity_ref=parent)
        assert state.result_hash == "child-was-deleted"
        assert state.next_update_at <= timezone.now()
        shop.settle()
        assert self.uid(shop, "component:default/cart") != uid
        targets = {relation["targetRef"] for relation in shop.entity("component:default/till")["relations"]}
        assert "component:default/cart" in targets

    def test_the_history_says_who_did_it(self, shop: CatalogFolder, service_client: Client) -> None:
        uid = self.uid(shop, "component:default/cart")
        send(service_client, "delete", f"/entities/by-uid/{uid}", status=204)
        entry = HistoryEntry.objects.filter(entity_ref="component:default/cart", change="deleted").get()
        assert "test-service" in entry.cause

    def test_what_isnt_there_is_answered_alike(self, shop: CatalogFolder, service_client: Client) -> None:
        uid = self.uid(shop, "component:default/cart")
        for known in (uid, uid, NOBODY):
            send(service_client, "delete", f"/entities/by-uid/{known}", status=204)
        send(service_client, "delete", "/entities/by-uid/nonsense", status=400)

    def test_a_read_only_catalog_allows_it(self, shop: CatalogFolder, service_client: Client) -> None:
        with override_config({"catalog": {"readonly": True}}):
            uid = self.uid(shop, "component:default/cart")
            send(service_client, "delete", f"/entities/by-uid/{uid}", status=204)

    def test_conditions_of_the_policy_bind_it(self, shop: CatalogFolder, settings: Any, guest: Client) -> None:
        policy(settings, "OwnedByTeamB")
        send(guest, "delete", f"/entities/by-uid/{self.uid(shop, 'component:default/cart')}", status=403)
        send(guest, "delete", f"/entities/by-uid/{NOBODY}", status=403)
        assert "component:default/cart" in shop.refs()
        send(guest, "delete", f"/entities/by-uid/{self.uid(shop, 'component:default/till')}", status=204)
        assert "component:default/till" not in shop.refs()


class TestUnprocessed:
    """``/entities/unprocessed``."""

    @pytest.fixture
    def mixed(self, folder: CatalogFolder) -> CatalogFolder:
        """A catalog with one good entity, one that fails, and one that waits."""
        folder.write("bad.yaml", component("bad").replace("lifecycle: production", "lifecycle: 7"))
        folder.write("good.yaml", component("good"))
        folder.read("bad.yaml", "good.yaml")
        now = timezone.now()
        RefreshState.objects.create(
            entity_ref="component:default/new",
            unprocessed_entity=json.dumps(entity(metadata={"name": "new"})),
            unprocessed_hash="x",
            next_update_at=now,
            last_discovery_at=now,
        )
        return folder

    def listed(self, client: Client, kind: str, query: str = "") -> list[str]:
        """Return the refs of a list."""
        answer = send(client, "get", f"/entities/unprocessed/{kind}{query}", status=200)
        assert answer["type"] == kind
        return [row["entity_ref"] for row in answer["entities"]]

    def test_each_is_in_the_list_that_says_why(self, mixed: CatalogFolder, service_client: Client) -> None:
        assert self.listed(service_client, "failed") == ["component:default/bad"]
        assert self.listed(service_client, "pending") == ["component:default/new"]
        (row,) = send(service_client, "get", "/entities/unprocessed/failed", status=200)["entities"]
        assert row["unprocessed_entity"]["spec"]["lifecycle"] == 7
        assert "lifecycle" in row["errors"][0]["message"]
        assert row["entity_id"] == str(RefreshState.objects.get(entity_ref="component:default/bad").entity_id)
        assert row["next_update_at"]
        assert "processed_entity" not in row

    def test_one_owners(self, mixed: CatalogFolder, service_client: Client) -> None:
        assert self.listed(service_client, "failed", "?owner=team-a") == ["component:default/bad"]
        assert self.listed(service_client, "failed", "?owner=team-b") == []
        assert self.listed(service_client, "pending", "?owner=me") == ["component:default/new"]

    def test_they_can_be_deleted_and_nothing_else(self, mixed: CatalogFolder, service_client: Client) -> None:
        ids = dict(RefreshState.objects.values_list("entity_ref", "entity_id"))
        for ref in ("component:default/bad", "component:default/bad", "component:default/good"):
            send(service_client, "delete", f"/entities/unprocessed/delete/{ids[ref]}", status=204)
        send(service_client, "delete", "/entities/unprocessed/delete/nonsense", status=400)
        assert not RefreshState.objects.filter(entity_ref="component:default/bad").exists()
        assert FinalEntity.objects.filter(entity_ref="component:default/good").exists()

    def test_it_takes_permissions(self, mixed: CatalogFolder, settings: Any, guest: Client) -> None:
        policy(settings, "Nothing")
        send(guest, "get", "/entities/unprocessed/failed", status=403)
        send(guest, "get", "/entities/unprocessed/pending", status=403)
        send(guest, "delete", f"/entities/unprocessed/delete/{NOBODY}", status=403)


def test_restricted_tokens_are_held_to_their_permissions(shop: CatalogFolder) -> None:
    access = {
        "type": "static",
        "options": {"token": "token-of-a-reader", "subject": "reader"},
        "accessRestrictions": [{"plugin": "catalog", "permission": "catalog.entity.read"}],
    }
    with override_config({"backend": {"auth": {"externalAccess": [access]}}}):
        reader = client_of("token-of-a-reader")
        assert reader.get(f"{BASE}/entities").status_code == 200
        send(reader, "post", "/refresh", {"entityRef": "component:default/cart"}, status=403)
        send(reader, "post", "/locations", {"type": "url", "target": "https://x.example/y"}, status=403)
        assert send(reader, "get", "/locations", status=200) == []


@pytest.mark.parametrize(
    ("method", "path", "event", "severity", "meta"),
    [
        ("get", "/locations", "location-fetch", "low", {"queryType": "all"}),
        ("get", f"/locations/{NOBODY}", "location-fetch", "low", {"queryType": "by-id", "id": NOBODY}),
        ("post", "/locations/by-query", "location-fetch", "low", {"queryType": "by-query"}),
        ("post", "/locations", "location-mutate", "medium", {"actionType": "create", "isDryRun": False}),
        ("post", "/locations?dryRun=yes", "location-mutate", "low", {"actionType": "create", "isDryRun": True}),
        ("put", f"/locations/{NOBODY}", "location-mutate", "medium", {"actionType": "update", "id": NOBODY}),
        ("delete", f"/locations/{NOBODY}", "location-mutate", "medium", {"actionType": "delete", "id": NOBODY}),
        ("post", "/analyze-location", "location-analyze", "low", {}),
        ("post", "/validate-entity", "entity-validate", "low", {}),
        ("post", "/refresh", "entity-mutate", "medium", {"queryType": "refresh"}),
        ("delete", f"/entities/by-uid/{NOBODY}", "entity-mutate", "medium", {"actionType": "delete", "uid": NOBODY}),
    ],
)
def test_requests_are_audited(
    service_client: Client, fake_logger: FakeLogger, method: str, path: str, event: str, severity: str, meta: Any
) -> None:
    service_client.generic(method.upper(), f"{BASE}{path}", "{}", content_type="application/json")
    lines = [line for line in fake_logger.lines if line.fields.get("isAuditEvent")]
    assert [(line.event, line.fields["severityLevel"], line.fields["meta"]) for line in lines] == [
        (f"catalog.{event}", severity, meta)
    ] * len(lines)
    assert len(lines) == 2
