"""The page of locations: which files are wrong and where, and removals that wait."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.catalog.operations import apply_full_mutation, confirm_removal
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component, provided
from tests.catalog.pages import Page
from tests.catalog.views_kit import BROKEN, fill


@pytest.fixture
def shop(folder: CatalogFolder) -> CatalogFolder:
    return fill(folder)


def test_locations_say_which_file_document_and_field_is_wrong(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("good.yaml", component("good"))
    folder.write("broken.yaml", component("fine") + BROKEN)
    folder.write("field.yaml", component("wrong").replace("lifecycle: production", "lifecycle: [1]"))
    folder.read("good.yaml", "broken.yaml", "field.yaml", "missing.yaml")
    page = Page(guest_client, "/catalog/locations")
    cards = [card.text for card in page.all("article", css="location")]

    def card(file: str) -> str:
        return next(text for text in cards if file in text)

    assert "in order" in card("good.yaml")
    assert "Document 2" in card("broken.yaml")
    assert "component:default/wrong not in the catalog" in card("field.yaml")
    assert "lifecycle" in card("field.yaml")
    assert "does not exist" in card("missing.yaml")
    states = [state.attributes["data-status"] for state in page.all(css="status")]
    assert states == ["error", "error", "error", "ok"]


def test_of_many_failures_of_one_file_some_are_shown_and_the_rest_is_counted(
    folder: CatalogFolder, guest_client: Client
) -> None:
    wrong = [component(f"wrong-{number:02}").replace("lifecycle: production", "lifecycle: 7") for number in range(53)]
    folder.write("wrong.yaml", "---".join(wrong))
    folder.read("wrong.yaml")
    for address in ("/catalog/locations", *locations_of(folder)):
        page = Page(guest_client, address)
        assert "component:default/wrong-49 not in the catalog" in page.text
        assert "component:default/wrong-50" not in page.text
        assert "… and 3 more" in page.text


def test_the_title_of_the_document_is_in_the_words_of_those_who_run_the_portal(
    shop: CatalogFolder, guest_client: Client
) -> None:
    words = {"translation:app/configured": {"config": {"messages": {"en": {"Locations": "Files"}}}}}
    with override_config({"app": {"extensions": [words]}}):
        html = guest_client.get("/catalog/locations").content.decode()
    assert "<title>Files | " in html


def locations_of(folder: CatalogFolder) -> list[str]:
    """Return the addresses of the generated locations' own pages."""
    names = [ref.rpartition("/")[2] for ref in folder.refs(generated=True) if ref.startswith("location:")]
    return [f"/catalog/default/location/{name}" for name in names]


def test_locations_can_be_narrowed_to_those_with_problems(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("good.yaml", component("good"))
    folder.read("good.yaml", "missing.yaml")
    failing = Page(guest_client, "/catalog/locations", {"state": "failing"})
    assert "missing.yaml" in failing.text
    assert "good.yaml" not in failing.text
    folder.write("missing.yaml", component("found"))
    folder.refresh()
    assert "Nothing is wrong" in Page(guest_client, "/catalog/locations", {"state": "failing"}).text


def test_a_location_shows_its_state_on_its_own_page(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write(
        "all.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {target: ./a.yaml}"
    )
    folder.write("a.yaml", component("a"))
    folder.read("all.yaml")
    assert Page(guest_client, "/catalog/default/location/all").facts()["Leads to"] == "1 entity"
    folder.write("a.yaml", "kind: [")
    folder.refresh()
    assert "a.yaml" in Page(guest_client, "/catalog/default/location/all").all("ul", css="problems")[0].text


def test_an_entity_that_was_never_right_says_why_where_it_would_be(folder: CatalogFolder, guest_client: Client) -> None:
    folder.write("a.yaml", component("a").replace("lifecycle: production", "lifecycle: [1]"))
    folder.read("a.yaml")
    text = Page(guest_client, "/catalog/default/component/a", status=404).text
    assert "its file was never without a mistake" in text
    assert "lifecycle" in text


def test_locations_cost_few_queries(
    shop: CatalogFolder, guest_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6, using="catalog"):
        assert guest_client.get("/catalog/locations").status_code == 200


def test_a_removal_that_is_held_back_is_announced_to_those_who_may_delete(
    shop: CatalogFolder, guest_client: Client, settings: Any
) -> None:
    apply_full_mutation(provider="directory", entities=[provided(f"c-{number}") for number in range(20)])
    apply_full_mutation(provider="directory", entities=[])
    page = Page(guest_client, "/catalog/locations")
    assert "directory would remove 20 of its 20 entities" in page.text
    assert page.links["confirms it in the admin"] == "/admin/catalog/heldremoval/"
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        assert "would remove" not in Page(guest_client, "/catalog/locations").text
    confirm_removal(provider="directory")
    assert "held back" not in Page(guest_client, "/catalog/locations").text
