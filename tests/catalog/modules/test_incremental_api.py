"""The administrative routes of incremental ingestion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings
from django.utils import timezone

from portal.http.plugin_api import api_urlpatterns
from portal.testing.fakes import FakePermissions
from tests.catalog.modules.incremental_kit import MODULE, ONE_STEP, ingesting, ingestion, run
from tests.catalog.modules.incremental_source import Source
from tests.catalog.modules.kit import refresh, unprocessed

BASE = "/api/catalog/incremental"
PROVIDER = f"{BASE}/providers/source"


@pytest.fixture(autouse=True)
def mounted(incremental_tables: None) -> Iterator[None]:
    """Install the module, and mount its routes."""
    with (
        override_settings(INSTALLED_APPS=[*django_settings.INSTALLED_APPS, MODULE]),
        # Only now are the module's routes among them.
        override_settings(ROOT_URLCONF=tuple(api_urlpatterns())),
    ):
        yield


@pytest.fixture
def source() -> Iterator[Source]:
    """A source of six names, of which two have been read."""
    source = Source(has="abcdef")
    with ingesting(source, burst_length=ONE_STEP):
        run()
        yield source


def status(client: Client) -> Any:
    """Return what the provider does."""
    return client.get(PROVIDER).json()["status"]


def test_all_is_well(service_client: Client, source: Source) -> None:
    assert service_client.get(f"{BASE}/health").json() == {"healthy": True}
    assert service_client.get(f"{BASE}/providers").json() == {"success": True, "providers": ["source"]}


def test_a_provider_says_what_it_does(service_client: Client, source: Source) -> None:
    found = service_client.get(PROVIDER).json()
    next_action_at = found["status"].pop("next_action_at")
    assert found == {"success": True, "status": {"current_action": "interstitial"}, "last_error": None}
    assert next_action_at == ingestion().next_action_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    source.faults = [RuntimeError("the source is away")]
    with pytest.raises(RuntimeError):
        run()
    found = service_client.get(PROVIDER).json()
    assert found["status"]["current_action"] == "backing off"
    assert found["last_error"] == "RuntimeError: the source is away"

    for _ in range(2):
        run()
    assert status(service_client)["current_action"] == "resting"


def test_one_that_has_not_begun_waits(service_client: Client) -> None:
    with ingesting(Source(has="a")):
        assert status(service_client) == {"current_action": "rest complete, waiting to start"}
        answers = [service_client.post(f"{PROVIDER}/{what}").json() for what in ("trigger", "start", "cancel")]
        assert {answer["success"] for answer in answers} == {True}
        assert answers[1]["message"] == "Provider is already restarting"
        assert service_client.get(f"{PROVIDER}/marks").json()["success"] is True


def test_the_next_step_is_taken_at_once_if_somebody_asks_for_it(service_client: Client, source: Source) -> None:
    refresh("source")
    assert len(source.asked) == 1
    answer = service_client.post(f"{PROVIDER}/trigger").json()
    refresh("source")
    assert answer == {"success": True, "message": "source: Next action triggered."}
    assert source.asked == [None, {"at": 2}]


@pytest.mark.parametrize("steps", [1, 3])
def test_the_source_is_read_anew_if_somebody_asks_for_it(service_client: Client, source: Source, steps: int) -> None:
    for _ in range(steps - 1):
        run()
    answer = service_client.post(f"{PROVIDER}/start").json()
    refresh("source")
    assert answer == {"success": True, "message": "source: Next cycle triggered."}
    assert (source.asked[-1], ingestion().number) == (None, 2)


def test_an_ingestion_that_is_cancelled_rests_for_a_day_and_removes_nothing(
    service_client: Client, source: Source
) -> None:
    answer = service_client.post(f"{PROVIDER}/cancel").json()
    refresh("source")
    assert answer == {"success": True, "message": "source: Current ingestion canceled."}
    assert status(service_client)["current_action"] == "resting"
    assert timedelta(hours=23) < ingestion().next_action_at - timezone.now() <= timedelta(hours=24)
    assert len(source.asked) == 1
    assert len(unprocessed()) == 2


@pytest.mark.parametrize("what", ["start", "cancel", "purge"])
def test_a_step_that_is_being_taken_meanwhile_comes_to_nothing(
    service_client: Client, source: Source, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, overtaken = source.next, []

    def slowly(context: Any, cursor: Any) -> Any:
        step = take(context, cursor)
        service_client.delete(PROVIDER) if what == "purge" else service_client.post(f"{PROVIDER}/{what}")
        return step

    monkeypatch.setattr(source, "next", slowly)
    monkeypatch.setattr("apps.catalog.modules.incremental.provider.log.info", lambda *args, **kw: overtaken.append(kw))
    run()
    assert overtaken == [{"provider": "source"}]
    assert len(unprocessed()) == 2


def test_marks_are_the_steps_that_were_taken(service_client: Client, source: Source) -> None:
    run()
    records = service_client.get(f"{PROVIDER}/marks").json()["records"]
    assert [(one["sequence"], one["cursor"]) for one in records] == [(1, {"at": 2}), (2, {"at": 4})]
    assert {one["ingestion_id"] for one in records} == {str(ingestion().pk)}


def test_marks_are_deleted_once_the_source_has_been_read(service_client: Client, source: Source) -> None:
    deletions = {"markEntitiesDeleted": 0, "marksDeleted": 0, "ingestionsDeleted": 0}
    assert service_client.delete(f"{PROVIDER}/marks").json()["deletions"] == deletions
    run()
    run()
    answer = service_client.delete(f"{PROVIDER}/marks").json()
    assert answer["message"] == "Expired marks for provider 'source' removed."
    assert answer["deletions"] == {**deletions, "marksDeleted": 3}
    assert service_client.get(f"{PROVIDER}/marks").json()["records"] == []


def test_a_provider_can_be_reset(service_client: Client, source: Source) -> None:
    answer = service_client.delete(PROVIDER).json()
    assert answer == {"provider": "source", "ingestionsDeleted": 1, "marksDeleted": 1, "markEntitiesDeleted": 2}
    assert status(service_client)["current_action"] == "resting"
    service_client.post(f"{PROVIDER}/trigger")
    refresh("source")
    assert source.asked == [None, None]
    assert len(unprocessed()) == 2


def test_all_can_be_reset_at_once(service_client: Client) -> None:
    with ingesting(Source("one", has="abc"), Source("two", has="a"), burst_length=ONE_STEP):
        run("one")
        answer = service_client.post(f"{BASE}/cleanup").json()
        assert answer == {"ingestionsDeleted": 1, "ingestionMarksDeleted": 1, "markEntitiesDeleted": 2}
        assert {ingestion(name).status for name in ("one", "two")} == {"resting"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/marks"),
        ("DELETE", ""),
        ("DELETE", "/marks"),
        ("POST", "/trigger"),
        ("POST", "/start"),
        ("POST", "/cancel"),
    ],
)
def test_a_provider_that_is_not_there_is_not_found(service_client: Client, method: str, path: str) -> None:
    with ingesting():
        answer = service_client.generic(method, f"{BASE}/providers/other{path}")
    assert answer.status_code == 404
    known_as = "last_error" if method == "GET" else "message"
    assert (answer.json()["success"], answer.json()[known_as]) == (False, "Provider 'other' not found")


@pytest.mark.parametrize("name", ["%00", "%FF", "%0A", "a%2Fb", "x" * 3000, "%F0%9F%8E%AD"])
def test_whatever_the_name_there_is_an_answer(service_client: Client, name: str) -> None:
    with ingesting():
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/start"), ("GET", "/marks")):
            assert service_client.generic(method, f"{BASE}/providers/{name}{path}").status_code in {400, 404}


def test_reading_and_managing_are_permissions(
    service_client: Client, client: Client, source: Source, fake_permissions: FakePermissions
) -> None:
    assert client.get(PROVIDER).status_code == 401
    fake_permissions.deny("catalog.ingestion.manage")
    assert service_client.get(PROVIDER).status_code == 200
    assert service_client.post(f"{PROVIDER}/cancel").status_code == 403
    assert service_client.delete(PROVIDER).status_code == 403
    fake_permissions.deny("catalog.ingestion.read")
    assert service_client.get(PROVIDER).status_code == 403
