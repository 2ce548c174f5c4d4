"""Why an entity is missing: for each reason, what is said, to whom, and what can be done."""

from __future__ import annotations

from collections.abc import Iterator
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
from tests.catalog.pages import Page

WEB = "component:default/web"
#: A second document, to stand after a component's.
BROKEN = "---\n        kind: [\n"


def why(client: Client, ref: str = "", *, url: str = "") -> dict[str, Any]:
    """Return the API's answer."""
    response = client.get("/api/catalog/greenroom/why", {"url": url} if url else {"ref": ref})
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def states(answer: dict[str, Any]) -> dict[str, str]:
    """Return the state of each step."""
    return {step["id"]: step["state"] for step in answer["steps"]}


def step(answer: dict[str, Any], step_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer["steps"] if one["id"] == step_id)
    return found


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


# --- Who is told what ---


@pytest.fixture
def only_team_b(settings: Any) -> Iterator[None]:
    """People see what team B owns, and may do everything else."""
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        yield


@pytest.fixture
def only_entities_of_team_b(settings: Any) -> Iterator[None]:
    """People see what team B owns, and nothing else."""
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.policies.OnlyEntitiesOfTeamB"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        yield


def of_team_b(text: str) -> str:
    return text.replace("owner: team-a", "owner: team-b")


class TestPermissions:
    """Nobody learns of what they may not see, and everybody of what keeps their own."""

    def test_the_owner_is_told_what_is_wrong_with_what_is_not_served(
        self, folder: CatalogFolder, guest_client: Client, only_team_b: None
    ) -> None:
        folder.write("web.yaml", of_team_b(component("web")).replace("lifecycle: production", "lifecycle: [1]"))
        folder.read("web.yaml")
        answer = why(guest_client, WEB)
        assert answer["verdict"] == "invalid"
        assert "lifecycle" in step(answer, "valid")["problems"][0]["message"]

    @pytest.mark.parametrize("lifecycle", ["production", "[1]"])
    def test_to_others_it_is_as_if_it_were_not_there(
        self, folder: CatalogFolder, guest_client: Client, only_team_b: None, lifecycle: str
    ) -> None:
        folder.write("web.yaml", component("web").replace("lifecycle: production", f"lifecycle: {lifecycle}"))
        folder.read("web.yaml")
        answer, unknown = why(guest_client, WEB), why(guest_client, "component:default/nope")
        text = str(unknown).replace("default/nope", "default/web")
        assert str(answer) == text
        assert states(answer)["visible"] == "unknown"

    def test_the_loser_is_told_although_the_owner_is_hidden(
        self, folder: CatalogFolder, guest_client: Client, only_entities_of_team_b: None
    ) -> None:
        folder.write("one.yaml", component("web"))
        folder.write("two.yaml", of_team_b(component("web")))
        folder.read("one.yaml", "two.yaml")
        answer = why(guest_client, WEB)
        assert answer["verdict"] == "conflict"
        assert (answer["conflicts"][0]["owner"], answer["conflicts"][0]["loser"]) == (None, None)
        assert "one.yaml" not in str(answer)

    def test_places_are_for_those_who_may_see_locations(
        self, folder: CatalogFolder, guest_client: Client, only_entities_of_team_b: None
    ) -> None:
        path = folder.write("web.yaml", of_team_b(component("web")))
        folder.read("web.yaml")
        answer = why(guest_client, WEB)
        assert (answer["verdict"], states(answer)["read"]) == ("served", "unknown")
        assert answer["sources"] == []
        answer = why(guest_client, url=str(path))
        assert (answer["verdict"], states(answer)["source"]) == ("unknown", "unknown")
        assert "catalog.location.read" in step(answer, "source")["message"]
        assert why(guest_client, "component:default/nope")["suspects"] == []

    def test_who_points_at_it_is_told_as_far_as_it_may_be_seen(
        self, folder: CatalogFolder, guest_client: Client, only_team_b: None
    ) -> None:
        pointing = component("a", dependsOn="['component:nope']")
        folder.write("all.yaml", pointing + "---" + of_team_b(pointing).replace("name: a", "name: b"))
        folder.read("all.yaml")
        dangling = why(guest_client, "component:default/nope")["danglingRelations"]
        assert [one["sourceRef"] for one in dangling["items"]] == ["component:default/b"]


# --- The page ---


def test_the_page_asks_for_a_ref_or_an_address(guest_client: Client) -> None:
    page = Page(guest_client, "/catalog/why")
    assert page.all("input", name="q")
    assert "Step by step" not in page.headings
    assert "<title>Why is my entity missing? | Test portal</title>" in page.html


def test_the_page_is_not_in_the_navigation(guest_client: Client) -> None:
    assert "Why is my entity missing?" not in Page(guest_client, "/catalog").all("nav")[0].text


def test_the_page_tells_step_by_step(folder: CatalogFolder, guest_client: Client) -> None:
    path = folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: [1]"))
    folder.read("web.yaml")
    page = Page(guest_client, "/catalog/why", {"q": WEB})
    assert "what its file has is not valid" in page.text
    marks = [one.attributes["data-state"] for one in page.all("li", css="step")]
    assert marks == ["ok", "ok", "ok", "ok", "failed", "unknown", "ok", "unknown", "ok"]
    assert page.facts()["File"] == f"file:{path}"
    assert page.all("style") == []
    page = Page(guest_client, "/catalog/why", {"q": str(path)})
    assert "1 entity in it" in page.headings
    assert page.links[f"Why? {WEB}"] == f"/catalog/why?ref={WEB}"


