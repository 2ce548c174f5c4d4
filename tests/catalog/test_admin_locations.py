"""Locations in the Django admin: registering, reading again, removing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.catalog.models import HistoryEntry, Location
from apps.catalog.operations import delete_entities, register_location
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.web import CatalogWeb

SHOP = "https://git.example/shop.yaml"
LIST = reverse("admin:catalog_location_changelist")
ADD = reverse("admin:catalog_location_add")


@pytest.fixture(autouse=True)
def shop(web: CatalogWeb) -> None:
    """Put a file where the locations point."""
    web.write(SHOP, component("cart"))


def add(client: Client, **fields: str) -> Any:
    """Send the form for a new location."""
    return client.post(ADD, {"type": "url", "target": SHOP, **fields}, follow=True)


def act(client: Client, action: str, **more: str) -> Any:
    """Do something to all locations in the list."""
    chosen = [str(pk) for pk in Location.objects.values_list("pk", flat=True)]
    return client.post(LIST, {"action": action, "_selected_action": chosen, **more}, follow=True)


def test_a_location_that_is_added_is_read(folder: CatalogFolder, admin_client: Client) -> None:
    response = add(admin_client, target=f" {SHOP} ")
    assert response.status_code == 200
    assert Location.objects.get().target == SHOP
    folder.settle()
    assert folder.refs() == {"component:default/cart"}
    assert "admin" in HistoryEntry.objects.get(entity_ref="component:default/cart").cause
    assert SHOP in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"target": ""}, "required"),
        ({"target": "javascript:alert(1)"}, "javascript"),
        ({"type": "file"}, "not one of the available choices"),
    ],
)
def test_what_cant_be_registered_is_told_in_the_form(
    folder: CatalogFolder, admin_client: Client, fields: dict[str, str], words: str
) -> None:
    assert words in add(admin_client, **fields).content.decode()
    assert not Location.objects.exists()


def test_a_location_cant_be_added_twice(folder: CatalogFolder, admin_client: Client) -> None:
    add(admin_client)
    assert "registered already" in add(admin_client).content.decode()
    assert Location.objects.count() == 1


def test_a_location_is_read_again_even_if_its_entity_is_gone(
    folder: CatalogFolder, web: CatalogWeb, admin_client: Client
) -> None:
    location = register_location(type="url", target=SHOP)
    folder.settle()
    web.write(SHOP, component("till"))
    assert "1 locations will be read" in act(admin_client, "refresh").content.decode()
    folder.settle()
    assert "component:default/till" in folder.refs()
    delete_entities(refs=[location.location_entity_ref, "component:default/till"], cause="a test")
    act(admin_client, "refresh")
    folder.settle()
    assert "component:default/till" in folder.refs()


def test_a_location_that_is_deleted_takes_its_entities_along(folder: CatalogFolder, admin_client: Client) -> None:
    register_location(type="url", target=SHOP)
    folder.settle()
    act(admin_client, "delete_selected", post="yes")
    assert not Location.objects.exists()
    assert folder.refs() == set()
    location = register_location(type="url", target=SHOP)
    folder.settle()
    admin_client.post(reverse("admin:catalog_location_delete", args=[location.pk]), {"post": "yes"})
    assert not Location.objects.exists()
    assert folder.refs() == set()


def test_a_read_only_catalog_only_reads_again(folder: CatalogFolder, admin_client: Client) -> None:
    location = register_location(type="url", target=SHOP)
    folder.settle()
    with override_config({"catalog": {"readonly": True}}):
        assert admin_client.get(ADD).status_code == 403
        assert admin_client.get(reverse("admin:catalog_location_delete", args=[location.pk])).status_code == 403
        assert "1 locations will be read" in act(admin_client, "refresh").content.decode()
