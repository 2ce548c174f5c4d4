"""The page of entities that aren't served: what failed, what is waiting, and deleting it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import RefreshState
from apps.catalog.operations import apply_full_mutation
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, provided
from tests.catalog.pages import Page

URL = "/catalog-unprocessed-entities"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _mentioned() -> Iterator[None]:
    with override_config({"app": {"extensions": ["page:catalog-unprocessed-entities"]}}):
        yield


@pytest.fixture
def some(folder: CatalogFolder) -> CatalogFolder:
    """One that failed, one that is waiting, and one that is served."""
    apply_full_mutation(provider="test", entities=[provided("good"), provided("bad", owner=5, note=EVIL)])
    folder.settle()
    apply_full_mutation(
        provider="test", entities=[provided("good"), provided("bad", owner=5, note=EVIL), provided("waiting")]
    )
    return folder


def titles(page: Page) -> list[str]:
    """Return the refs on the page."""
    return [element.text for element in page.all("h2", css="mono")]


def test_it_is_there_only_if_it_is_mentioned(guest_client: Client):
    with override_config({"app": {"extensions": []}}):
        assert guest_client.get(URL).status_code == 404


def test_failed_and_pending_entities_are_listed_with_what_is_wrong(guest_client: Client, some: CatalogFolder):
    failed = Page(guest_client, URL)
    assert titles(failed) == ["component:default/bad"]
    assert "spec.owner" in failed.all("li", css="problem")[0].text
    assert failed.links["Why? component:default/bad"] == "/catalog/why?ref=component:default/bad"
    assert failed.links["Failed 1"] == URL
    pending = Page(guest_client, URL, {"state": "pending"})
    assert titles(pending) == ["component:default/waiting"]


def test_what_was_read_is_shown_and_is_no_markup(guest_client: Client, some: CatalogFolder):
    page = Page(guest_client, URL)
    assert EVIL in page.all("code")[0].text
    assert EVIL not in page.html


def test_the_list_is_searched_by_ref(guest_client: Client, some: CatalogFolder):
    assert titles(Page(guest_client, URL, {"q": "BAD"})) == ["component:default/bad"]
    assert "Nothing is called so here" in Page(guest_client, URL, {"q": "%"}).text


def test_one_is_deleted_and_the_list_comes_back(guest_client: Client, some: CatalogFolder):
    bad = RefreshState.objects.get(entity_ref="component:default/bad")
    response = guest_client.post(f"{URL}?q=bad", {"entity": str(bad.entity_id)})
    assert (response.status_code, response["Location"]) == (302, f"{URL}?q=bad")
    assert not RefreshState.objects.filter(entity_ref="component:default/bad").exists()
    assert "No failed entities" in Page(guest_client, URL).text


def test_an_entity_that_is_served_is_not_deleted_here(guest_client: Client, some: CatalogFolder):
    good = RefreshState.objects.get(entity_ref="component:default/good")
    guest_client.post(URL, {"entity": str(good.entity_id)})
    assert RefreshState.objects.filter(entity_ref="component:default/good").exists()
    assert guest_client.post(URL, {"entity": "nonsense"}).status_code == 400


def test_who_may_only_read_sees_no_button_and_deletes_nothing(
    guest_client: Client, some: CatalogFolder, fake_permissions: Any
):
    fake_permissions.deny("catalog.entities.unprocessed.delete")
    assert not Page(guest_client, URL).all("button", css="button-danger")
    bad = RefreshState.objects.get(entity_ref="component:default/bad")
    assert guest_client.post(URL, {"entity": str(bad.entity_id)}).status_code == 403
    assert RefreshState.objects.filter(pk=bad.pk).exists()


def test_who_may_not_read_finds_no_page(guest_client: Client, fake_permissions: Any):
    fake_permissions.deny("catalog.entities.unprocessed.read")
    assert guest_client.get(URL).status_code == 404


def test_it_comes_in_pages_and_two_statements(
    guest_client: Client, folder: CatalogFolder, django_assert_num_queries: Any
):
    apply_full_mutation(provider="test", entities=[provided(f"c-{number:02}") for number in range(45)])
    with django_assert_num_queries(2, using="catalog"):
        page = Page(guest_client, URL, {"state": "pending", "offset": "20"})
    assert "21–40 of 45" in page.text
    assert page.links["Next"] == f"{URL}?state=pending&offset=40"
    assert page.links["Previous"] == f"{URL}?state=pending"
