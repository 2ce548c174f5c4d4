"""The command palette: what a query finds, and for whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.clients.catalog import EntityPage
from portal.config import override_config
from portal.errors import ServiceUnavailableError
from portal.extensions import get_tree
from portal.shell import palette

BOOKING: dict[str, Any] = {
    "kind": "Component",
    "metadata": {"name": "Booking", "namespace": "Shop", "title": "Booking <Service>"},
    "spec": {"type": "service"},
}


class FakeCatalog:
    """Remembers what it is asked for, and as whom."""

    def __init__(self, entities: list[dict[str, Any]], error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.fields: tuple[str, ...] = ()
        self.credentials: Any = None
        self._entities = entities
        self._error = error

    def acting_for(self, caller: str, credentials: Any) -> FakeCatalog:
        self.credentials = credentials
        return self

    def query_entities(self, *, full_text: str, limit: int, fields: tuple[str, ...], **_: Any) -> EntityPage:
        self.asked.append(full_text)
        self.fields = fields
        if self._error is not None:
            raise self._error
        return EntityPage(self._entities[:limit], len(self._entities))


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch) -> FakeCatalog:
    fake = FakeCatalog([BOOKING] * 20)
    monkeypatch.setattr(palette, "catalog", fake)
    return fake


def found(client: Client, query: str = "") -> dict[str, list[dict[str, str]]]:
    client.get("/testplugin")
    response = client.get("/-/palette", {"q": query})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    return {group["title"]: group["items"] for group in response.json()["groups"]}


def titles(items: list[dict[str, str]]) -> list[str]:
    return [item["title"] for item in items]


def test_people_are_called_as_everywhere_else(client: Client, monkeypatch: pytest.MonkeyPatch):
    team = {"kind": "Group", "metadata": {"name": "team-a"}, "spec": {"profile": {"displayName": "Team A"}}}
    fake = FakeCatalog([team])
    monkeypatch.setattr(palette, "catalog", fake)
    assert titles(found(client, "team")["Entities"]) == ["Team A"]
    assert "spec.profile.displayName" in fake.fields


def test_entities_that_begin_with_the_query_come_first_the_nearest_of_them_before_longer_ones(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    names = ["reorder", *(f"order-queue-{letter}" for letter in "abcdefghi"), "orders", "Order-events"]
    fake = FakeCatalog([{"kind": "Component", "metadata": {"name": name}} for name in names])
    monkeypatch.setattr(palette, "catalog", fake)
    entities = titles(found(client, "order")["Entities"])
    assert entities[:3] == ["orders", "Order-events", "order-queue-a"]
    assert len(entities) == palette.ENTITIES
    assert "reorder" not in entities


def test_without_a_query_there_are_pages_with_their_keys_and_actions(client: Client, catalog: FakeCatalog):
    groups = found(client)
    test_page = next(item for item in groups["Pages"] if item["title"] == "Test page")
    assert (test_page["url"], test_page["keys"]) == ("/testplugin", "g t")
    assert test_page["icon"].startswith("<svg")
    assert "Use the dark theme" in titles(groups["Actions"])
    assert catalog.asked == []


def test_pages_and_tabs_are_found_by_every_word(client: Client, catalog: FakeCatalog):
    tab = found(client, "FLAGS settings")["Pages"]
    assert [(item["title"], item["note"], item["url"]) for item in tab] == [
        ("Feature flags", "Settings", "/settings/feature-flags")
    ]
    assert found(client, "settings nonsense").get("Pages") is None


def test_actions_are_found_by_their_keywords(client: Client, catalog: FakeCatalog):
    assert titles(found(client, "night")["Actions"]) == ["Use the dark theme"]


def test_a_disabled_action_is_not_found(client: Client, catalog: FakeCatalog):
    with override_config({"app": {"extensions": [{"command:app/dark-theme": False}]}}):
        assert "Actions" not in found(client, "night")


def test_entities_are_found_with_the_persons_rights_and_only_a_few(client: Client, catalog: FakeCatalog):
    entities = found(client, "book")["Entities"]
    assert len(entities) == palette.ENTITIES
    assert entities[0]["title"] == "Booking <Service>"
    assert entities[0]["note"] == "Component · service"
    assert entities[0]["url"] == "/catalog/shop/component/Booking"
    assert catalog.credentials.principal.user_entity_ref == "user:default/guest"


def test_one_letter_asks_the_catalog_nothing(client: Client, catalog: FakeCatalog):
    assert "Entities" not in found(client, "b")
    assert catalog.asked == []


def test_a_long_query_is_cut(client: Client, catalog: FakeCatalog):
    found(client, "x" * 5000)
    assert len(catalog.asked[0]) == palette.LONGEST_QUERY


def test_a_catalog_that_is_down_leaves_pages_and_actions(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(palette, "catalog", FakeCatalog([], ServiceUnavailableError("down")))
    groups = found(client, "test")
    assert "Entities" not in groups
    assert "Test page" in titles(groups["Pages"])


def test_the_palette_is_closed_to_those_who_are_not_signed_in(client: Client):
    client.get("/testplugin")
    client.post("/sign-out")
    assert client.get("/-/palette").status_code == 302


def test_a_disabled_palette_is_on_no_page(client: Client):
    with override_config({"app": {"extensions": [{"app-root-element:app/command-palette": False}]}}):
        html = client.get("/testplugin").content.decode()
    assert 'id="palette"' not in html
    assert "palette.js" not in html


def test_an_action_that_fails_leaves_the_others(client: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(type(get_tree().nodes["command:app/keys"].extension), "href", fail)
    assert titles(found(client)["Actions"])[:1] == ["Use the light theme"]
    assert "Keyboard shortcuts" not in titles(found(client)["Actions"])
