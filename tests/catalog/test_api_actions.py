"""What the API does to entities, and checks for people: refresh, delete, validate, analyse, and what isn't served."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.extension_points import CatalogAnalysis, ScmLocationAnalyzer
from apps.catalog.models import FinalEntity, HistoryEntry, Priority, RefreshEdge, RefreshState
from apps.catalog.operations import stitch_pending
from apps.catalog.operations.repository_search import RepositorySearch
from portal.config import override_config
from portal.errors import ConflictError
from portal.plugins import extension_point
from portal.testing import FakeLogger, client_of, external_access
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.web import CatalogWeb

BASE = "/api/catalog"
NOBODY = "00000000-0000-0000-0000-000000000000"
PLACE = "url:https://git.example/catalog-info.yaml"


def send(client: Client, method: str, path: str, body: Any = None, *, status: int) -> Any:
    """Send a request and return the JSON of the answer, None if it has no body."""
    data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    response = getattr(client, method)(f"{BASE}{path}", **data)
    assert response.status_code == status, response.content
    if not response.content:
        assert "Content-Type" not in response
        return None
    return response.json()


def policy(settings: Any, name: str) -> None:
    """Let a policy of ``tests.catalog.policies`` decide."""
    settings.PORTAL_SERVICES = {
        **getattr(settings, "PORTAL_SERVICES", {}),
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": f"tests.catalog.policies.{name}"},
        },
    }


@pytest.fixture
def guest(guest_client: Client) -> Iterator[Client]:
    """A client of a person who is bound by the policy."""
    guest_client.defaults["HTTP_X_CSRFTOKEN"] = guest_client.cookies["greenroom_csrf"].value
    with override_config({"permission": {"enabled": True}}):
        yield guest_client


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


def entity(**changes: Any) -> dict[str, Any]:
    """Return a sound component, changed."""
    sound = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "v"},
        "spec": {"type": "service", "lifecycle": "production", "owner": "me"},
    }
    return {name: value for name, value in {**sound, **changes}.items() if value is not None}


class TestValidate:
    """``POST /validate-entity``."""

    def errors(self, client: Client, entity: Any, location: str = PLACE) -> list[dict[str, Any]]:
        """Return what is wrong with an entity."""
        answer = send(client, "post", "/validate-entity", {"entity": entity, "location": location}, status=400)
        assert list(answer) == ["errors"]
        found: list[dict[str, Any]] = answer["errors"]
        return found

    def test_a_sound_entity_is_answered_with_nothing(self, service_client: Client) -> None:
        body = {"entity": entity(), "location": PLACE}
        assert send(service_client, "post", "/validate-entity", body, status=200) is None
        assert not RefreshState.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "name", "cause", "what"),
        [
            (entity(metadata=None), "TypeError", None, "metadata"),
            (entity(metadata={}), "TypeError", None, "name"),
            ({}, "TypeError", None, "kind"),
            (entity(metadata={"name": "not ok!"}), "InputError", "Error", "metadata.name"),
            (entity(metadata={"name": "v", "annotations": "x"}), "InputError", "InputError", "annotations"),
            (entity(metadata={"name": "v", "labels": {"a": 1}}), "InputError", "Error", "labels"),
            (entity(unknown=1), "InputError", "Error", "unknown"),
            (entity(spec={"type": "service", "lifecycle": "x"}), "InputError", "TypeError", "owner"),
            (entity(kind="Spaceship"), "InputError", None, "Spaceship"),
        ],
    )
    def test_what_is_wrong_is_told_with_its_cause(
        self, service_client: Client, wrong: Any, name: str, cause: str | None, what: str
    ) -> None:
        (error,) = self.errors(service_client, wrong)
        assert error["name"] == name
        assert what in error["message"]
        assert error.get("cause", {}).get("name") == cause
        assert error.keys() <= {"name", "message", "cause"}

    @pytest.mark.parametrize("location", ["nonsense", "", "url:", "https://x", "file:/etc/passwd", "url:javascript:x"])
    def test_a_location_that_isnt_a_url_is_an_error_of_its_own(self, service_client: Client, location: str) -> None:
        (error,) = self.errors(service_client, entity(), location)
        assert error["name"] == "TypeError"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"entity": entity()},
            {"location": PLACE},
            {"location": 1, "entity": {}},
            {"location": PLACE, "entity": "text"},
            {"location": PLACE, "entity": None},
            {"location": PLACE, "entity": []},
            [],
        ],
    )
    def test_a_body_of_another_shape_is_an_error_as_everywhere(self, service_client: Client, body: Any) -> None:
        assert send(service_client, "post", "/validate-entity", body, status=400)["error"]["name"] == "InputError"

    def test_what_the_entity_points_at_is_read(self, web: CatalogWeb, service_client: Client) -> None:
        location = entity(kind="Location", spec={"target": "./more.yaml"})
        (error,) = self.errors(service_client, location)
        assert "https://git.example/more.yaml" in error["message"]
        web.write("https://git.example/more.yaml", component("more"))
        send(service_client, "post", "/validate-entity", {"entity": location, "location": PLACE}, status=200)

    def test_an_entity_cant_have_local_files_read(self, folder: CatalogFolder, service_client: Client) -> None:
        secret = folder.write("secret.yaml", "top: secret")
        annotations = {
            "backstage.io/managed-by-location": f"file:{secret}",
            "backstage.io/managed-by-origin-location": f"file:{secret}",
        }
        metadata = {"name": "v", "annotations": annotations}
        location = entity(kind="Location", metadata=metadata, spec={"type": "file", "target": str(secret)})
        (error,) = self.errors(service_client, location)
        assert "spec.type" in error["message"]

    def test_it_takes_a_permission(self, settings: Any, guest: Client) -> None:
        policy(settings, "Nothing")
        send(guest, "post", "/validate-entity", {"entity": entity(), "location": PLACE}, status=403)


class Known(ScmLocationAnalyzer):
    """Finds one file in one repository."""

    name = "known"

    def supports(self, url: str) -> bool:
        return url.startswith("https://git.example/")

    def find_files(self, url: str, *, filename: str) -> Iterable[str]:
        return [f"{url}/{filename}"] if url.endswith("/shop") else []


class TestAnalyze:
    """``POST /analyze-location``."""

    def analyze(self, client: Client, target: str, *, status: int = 200, **more: Any) -> Any:
        """Analyse a URL."""
        body = {"location": {"type": "url", "target": target}, **more}
        return send(client, "post", "/analyze-location", body, status=status)

    @pytest.mark.parametrize(
        ("target", "name", "annotations"),
        [
            ("http://127.0.0.1:7099/static/nowhere.yaml", "nowhere.yaml", None),
            ("https://github.com/acme/repo", "repo", {"github.com/project-slug": "acme/repo"}),
            ("https://github.com/acme/repo.git", "repo", {"github.com/project-slug": "acme/repo"}),
            ("https://github.com/acme/repo/blob/main/a/b.yaml", "repo", {"github.com/project-slug": "acme/repo"}),
            ("https://gitlab.com/g/src/p/-/blob/main/x.yaml", "p", {"gitlab.com/project-slug": "g/src/p"}),
            ("https://dev.azure.com/o/p/_git/r?path=/x.yaml", "r", {"dev.azure.com/project-slug": "p/r"}),
            ("https://dev.azure.com/o/_git/r", "r", {"dev.azure.com/project-slug": "o/r"}),
            ("https://bitbucket.org/acme/repo/src/main/x.yaml", "repo", None),
            ("https://bitbucket.example/projects/ABC/repos/xyz/browse/a.yaml", "xyz", None),
            ("https://bitbucket.example/scm/abc/xyz.git", "xyz", None),
            ("git@github.com:acme/repo.git", "repo", None),
        ],
    )
    def test_a_component_is_proposed_that_is_called_as_the_repository(
        self, service_client: Client, target: str, name: str, annotations: dict[str, str] | None
    ) -> None:
        metadata: dict[str, Any] = {"name": name} if annotations is None else {"name": name, "annotations": annotations}
        proposed = {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": metadata,
            "spec": {"type": "other", "lifecycle": "unknown"},
        }
        assert self.analyze(service_client, target) == {
            "existingEntityFiles": [],
            "generateEntities": [{"entity": proposed, "fields": []}],
        }

    def test_a_configured_host_is_known_by_its_kind(
        self, service_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(RepositorySearch, "find_files", lambda self, url, *, filename: [])
        with override_config({"integrations": {"github": [{"host": "ghe.example"}]}}):
            answer = self.analyze(service_client, "https://ghe.example/acme/repo")
        annotations = answer["generateEntities"][0]["entity"]["metadata"]["annotations"]
        assert annotations == {"github.com/project-slug": "acme/repo"}

    @pytest.mark.parametrize("target", ["nonsense", "", "/etc/passwd", "http://", "a b", "http://[x/y"])
    def test_what_is_no_url_is_refused(self, service_client: Client, target: str) -> None:
        assert self.analyze(service_client, target, status=400)["error"]["name"] == "InputError"

    @pytest.mark.parametrize(
        "body", [{}, {"location": {"type": "url"}}, {"location": {"type": "url", "target": "x", "extra": 1}}]
    )
    def test_a_body_of_another_shape_is_refused(self, service_client: Client, body: Any) -> None:
        send(service_client, "post", "/analyze-location", body, status=400)

    def test_files_that_a_module_finds_are_told_with_their_entities(
        self, folder: CatalogFolder, web: CatalogWeb, service_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(extension_point(CatalogAnalysis), "scm_location_analyzers", [Known()])
        file = "https://git.example/shop/info.yaml"
        web.write(file, component("cart"))

        def found() -> Any:
            answer = self.analyze(service_client, "https://git.example/shop", catalogFilename="info.yaml")
            assert answer["generateEntities"] == []
            (one,) = answer["existingEntityFiles"]
            assert one["location"] == {"type": "url", "target": file}
            assert one["entity"]["metadata"]["name"] == "cart"
            return one["isRegistered"]

        assert found() is False
        send(service_client, "post", "/locations", {"type": "url", "target": file}, status=201)
        assert found() is True
        assert self.analyze(service_client, "https://git.example/other")["generateEntities"]

    def test_files_on_a_configured_host_are_found_without_a_module(
        self, folder: CatalogFolder, web: CatalogWeb, service_client: Client
    ) -> None:
        file = "https://git.example/projects/A/repos/shop/browse/services/cart/catalog-info.yaml"
        web.write(file, component("cart"))
        with override_config({"integrations": {"bitbucketServer": [{"host": "git.example"}]}}):
            answer = self.analyze(service_client, "https://git.example/projects/A/repos/shop")
        assert [one["location"]["target"] for one in answer["existingEntityFiles"]] == [file]
        assert answer["generateEntities"] == []

    def test_two_analyzers_cant_have_one_name(self) -> None:
        point = CatalogAnalysis()
        point.add_scm_location_analyzer(Known())
        with pytest.raises(ConflictError, match="known"):
            point.add_scm_location_analyzer(Known())

    def test_it_takes_a_permission(self, settings: Any, guest: Client) -> None:
        policy(settings, "Nothing")
        self.analyze(guest, "https://github.com/acme/repo", status=403)


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
