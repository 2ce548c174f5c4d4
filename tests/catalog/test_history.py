"""The history as people and programs see it: changes, and entities as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.models import FinalEntity, HistoryEntry
from apps.catalog.operations import delete_entities, prune_history
from apps.catalog.queries.history import entity_as_of
from portal.config import override_config
from portal.credentials import service_credentials
from portal.entities import EntityRef
from portal.errors import NotFoundError
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.history_kit import stored
from tests.catalog.pages import Page

WEB = "component:default/web"
REF = EntityRef("component", "default", "web")
BY_NAME = "/api/catalog/entities/by-name/component/default/web"
HISTORY = "/api/catalog/greenroom/history/component/default/web"


# --- Entities as they were ---


class Life:
    """The versions of an entity, and a moment within each."""

    def __init__(self, folder: CatalogFolder) -> None:
        self.folder = folder
        self.born = timezone.now() - timedelta(hours=10)
        self.hours = 0

    def write(self, **spec: Any) -> dict[str, Any]:
        """Give the file a new version; return the entity, which is as old as the next hour makes it."""
        self.folder.write("web.yaml", component("web", **spec))
        self.folder.read("web.yaml")
        self.folder.refresh()
        self.settle()
        return self.folder.entity(WEB)

    def delete(self) -> None:
        """Delete the entity, and whatever leads to it."""
        self.folder.read()
        self.settle()

    def settle(self) -> None:
        """Let what happened just now have happened an hour after the last time."""
        self.hours += 1
        at = self.at(self.hours)
        HistoryEntry.objects.filter(at__gt=timezone.now() - timedelta(minutes=1)).update(at=at)
        FinalEntity.objects.filter(last_updated_at__gt=timezone.now() - timedelta(minutes=1)).update(last_updated_at=at)

    def at(self, hours: float) -> datetime:
        """Return the moment so many hours after the beginning."""
        return self.born + timedelta(hours=hours)


@pytest.fixture
def life(folder: CatalogFolder) -> Life:
    """An entity whose life is told in hours."""
    return Life(folder)


def as_of(client: Client, moment: datetime, *, status: int = 200) -> Any:
    response = client.get(BY_NAME, {"asOf": moment.isoformat()})
    assert response.status_code == status, response.content
    return response.json()


def test_an_entity_is_given_as_it_was_at_a_moment(life: Life, service_client: Client) -> None:
    first = life.write(system="one")
    second = life.write(system="two")
    life.delete()
    third = life.write(system="three")
    for hours, version in ((1, first), (1.5, first), (2, second), (2.9, second), (4, third), (9, third)):
        assert as_of(service_client, life.at(hours)) == version
    assert service_client.get(BY_NAME).json() == third


def test_what_was_not_there_at_a_moment_is_not_found(life: Life, service_client: Client) -> None:
    life.folder.write("older.yaml", component("older"))
    life.folder.read("older.yaml")
    HistoryEntry.objects.update(at=life.at(0))
    life.write()
    life.delete()
    life.write()
    for hours in (0.5, 2, 2.5):
        message = as_of(service_client, life.at(hours), status=404)["error"]["message"]
        assert message.startswith("There was no entity component:default/web at 20")


def test_what_lies_before_the_history_is_said_to_be_unknown(life: Life, service_client: Client) -> None:
    life.write(system="one")
    life.write(system="two")
    HistoryEntry.objects.filter(change="created").delete()
    message = as_of(service_client, life.at(1.5), status=404)["error"]["message"]
    assert "isn't known" in message
    assert "goes back to" in message


def test_a_version_that_is_older_than_the_history_is_known_all_the_same(life: Life, service_client: Client) -> None:
    version = life.write()
    with override_config({"catalog": {"history": {"retention": {"minutes": 1}}}}):
        assert prune_history()
    assert as_of(service_client, life.at(3)) == version
    assert "is empty" in as_of(service_client, life.at(0.5), status=404)["error"]["message"]


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        ("yesterday", "ISO 8601"),
        ("2026-02-30", "ISO 8601"),
        ("2026-01-01T00:00:00 02:00", "%2B"),
        ("0001-01-01T00:00:00+14:00", "ISO 8601"),
        ("9999-12-31T23:59:59-14:00", "ISO 8601"),
        ("9000-01-01T00:00:00Z", "future"),
        ("", "Empty value"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(service_client: Client, moment: str, message: str) -> None:
    response = service_client.get(BY_NAME, {"asOf": moment})
    assert response.status_code == 400
    assert message in response.json()["error"]["message"]


def test_times_may_state_any_zone_and_are_utc_without_one(life: Life, service_client: Client) -> None:
    version = life.write()
    moment = life.at(1.5).astimezone(UTC)
    elsewhere = moment.astimezone(timezone.get_fixed_timezone(120))
    for form in (moment.replace(tzinfo=None).isoformat(), f"{moment:%Y-%m-%dT%H:%M:%S}Z", elsewhere.isoformat()):
        assert service_client.get(BY_NAME, {"asOf": form}).json() == version


def test_at_most_four_queries_find_an_entity_as_it_was(
    life: Life, service_client: Client, django_assert_max_num_queries: Any
) -> None:
    life.write(system="one")
    life.write(system="two")
    for hours in (0.5, 1.5, 2.5):
        with django_assert_max_num_queries(4, using="catalog"):
            service_client.get(BY_NAME, {"asOf": life.at(hours).isoformat()})


@given(
    changes=st.lists(st.sampled_from(["write", "delete"]), max_size=6),
    pruned=st.integers(0, 6),
    hours=st.integers(-2, 16).map(lambda half: half / 2),
)
def test_whatever_happened_what_is_told_of_a_moment_is_true(changes: list[str], pruned: int, hours: float) -> None:
    start = timezone.now() - timedelta(days=1)
    HistoryEntry.objects.all().delete()
    FinalEntity.objects.all().delete()
    uid, oldest = uuid4(), float("inf")
    versions: list[tuple[float, str | None]] = [(float("-inf"), None)]
    current: str | None = None
    for number, change in enumerate(changes):
        if change == "delete" and current is None:
            continue
        after = stored(spec={"version": number}) if change == "write" else None
        kind = "deleted" if after is None else "updated" if current else "created"
        at = start + timedelta(hours=number)
        if number >= pruned:
            oldest = min(oldest, number)
            HistoryEntry.objects.create(entity_ref=WEB, entity_id=uid, at=at, change=kind, before=current)
        FinalEntity.objects.filter(entity_id=uid).delete()
        if after is not None:
            FinalEntity.objects.create(
                entity_id=uid, entity_ref=WEB, final_entity=after, hash=str(number), last_updated_at=at
            )
        current = after
        versions.append((float(number), after))
    truth = [version for since, version in versions if since <= hours][-1]
    told, reason = told_of(start + timedelta(hours=hours))
    if told is not None:
        assert told == truth
    elif truth is not None:
        assert "isn't known" in reason
        assert hours < oldest


def told_of(moment: datetime) -> tuple[str | None, str]:
    """Return what the entity was, or None and the reason."""
    try:
        return entity_as_of(REF, moment, credentials=service_credentials("catalog")), ""
    except NotFoundError as error:
        return None, error.message


# --- The list of changes ---


def test_the_list_of_changes_says_what_when_and_why(life: Life, service_client: Client) -> None:
    life.write(system="one")
    life.write(system="two")
    life.delete()
    body = service_client.get(HISTORY).json()
    assert (body["entityRef"], body["totalItems"]) == (WEB, 3)
    deleted, updated, created = body["items"]
    assert [item["change"] for item in body["items"]] == ["deleted", "updated", "created"]
    assert "-  system: one\n+  system: two\n" in updated["diff"]
    assert updated["cause"].startswith("read from file:")
    assert created["diff"].startswith("@@ -0,0 +1,")
    assert deleted["diff"].startswith("@@ -1,")
    then = service_client.get(BY_NAME, {"asOf": updated["at"]}).json()
    assert then["spec"]["system"] == "two"


def test_the_list_of_changes_is_paged_without_losing_a_version(life: Life, service_client: Client) -> None:
    for number in range(5):
        life.write(system=f"s{number}")
    whole = service_client.get(HISTORY).json()["items"]
    pages = [service_client.get(HISTORY, {"limit": 2, "offset": offset}).json()["items"] for offset in (0, 2, 4)]
    assert [item for page in pages for item in page] == whole
    assert service_client.get(HISTORY, {"offset": 50}).json() == {"entityRef": WEB, "items": [], "totalItems": 5}


def test_an_unknown_entity_has_no_history(service_client: Client) -> None:
    response = service_client.get(HISTORY)
    assert response.status_code == 404
    assert "Nothing is known of an entity component:default/web" in response.json()["error"]["message"]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"offset": "-1"}, {"page": "1"}])
def test_a_page_that_makes_no_sense_is_refused(service_client: Client, query: dict[str, str]) -> None:
    assert service_client.get(HISTORY, query).status_code == 400


def test_a_page_of_changes_costs_three_queries(
    life: Life, service_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        life.write(system=f"s{number}")
    with django_assert_max_num_queries(3, using="catalog"):
        service_client.get(HISTORY)


# --- Who may see it ---


def test_the_entity_as_it_is_decides_who_sees_its_history(life: Life, guest_client: Client, only_team_b: None) -> None:
    life.folder.write("web.yaml", component("web"))
    life.folder.read("web.yaml")
    assert guest_client.get(HISTORY).status_code == 404
    assert guest_client.get(BY_NAME, {"asOf": timezone.now().isoformat()}).status_code == 404
    life.folder.write("web.yaml", component("web").replace("team-a", "team-b"))
    life.folder.refresh()
    assert len(guest_client.get(HISTORY).json()["items"]) == 2


@pytest.mark.parametrize(("owner", "status"), [("team-a", 404), ("team-b", 200)])
def test_the_last_version_decides_who_sees_the_history_of_what_is_gone(
    life: Life, guest_client: Client, only_team_b: None, owner: str, status: int
) -> None:
    life.folder.write("web.yaml", component("web").replace("team-a", owner))
    life.folder.read("web.yaml")
    before = timezone.now()
    delete_entities(refs=[WEB], cause="a test")
    assert guest_client.get(HISTORY).status_code == status
    assert guest_client.get(BY_NAME, {"asOf": before.isoformat()}).status_code == status


# --- The tab ---


def test_the_tab_shows_changes_with_coloured_lines(life: Life, guest_client: Client) -> None:
    life.write(system="one")
    life.write(system="two")
    page = Page(guest_client, "/catalog/default/component/web/history")
    assert "2 changes" in page.headings
    assert "read from file:" in page.text
    assert [line.text for line in page.all("span", css="diff-removed")][:1] == ["- system: one"]
    assert "+ system: two" in [line.text for line in page.all("span", css="diff-added")]
    assert page.all("style") == []


def test_the_tab_is_paged(life: Life, guest_client: Client) -> None:
    for number in range(25):
        life.write(system=f"s{number}")
    first = Page(guest_client, "/catalog/default/component/web/history")
    assert len(first.all("time")) == 20
    second = Page(guest_client, f"/catalog/default/component/web/history{first.links['Earlier']}")
    assert len(second.all("time")) == 5
    assert "21–25 of 25" in second.text
    assert "no changes this far back" in Page(guest_client, "/catalog/default/component/web/history?offset=90").text


def test_the_tab_costs_few_queries(life: Life, guest_client: Client, django_assert_max_num_queries: Any) -> None:
    life.write(system="one")
    life.write(system="two")
    with django_assert_max_num_queries(7, using="catalog"), django_assert_max_num_queries(0):
        assert guest_client.get("/catalog/default/component/web/history").status_code == 200
