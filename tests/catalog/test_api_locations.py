"""Registering locations: what clients send, what they get, and what becomes of the entities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import Location, Priority, RefreshEdge, RefreshState
from apps.catalog.operations import connect_providers, delete_entities
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.locations_kit import NOBODY, SHOP, TOOLS, ask, entity_ref, register, write_files
from tests.catalog.web import CatalogWeb


@pytest.fixture(autouse=True)
def shop(web: CatalogWeb) -> None:
    write_files(web)


def origin(folder: CatalogFolder, ref: str) -> str:
    """Return the registered location that an entity came from."""
    annotation: str = folder.entity(ref)["metadata"]["annotations"]["backstage.io/managed-by-origin-location"]
    return annotation


def nested(target: str, *, name: str = "x") -> str:
    """Return the YAML of a Location entity."""
    spec = f"{{target: {target}}}"
    return f"{{apiVersion: backstage.io/v1alpha1, kind: Location, metadata: {{name: {name}}}, spec: {spec}}}"


class TestRegister:
    """``POST /locations``."""

    def test_a_registered_location_is_read(self, folder: CatalogFolder, service_client: Client) -> None:
        answer = register(service_client)
        stored = Location.objects.get()
        location = {"id": str(stored.id), "type": "url", "target": SHOP, "entityRef": entity_ref(SHOP)}
        assert answer == {"location": location, "entities": []}
        folder.settle()
        assert folder.refs(generated=True) == {entity_ref(SHOP), "component:default/cart", "component:default/till"}
        assert origin(folder, "component:default/cart") == f"url:{SHOP}"

    def test_it_comes_before_what_time_brings(self, folder: CatalogFolder, service_client: Client) -> None:
        register(service_client)
        assert RefreshState.objects.get(entity_ref=entity_ref(SHOP)).priority == Priority.INTERACTIVE

    def test_twice_is_a_conflict_that_changes_nothing(self, folder: CatalogFolder, service_client: Client) -> None:
        known = register(service_client)["location"]["id"]
        error = register(service_client, status=409)["error"]
        assert error["name"] == "ConflictError"
        assert known in error["message"]
        register(service_client, query="?onConflict=reject", status=409)

    def test_or_a_reason_to_read_it_again(self, folder: CatalogFolder, web: CatalogWeb, service_client: Client) -> None:
        first = register(service_client)
        folder.settle()
        web.write(SHOP, component("cart", system="shop"))
        assert register(service_client, query="?onConflict=refresh") == first
        folder.settle()
        assert folder.entity("component:default/cart")["spec"]["system"] == "shop"
        with override_config({"catalog": {"defaultLocationConflictStrategy": "refresh"}}):
            assert register(service_client) == first
            register(service_client, query="?onConflict=reject", status=409)

    def test_which_brings_back_what_was_deleted(self, folder: CatalogFolder, service_client: Client) -> None:
        register(service_client)
        folder.settle()
        delete_entities(refs=[entity_ref(SHOP), "component:default/cart"], cause="a test")
        register(service_client, query="?onConflict=refresh")
        folder.settle()
        assert "component:default/cart" in folder.refs()
        assert origin(folder, entity_ref(SHOP)) == f"url:{SHOP}"

    def test_a_place_that_may_not_be_read_is_registered_and_says_why_it_is_empty(
        self, folder: CatalogFolder, service_client: Client
    ) -> None:
        target = "https://not-allowed.example/x.yaml"
        register(service_client, target)
        register(service_client, "nonsense")
        folder.settle()
        assert folder.refs() == set()
        (error,) = folder.errors(entity_ref(target))
        assert error["name"] == "NotAllowedError"

    def test_an_empty_target_is_refused_yet_kept_as_backstage_does(
        self, folder: CatalogFolder, service_client: Client
    ) -> None:
        message = register(service_client, "", status=400)["error"]["message"]
        (kept,) = ask(service_client, "get")
        assert kept["data"]["target"] == ""
        assert kept["data"]["id"] in message
        connect_providers()
        folder.settle()
        assert not RefreshState.objects.exists()
        ask(service_client, "put", f"/{kept['data']['id']}", {"type": "url", "target": SHOP})
        folder.settle()
        assert "component:default/cart" in folder.refs()

    @pytest.mark.parametrize(
        ("body", "query", "what"),
        [
            ({}, "", "target"),
            ({"type": "url"}, "", "target"),
            ({"target": SHOP}, "", "type"),
            ({"type": "url", "target": 7}, "", "target"),
            ({"type": "url", "target": SHOP, "extra": 1}, "", "extra"),
            ({"type": "url", "target": SHOP, "presence": "perhaps"}, "", "presence"),
            ({"type": "file", "target": "/etc/passwd"}, "", "file"),
            ({"type": "file", "target": "/etc/passwd"}, "?dryRun=true", "file"),
            ({"type": "", "target": SHOP}, "", "type"),
            ({"type": "url", "target": "java\nscript:alert(1)"}, "", "javascript"),
            ({"type": "url", "target": SHOP}, "?onConflict=nonsense", "onConflict"),
            ({"type": "url", "target": SHOP}, "?dryRun=", "dryRun"),
            ({"type": "url", "target": SHOP}, "?nosuch=1", "nosuch"),
            ([], "", "object"),
        ],
    )
    def test_what_cant_be_registered_is_refused_in_words(
        self, service_client: Client, body: Any, query: str, what: str
    ) -> None:
        error = ask(service_client, "post", query, body, status=400)["error"]
        assert error["name"] == "InputError"
        assert what in error["message"]
        assert not Location.objects.exists()

    def test_a_failure_leaves_neither_row_nor_entity(
        self, folder: CatalogFolder, service_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(**_: Any) -> None:
            raise RuntimeError("the database went away")

        monkeypatch.setattr("apps.catalog.operations.locations.apply_delta_mutation", fail)
        service_client.raise_request_exception = False
        register(service_client, status=500)
        assert not Location.objects.exists()


class TestDryRun:
    """``POST /locations?dryRun=true``."""

    def test_it_tells_what_would_come_and_keeps_nothing(self, folder: CatalogFolder, service_client: Client) -> None:
        answer = register(service_client, TOOLS, "?dryRun=true")
        assert answer["exists"] is False
        assert answer["location"] == {
            "type": "url",
            "target": TOOLS,
            "id": f"url:{TOOLS}",
            "entityRef": entity_ref(TOOLS),
        }
        names = [entity["metadata"]["name"] for entity in answer["entities"]]
        assert names == [entity_ref(TOOLS).partition("/")[2], "more", "till", "cart", "hammer"]
        annotations = answer["entities"][-1]["metadata"]["annotations"]
        assert annotations["backstage.io/view-url"] == TOOLS
        assert not Location.objects.exists()
        assert not RefreshState.objects.exists()

    @pytest.mark.parametrize("yes", ["true", "TRUE", "y", "yes", "1", "on"])
    def test_there_are_many_ways_to_say_yes(self, service_client: Client, yes: str) -> None:
        register(service_client, query=f"?dryRun={yes}")
        assert not Location.objects.exists()

    @pytest.mark.parametrize("no", ["false", "no", "n", "0", "off", "perhaps"])
    def test_anything_else_is_no(self, service_client: Client, no: str) -> None:
        register(service_client, query=f"?dryRun={no}")
        assert Location.objects.exists()

    def test_it_knows_what_is_registered(self, service_client: Client) -> None:
        register(service_client)
        assert register(service_client, query="?dryRun=true")["exists"] is True

    @pytest.mark.parametrize(
        ("file", "what"),
        [
            (None, "There is no file at"),
            ("kind: [", "shop.yaml"),
            (component("cart").replace("owner: team-a", "nobody: 1"), "owner"),
            (component("cart") + "---" + component("cart"), "component:default/cart"),
            (nested("/x, type: file"), "file"),
            (nested("./tools.yaml"), "location:default/x"),
        ],
    )
    def test_what_would_go_wrong_is_told(
        self, web: CatalogWeb, service_client: Client, file: str | None, what: str
    ) -> None:
        if file is None:
            web.remove(SHOP)
        else:
            web.write(SHOP, file)
        error = register(service_client, query="?dryRun=true", status=400)["error"]
        assert error["name"] == "InputError"
        assert what in error["message"]

    def test_it_ends_though_every_file_leads_to_another(
        self, service_client: Client, monkeypatch: pytest.MonkeyPatch, web: CatalogWeb
    ) -> None:
        monkeypatch.setattr("apps.catalog.processing.preview.MAX_ENTITIES", 20)
        for number in range(30):
            target = f"./{number + 1}.yaml"
            web.write(f"https://git.example/{number}.yaml", nested(target, name=f"l{number}"))
        error = register(service_client, "https://git.example/0.yaml", "?dryRun=true", status=400)["error"]
        assert "more than 20 entities" in error["message"]


class TestChange:
    """``PUT`` and ``DELETE /locations/<id>``."""

    def test_another_target_takes_the_place_of_the_old_one(self, folder: CatalogFolder, service_client: Client) -> None:
        location = register(service_client)["location"]
        folder.settle()
        uid = folder.entity("component:default/cart")["metadata"]["uid"]
        changed = ask(service_client, "put", f"/{location['id']}", {"type": "url", "target": TOOLS})
        assert changed == {**location, "target": TOOLS}
        assert folder.refs() == set()
        folder.settle()
        assert folder.refs() == {
            "component:default/hammer",
            "location:default/more",
            "component:default/cart",
            "component:default/till",
        }
        assert origin(folder, "component:default/cart") == f"url:{TOOLS}"
        assert folder.entity("component:default/cart")["metadata"]["uid"] != uid
        assert folder.entity(entity_ref(SHOP))["spec"] == {"type": "url", "target": TOOLS}

    def test_the_same_target_changes_nothing(self, folder: CatalogFolder, service_client: Client) -> None:
        location = register(service_client)["location"]
        folder.settle()
        assert ask(service_client, "put", f"/{location['id']}", {"type": "url", "target": SHOP}) == location
        assert "component:default/cart" in folder.refs()

    def test_two_locations_cant_have_one_target(self, service_client: Client) -> None:
        first = register(service_client)["location"]
        second = register(service_client, TOOLS)["location"]
        ask(service_client, "put", f"/{second['id']}", {"type": "url", "target": SHOP}, status=409)
        ask(service_client, "put", f"/{NOBODY}", {"type": "url", "target": SHOP}, status=409)
        assert ask(service_client, "get", f"/{second['id']}") == second
        # The name of the first one's entity stays its own, wherever it points.
        ask(service_client, "put", f"/{first['id']}", {"type": "url", "target": "https://git.example/new.yaml"})
        message = register(service_client, status=409)["error"]["message"]
        assert first["id"] in message

    @pytest.mark.parametrize(
        ("id", "body", "status"),
        [
            (NOBODY, {"type": "url", "target": SHOP}, 404),
            ("nonsense", {"type": "url", "target": SHOP}, 404),
            (NOBODY, {}, 400),
            (NOBODY, {"type": "url", "target": ""}, 400),
            (NOBODY, {"type": "file", "target": "/x"}, 400),
            (NOBODY, {"type": "url", "target": SHOP, "presence": "optional"}, 400),
        ],
    )
    def test_what_cant_be_changed_is_refused(self, service_client: Client, id: str, body: Any, status: int) -> None:
        ask(service_client, "put", f"/{id}", body, status=status)

    def test_a_removed_location_takes_along_what_only_it_led_to(
        self, folder: CatalogFolder, service_client: Client
    ) -> None:
        location = register(service_client)["location"]
        folder.write("own.yaml", component("own"))
        folder.read("own.yaml")
        ask(service_client, "delete", f"/{location['id']}", status=204)
        assert folder.refs() == {"component:default/own"}
        assert not RefreshEdge.objects.filter(source_key="DefaultLocationStore").exists()
        ask(service_client, "delete", f"/{location['id']}", status=404)
        ask(service_client, "delete", "/nonsense", status=404)

    def test_a_read_only_catalog_changes_no_location_but_looks_at_them(self, service_client: Client) -> None:
        location = register(service_client)["location"]
        with override_config({"catalog": {"readonly": True}}):
            assert register(service_client, TOOLS, status=403)["error"]["name"] == "NotAllowedError"
            ask(service_client, "put", f"/{location['id']}", {"type": "url", "target": TOOLS}, status=403)
            ask(service_client, "delete", f"/{location['id']}", status=403)
            register(service_client, TOOLS, "?dryRun=true")
        assert ask(service_client, "get", f"/{location['id']}") == location

    def test_a_module_may_allow_other_types(self, folder: CatalogFolder, service_client: Client, settings: Any) -> None:
        path = folder.write("own.yaml", component("own"))
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.catalog.files_module"]
        ask(service_client, "post", "", {"type": "file", "target": str(path)}, status=201)
        register(service_client, status=400)
        folder.settle()
        assert folder.refs() == {"component:default/own"}


class TestAccess:
    """What the policy denies: lists are empty, single locations aren't there, and changes are refused."""

    @pytest.fixture
    def location(self, folder: CatalogFolder, service_client: Client) -> dict[str, Any]:
        """Return a registered location, from before the policy."""
        found: dict[str, Any] = register(service_client)["location"]
        folder.settle()
        return found

    @pytest.fixture
    def guest(self, guest_client: Client, settings: Any) -> Iterator[Client]:
        """Return a client of a person who may do nothing."""
        settings.PORTAL_SERVICES = {
            **settings.PORTAL_SERVICES,
            "permissions": {
                "BACKEND": "portal.services.permissions.PolicyPermissions",
                "OPTIONS": {"policy": "tests.catalog.policies.Nothing"},
            },
        }
        guest_client.defaults["HTTP_X_CSRFTOKEN"] = guest_client.cookies["greenroom_csrf"].value
        with override_config({"permission": {"enabled": True}}):
            yield guest_client

    def test_reading(self, location: dict[str, Any], guest: Client) -> None:
        assert ask(guest, "get") == []
        assert ask(guest, "post", "/by-query", {}) == {"items": [], "totalItems": 0, "pageInfo": {}}
        ask(guest, "get", f"/{location['id']}", status=404)
        ask(guest, "get", "/by-entity/component/default/cart", status=404)

    def test_writing(self, location: dict[str, Any], guest: Client) -> None:
        register(guest, TOOLS, status=403)
        register(guest, TOOLS, "?dryRun=true", status=403)
        ask(guest, "put", f"/{location['id']}", {"type": "url", "target": TOOLS}, status=403)
        ask(guest, "delete", f"/{location['id']}", status=403)
        assert Location.objects.get().target == SHOP

    def test_nobody_gets_in_without_a_token(self, client: Client) -> None:
        ask(client, "get", status=401)
        register(client, status=401)


