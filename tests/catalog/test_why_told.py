"""Who is told why something is missing: what permissions hide, and the page that tells it."""

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
    delete_entities,
)
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component, provided
from tests.catalog.pages import Page
from tests.catalog.why_kit import WEB, states, step, why

# --- Who is told what ---


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
    assert locations.links["Why is it missing?"] == "/catalog/why"
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
