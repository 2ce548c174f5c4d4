"""Why an entity is missing: for each reason, what is said and what can be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.models import RefreshState
from apps.catalog.operations import (
    apply_delta_mutation,
    apply_full_mutation,
    connect_providers,
    delete_entities,
    process_due,
    register_location,
    stitch_pending,
)
from apps.catalog.processing import build_orchestrator
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component, provided
from tests.catalog.why_kit import WEB, states, step, why

#: A second document, to stand after a component's.
BROKEN = "---\n        kind: [\n"
ALL_OK = dict.fromkeys(["source", "read", "found", "allowed", "valid", "processed", "name", "served", "visible"], "ok")


class TestEntities:
    """What is said of an entity."""

    def test_of_one_that_is_there(self, folder: CatalogFolder, service_client: Client) -> None:
        path = folder.write("web.yaml", "\n\n" + component("web"))
        folder.read("web.yaml")
        answer = why(service_client, WEB)
        assert (answer["verdict"], answer["advice"], states(answer)) == ("served", [], ALL_OK)
        assert step(answer, "found")["message"] == f"In file:{path}, document 1, line 4."
        assert [(source["type"], source["title"]) for source in answer["sources"]] == [
            ("entity", f"file:{path}"),
            ("provider", "ConfigLocationProvider"),
        ]
        assert answer["nextRefreshAt"] > timezone.now().isoformat()
        assert answer["mayRefresh"] is True

    def test_of_one_with_a_mistake(self, folder: CatalogFolder, service_client: Client) -> None:
        path = folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: [1]"))
        folder.read("web.yaml")
        answer = why(service_client, WEB)
        assert answer["verdict"] == "invalid"
        assert states(answer) | {"valid": "failed", "processed": "unknown", "served": "unknown"} == states(answer)
        (problem,) = step(answer, "valid")["problems"]
        assert "lifecycle" in problem["message"]
        assert (problem["location"], problem["document"], problem["line"]) == (f"file:{path}", 1, 2)
        assert "Correct what is wrong" in answer["advice"][0]

    def test_of_one_whose_latest_version_has_a_mistake(self, folder: CatalogFolder, service_client: Client) -> None:
        folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: [1]"))
        folder.refresh()
        answer = why(service_client, WEB)
        assert answer["verdict"] == "outdated"
        assert states(answer) == {**ALL_OK, "valid": "failed"}

    def test_of_one_whose_file_has_a_mistake_elsewhere(self, folder: CatalogFolder, service_client: Client) -> None:
        folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        folder.write("web.yaml", component("web", system="shop") + BROKEN)
        folder.refresh()
        answer = why(service_client, WEB)
        assert answer["verdict"] == "outdated"
        assert states(answer) == {**ALL_OK, "read": "failed"}
        assert step(answer, "read")["problems"][0]["document"] == 2

    def test_of_one_whose_kind_is_not_allowed(self, folder: CatalogFolder, service_client: Client) -> None:
        path = folder.write("web.yaml", component("web") + "---" + component("web-two"))
        folder.read("web.yaml", rules=[{"allow": ["Location"]}])
        answer = why(service_client, WEB)
        assert answer["verdict"] == "refused"
        assert states(answer)["allowed"] == "failed"
        (problem,) = step(answer, "allowed")["problems"]
        assert WEB in problem["message"]
        assert problem["location"] == f"file:{path}"
        assert "catalog.rules" in answer["advice"][0]

    def test_of_one_whose_name_another_file_has(self, folder: CatalogFolder, service_client: Client) -> None:
        one = folder.write("one.yaml", component("web"))
        two = folder.write("two.yaml", component("web"))
        folder.read("one.yaml", "two.yaml")
        answer = why(service_client, WEB)
        assert answer["verdict"] == "conflict"
        assert states(answer) == {**ALL_OK, "name": "failed"}
        (conflict,) = answer["conflicts"]
        assert (conflict["owner"], conflict["loser"]) == (f"file:{one}", f"file:{two}")
        assert "Rename one of the two" in answer["advice"][0]

    def test_of_one_that_waits(self, folder: CatalogFolder, service_client: Client) -> None:
        apply_delta_mutation(provider="test", added=[provided("web")])
        answer = why(service_client, WEB)
        assert (answer["verdict"], answer["refreshIsDue"]) == ("waiting", True)
        assert [state for state in states(answer).values() if state == "waiting"] == ["waiting", "waiting"]
        assert answer["sources"][0] == {**answer["sources"][0], "type": "provider", "title": "test"}
        process_due(build_orchestrator())
        answer = why(service_client, WEB)
        assert (answer["verdict"], states(answer)["served"]) == ("waiting", "waiting")
        stitch_pending()
        assert why(service_client, WEB)["verdict"] == "served"

    def test_of_one_that_waits_for_a_worker_that_is_not_there(self, service_client: Client) -> None:
        apply_full_mutation(provider="test", entities=[provided("web"), provided("api")])
        RefreshState.objects.update(next_update_at=timezone.now() - timedelta(minutes=12))
        advice = why(service_client, WEB)["advice"]
        assert "due for 12 minutes, and 2 entities wait in all" in advice[-1]
        assert "manage.py doctor" in advice[-1]

    def test_of_one_that_nothing_leads_to(self, folder: CatalogFolder, service_client: Client) -> None:
        folder.write("web.yaml", component("web") + "---" + component("api"))
        folder.read("web.yaml")
        folder.write("web.yaml", component("api"))
        with override_config({"catalog": {"orphanStrategy": "keep"}}):
            folder.refresh()
        answer = why(service_client, WEB)
        assert (answer["verdict"], states(answer)["source"]) == ("outdated", "failed")
        assert "Name its file in a location again" in answer["advice"][0]

    def test_of_one_that_is_gone(self, folder: CatalogFolder, service_client: Client) -> None:
        folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        delete_entities(refs=[WEB], cause="jane deleted it")
        answer = why(service_client, WEB)
        assert answer["verdict"] == "deleted"
        assert answer["deleted"]["cause"].startswith("jane deleted it; it came from file:")
        assert answer["deleted"]["lastVersion"]["metadata"]["name"] == "web"

    def test_of_one_that_never_was(self, folder: CatalogFolder, service_client: Client) -> None:
        folder.write("all.yaml", "---".join([component("web-shop"), component("webshop"), component("other")]))
        folder.write("broken.yaml", "kind: [")
        folder.read("all.yaml", "broken.yaml")
        answer = why(service_client, "component:default/web-shopp")
        assert answer["verdict"] == "unknown"
        assert states(answer) == {**dict.fromkeys(ALL_OK, "unknown"), "source": "failed", "visible": "ok"}
        assert answer["similarRefs"] == ["component:default/web-shop", "component:default/webshop"]
        (suspect,) = answer["suspects"]
        assert suspect["problems"][0]["message"]
        assert why(service_client, "api:default/web-shop")["similarRefs"][0] == "component:default/web-shop"

    def test_who_points_at_one_that_is_missing(self, folder: CatalogFolder, service_client: Client) -> None:
        users = [component(f"user-{number:02}", dependsOn="['component:web']") for number in range(25)]
        folder.write("all.yaml", "---".join(users))
        folder.read("all.yaml")
        dangling = why(service_client, WEB)["danglingRelations"]
        assert dangling["count"] == 25
        assert dangling["items"][0] == {"sourceRef": "component:default/user-00", "type": "dependsOn"}
        assert len(dangling["items"]) == 20

    def test_a_question_that_makes_no_sense_is_refused(self, service_client: Client) -> None:
        for query in ({}, {"ref": "web"}, {"ref": WEB, "url": "/a"}, {"url": "nonsense"}, {"ref": ""}, {"name": "x"}):
            response = service_client.get("/api/catalog/greenroom/why", query)
            assert response.status_code == 400, query

    @pytest.mark.parametrize("ref", [WEB, "component:default/fine", "component:default/nope", "component:default/two"])
    def test_few_queries(
        self, folder: CatalogFolder, service_client: Client, django_assert_max_num_queries: Any, ref: str
    ) -> None:
        folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: [1]"))
        folder.write("fine.yaml", component("fine", dependsOn="['component:nope']"))
        folder.write("one.yaml", component("two"))
        folder.write("two.yaml", component("two"))
        folder.read("web.yaml", "fine.yaml", "one.yaml", "two.yaml")
        with django_assert_max_num_queries(10, using="catalog"):
            why(service_client, ref)


class TestFiles:
    """What is said of a file, or of an address."""

    def test_of_one_that_is_in_order(self, folder: CatalogFolder, service_client: Client) -> None:
        path = folder.write("web.yaml", component("web") + "---" + component("api"))
        folder.read("web.yaml")
        for asked in (str(path), f"file:{path}", str(path.parent)):
            answer = why(service_client, url=asked)
            assert (answer["verdict"], states(answer)) == ("served", ALL_OK), asked
            assert [one["entityRef"] for one in answer["entities"]] == ["component:default/api", WEB]
        assert answer["location"] == f"file:{path.parent}"

    def test_of_one_with_mistakes_of_each_sort(self, folder: CatalogFolder, service_client: Client) -> None:
        api = component("api").replace("kind: Component", "kind: API")
        path = folder.write("web.yaml", component("web") + "---" + api + BROKEN)
        folder.read("web.yaml", rules=[{"allow": ["Component", "Location"]}])
        answer = why(service_client, url=str(path))
        assert answer["verdict"] == "invalid"
        assert (states(answer)["found"], states(answer)["allowed"]) == ("failed", "failed")
        assert [one["document"] for one in step(answer, "found")["problems"]] == [3]
        assert [one["document"] for one in step(answer, "allowed")["problems"]] == [2]

    def test_of_one_that_is_not_there(self, folder: CatalogFolder, service_client: Client) -> None:
        folder.read("missing.yaml")
        answer = why(service_client, url=str(folder.path / "missing.yaml"))
        assert (answer["verdict"], states(answer)["read"]) == ("invalid", "failed")
        assert "does not exist" in step(answer, "read")["problems"][0]["message"]

    def test_of_entities_with_mistakes_in_it(self, folder: CatalogFolder, service_client: Client) -> None:
        wrong = component("wrong").replace("lifecycle: production", "lifecycle: [1]")
        path = folder.write("web.yaml", component("web") + "---" + wrong)
        folder.read("web.yaml")
        answer = why(service_client, url=str(path))
        assert (answer["verdict"], states(answer)["valid"]) == ("outdated", "failed")
        assert {one["entityRef"]: one["verdict"] for one in answer["entities"]} == {
            "component:default/wrong": "invalid",
            WEB: "served",
        }
        assert step(answer, "served")["message"] == "1 of 2 are in the catalog."

    def test_of_one_that_lost_a_name(self, folder: CatalogFolder, service_client: Client) -> None:
        one = folder.write("one.yaml", component("web"))
        two = folder.write("two.yaml", component("web") + "---" + component("other"))
        folder.read("one.yaml", "two.yaml")
        answer = why(service_client, url=str(two))
        assert (answer["verdict"], states(answer)["name"]) == ("conflict", "failed")
        assert [(one["entityRef"], one["owner"]) for one in answer["conflicts"]] == [(WEB, f"file:{one}")]
        assert why(service_client, url=str(one))["conflicts"] == []

    def test_of_one_among_several_targets(self, folder: CatalogFolder, service_client: Client) -> None:
        folder.write(
            "all.yaml",
            """
            apiVersion: backstage.io/v1alpha1
            kind: Location
            metadata: {name: all}
            spec: {targets: [./good.yaml, ./bad.yaml]}
            """,
        )
        good, bad = folder.write("good.yaml", component("web")), folder.write("bad.yaml", component("api"))
        folder.read("all.yaml")
        folder.write("bad.yaml", "kind: [")
        folder.refresh()
        answer = why(service_client, url=str(bad))
        assert (answer["verdict"], states(answer)["found"]) == ("outdated", "failed")
        assert [one["entityRef"] for one in answer["entities"]] == ["component:default/api"]
        answer = why(service_client, url=str(good))
        assert states(answer)["found"] == "ok"
        assert [one["entityRef"] for one in answer["entities"]] == [WEB]

    def test_of_a_registered_location_before_and_after_its_first_run(
        self, folder: CatalogFolder, service_client: Client
    ) -> None:
        url = "https://git.example/acme/shop/blob/main/catalog-info.yaml"
        register_location(type="url", target=url)
        answer = why(service_client, url=url)
        assert (answer["verdict"], states(answer)["read"]) == ("waiting", "waiting")
        folder.settle()
        for asked in (url, url.replace("blob", "tree"), f"{url}#L10", "https://git.example/acme/shop/"):
            answer = why(service_client, url=asked)
            assert (answer["verdict"], states(answer)["read"]) == ("invalid", "failed"), asked
        assert "backend.reading.allow" in step(answer, "read")["problems"][0]["message"]
        assert why(service_client, url="https://git.example/acme/sho")["verdict"] == "unknown"

    def test_of_an_address_that_a_provider_knows(self, folder: CatalogFolder, service_client: Client) -> None:
        apply_full_mutation(provider="directory", entities=[provided("web"), provided("api")])
        folder.settle()
        answer = why(service_client, url="http://provider.example")
        assert (answer["verdict"], states(answer)) == ("served", ALL_OK)
        assert [(one["type"], one["title"]) for one in answer["sources"]] == [("provider", "directory")]
        assert len(answer["entities"]) == 2

    def test_of_one_that_nothing_reads(self, folder: CatalogFolder, service_client: Client) -> None:
        register_location(type="url", target="https://git.example/acme/shop/blob/main/catalog-info.yaml")
        answer = why(service_client, url="https://git.example/acme/shop/blob/main/other.yaml")
        assert (answer["verdict"], states(answer)["source"]) == ("unknown", "failed")
        assert answer["nearbyLocations"] == ["url:https://git.example/acme/shop/blob/main/catalog-info.yaml"]
        assert "register its file" in answer["advice"][1]

    def test_few_queries(
        self, folder: CatalogFolder, service_client: Client, django_assert_max_num_queries: Any
    ) -> None:
        path = folder.write("all.yaml", "---".join(component(f"c-{number}") for number in range(30)))
        folder.read("all.yaml")
        with django_assert_max_num_queries(8, using="catalog"):
            why(service_client, url=str(path))
        with django_assert_max_num_queries(10, using="catalog"):
            why(service_client, url="https://git.example/acme/shop/blob/main/other.yaml")


# --- The page ---


def test_configured_locations_are_found_before_they_are_read(folder: CatalogFolder, service_client: Client) -> None:
    path = folder.write("web.yaml", component("web"))
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(path)}]}}):
        connect_providers()
    answer = why(service_client, url=str(path))
    assert (answer["verdict"], states(answer)["read"]) == ("waiting", "waiting")