def test_the_page_says_what_is_wrong_with_a_question(guest_client: Client) -> None:
    for question, text in (("web", "names no kind"), ("url:", "is not a location"), ("a:b/", "no part empty")):
        page = Page(guest_client, "/catalog/why", {"q": question})
        assert text in page.all("p", css="field-error")[0].text


def test_the_page_shows_the_last_version_of_what_is_gone(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    delete_entities(refs=[WEB], cause="jane deleted it")
    page = Page(guest_client, "/catalog/why", {"ref": WEB})
    assert "jane deleted it" in page.text
    version = page.all("pre", aria_label="Its last version")[0].text
    assert "lifecycle: production" in version
    assert "relations" not in version
    assert "etag" not in version


def test_the_page_looks_again_by_itself_while_something_is_under_way(
    folder: CatalogFolder, guest_client: Client
) -> None:
    apply_delta_mutation(provider="test", added=[provided("web")])
    page = Page(guest_client, "/catalog/why", {"ref": WEB})
    result = page.all("div", id="why-result")[0]
    assert result.attributes["hx-trigger"] == "load delay:2s"
    fragment = Page(guest_client, result.attributes["hx-get"], HX_Request="true", HX_Target="why-result")
    assert fragment.all("html") == []
    folder.settle()
    assert "hx-get" not in Page(guest_client, "/catalog/why", {"ref": WEB}).all("div", id="why-result")[0].attributes
    RefreshState.objects.update(next_update_at=timezone.now() - timedelta(minutes=5))
    assert "hx-get" not in Page(guest_client, "/catalog/why", {"ref": WEB}).all("div", id="why-result")[0].attributes


def refresh(client: Client, ref: str, q: str = "") -> Any:
    token = client.cookies["greenroom_csrf"].value
    return client.post("/catalog/why/refresh", {"csrfmiddlewaretoken": token, "ref": ref, "q": q})


def test_the_button_makes_what_leads_there_due(folder: CatalogFolder, guest_client: Client) -> None:
    path = folder.write("web.yaml", "kind: [")
    folder.read("web.yaml")
    page = Page(guest_client, "/catalog/why", {"q": str(path)})
    assert len(page.all("form", action="/catalog/why/refresh")) == 1
    ref = next(field.attributes["value"] for field in page.all("input", name="ref"))
    response = refresh(guest_client, ref, str(path))
    assert response["Location"] == f"/catalog/why?q={path}&refresh=scheduled"
    row = RefreshState.objects.get(entity_ref=ref)
    assert (row.priority, row.actor) == (1, "user:default/guest")
    assert "being looked at again" in Page(guest_client, response["Location"]).text
    folder.write("web.yaml", component("web"))
    folder.settle()
    assert "everything in it is in the catalog" in Page(guest_client, "/catalog/why", {"q": str(path)}).text


def test_the_button_is_for_those_who_may_press_it(
    folder: CatalogFolder, guest_client: Client, only_team_b: None
) -> None:
    folder.write("mine.yaml", of_team_b(component("mine")).replace("lifecycle: production", "lifecycle: [1]"))
    folder.write("theirs.yaml", component("theirs"))
    folder.read("mine.yaml", "theirs.yaml")
    Page(guest_client, "/catalog/why")
    assert refresh(guest_client, "component:default/mine").status_code == 302
    assert refresh(guest_client, "component:default/theirs").status_code == 404
    assert refresh(guest_client, "component:default/nope").status_code == 404
    location = RefreshState.objects.filter(entity_ref__startswith="location:").first()
    assert location is not None
    assert refresh(guest_client, location.entity_ref).status_code == 403
    assert refresh(guest_client, "nonsense").status_code == 400


def test_links_lead_to_the_page_from_where_something_is_missing(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("web.yaml", component("web"))
    folder.write("wrong.yaml", component("wrong").replace("lifecycle: production", "lifecycle: [1]"))
    folder.read("web.yaml", "wrong.yaml")
    missing = Page(guest_client, "/catalog/default/component/nope", status=404)
    assert missing.links["Find out why"] == "/catalog/why?ref=component:default/nope"
    locations = Page(guest_client, "/catalog/locations")
    assert locations.links["Why is my entity missing?"] == "/catalog/why"
    assert locations.links["Why? component:default/wrong"] == "/catalog/why?ref=component:default/wrong"
    entity = Page(guest_client, "/catalog/default/component/web")
    assert entity.links["Trace where it comes from"] == "/catalog/why?ref=component:default/web"
    nothing = Page(guest_client, "/catalog", {"filters[text]": "no such thing"})
    assert nothing.links["Should something be here that isn't?"] == "/catalog/why"


def test_the_page_can_be_disabled_with_all_links_to_it(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    with override_config({"app": {"extensions": [{"page:catalog/missing": False}]}}):
        Page(guest_client, "/catalog/why", status=404)
        for path in ("/catalog/default/component/nope", "/catalog/locations", "/catalog/default/component/web"):
            page = Page(guest_client, path, status=404 if "nope" in path else 200)
            assert not [link for link in page.links.values() if "/catalog/why" in link]


def test_configured_locations_are_found_before_they_are_read(folder: CatalogFolder, service_client: Client) -> None:
    path = folder.write("web.yaml", component("web"))
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(path)}]}}):
        connect_providers()
    answer = why(service_client, url=str(path))
    assert (answer["verdict"], states(answer)["read"]) == ("waiting", "waiting")