class TestProvider:
    """What a worker does with registered locations when it starts."""

    def test_nothing_if_all_is_well(self, folder: CatalogFolder, service_client: Client) -> None:
        register(service_client)
        folder.settle()
        before = list(RefreshState.objects.order_by("entity_ref").values())
        connect_providers()
        assert list(RefreshState.objects.order_by("entity_ref").values()) == before

    def test_entities_are_made_for_rows_and_removed_without_them(
        self, folder: CatalogFolder, service_client: Client
    ) -> None:
        register(service_client)
        folder.settle()
        Location.objects.all().delete()
        Location.objects.create(type="url", target=TOOLS, location_entity_ref=entity_ref(TOOLS))
        connect_providers()
        folder.settle()
        assert entity_ref(SHOP) not in folder.refs(generated=True)
        assert "component:default/hammer" in folder.refs()

    def test_a_disabled_store_has_no_entities(self, folder: CatalogFolder, service_client: Client) -> None:
        register(service_client)
        with override_config({"catalog": {"providerOptions": {"DefaultLocationStore": {"disabled": True}}}}):
            connect_providers()
        assert not RefreshState.objects.exists()
        assert Location.objects.exists()


def test_requests_cost_a_fixed_number_of_queries(
    folder: CatalogFolder, service_client: Client, django_assert_num_queries: Any
) -> None:
    one = register(service_client)["location"]["id"]
    register(service_client, TOOLS)
    folder.settle()
    for path, queries in {"": 1, f"/{one}": 1, "/by-entity/component/default/cart": 2}.items():
        with django_assert_num_queries(queries, using="catalog"):
            ask(service_client, "get", path)
    with django_assert_num_queries(2, using="catalog"):
        ask(service_client, "post", "/by-query", {"query": {"type": "url"}})
