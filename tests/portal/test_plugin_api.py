"""What every plugin's API has from the core: its scheduled tasks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from portal.services import scheduler

pytestmark = pytest.mark.django_db(databases=["default", "testplugin"])
BASE = "/api/testplugin/.backstage/scheduler/v1/tasks"


@pytest.fixture
def task() -> str:
    """A task that is run by hand only."""
    scheduler.for_plugin("testplugin").schedule(
        id="sweep", fn=lambda: None, frequency={"trigger": "manual"}, timeout=timedelta(minutes=1)
    )
    return "sweep"


def test_tasks_are_listed_with_their_state(service_client: Client, task: str) -> None:
    service_client.post(f"{BASE}/{task}/trigger")
    (listed,) = service_client.get(BASE).json()["tasks"]
    assert (listed["taskId"], listed["pluginId"], listed["scope"]) == ("sweep", "testplugin", "global")
    assert listed["taskState"]["status"] == "idle"


def test_a_task_can_be_triggered(service_client: Client, task: str) -> None:
    assert service_client.post(f"{BASE}/{task}/trigger").status_code == 200
    assert service_client.post(f"{BASE}/nosuch/trigger").status_code == 404


def test_a_task_that_isnt_running_cant_be_cancelled(service_client: Client, task: str) -> None:
    service_client.post(f"{BASE}/{task}/trigger")
    assert service_client.post(f"{BASE}/{task}/cancel").status_code == 409
    assert service_client.post(f"{BASE}/nosuch/cancel").status_code == 404


def test_nobody_else_may(client: Client, task: str) -> None:
    assert client.get(BASE).status_code == 401
    assert client.post(f"{BASE}/{task}/trigger").status_code == 401
