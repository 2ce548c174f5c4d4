"""The catalog with a module installed, and hosts for it to look at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from apps.catalog import tasks as catalog_tasks
from apps.catalog.models import RefreshState
from portal.config import override_config
from portal.services import scheduler, services, tasks
from portal.services.events import ImmediateEvents
from portal.services.scheduler import Run
from portal.services.scheduler.runs import set_current_run
from portal.testing import FakeScheduler
from portal.testing.fakes.scheduler import FakePluginScheduler, Scheduled
from tests.portal.source_hosts.server import Answer, Asked, HttpServer


class Host:
    """A source host of a test, at a port of this machine. ``faults`` are answered first, one each."""

    def __init__(self) -> None:
        self.server = HttpServer(self._respond)
        self.token = "let-me-in"
        self.faults: list[Answer] = []

    @property
    def name(self) -> str:
        """Its host, as the configuration names it."""
        return f"127.0.0.1:{self.server.port}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.name}"

    def answer(self, asked: Asked) -> Answer:
        """Answer a request that is let in."""
        raise NotImplementedError

    def _respond(self, asked: Asked) -> Answer:
        if self.faults:
            return self.faults.pop(0)
        if asked.authorization != f"Bearer {self.token}":
            return Answer(b'{"message": "Bad credentials"}', 401)
        return self.answer(asked)


@contextmanager
def installed(module: str, config: dict[str, Any]) -> Iterator[ImmediateEvents]:
    """Install a module of the catalog under a configuration, in a process that has set up its background work."""
    with override_config(config), override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, module]):
        services["events"] = events = ImmediateEvents()
        services["scheduler"] = FakeScheduler()
        catalog_tasks.register(scheduler.for_plugin("catalog"), tasks.for_plugin("catalog"))
        yield events


@contextmanager
def running() -> Iterator[Run]:
    """Be in a run of a task, which has a minute to go."""
    now = timezone.now()
    set_current_run(run := Run(started_at=now, timeout=timedelta(minutes=1), planned=now, started=time.monotonic()))
    try:
        yield run
    finally:
        set_current_run(None)


def refresh(name: str) -> None:
    """Run a provider's task."""
    scheduler.for_plugin("catalog").trigger(f"{name}:refresh")


def unprocessed() -> dict[str, dict[str, Any]]:
    """Return what providers have handed over, by ref, with the location key under ``key``."""
    rows = RefreshState.objects.values_list("entity_ref", "unprocessed_entity", "location_key")
    return {ref: {**orjson.loads(entity), "key": key} for ref, entity, key in rows}


def targets() -> set[str]:
    """Return the targets of all Locations that providers have handed over."""
    return {entity["spec"]["target"] for entity in unprocessed().values() if entity["kind"] == "Location"}


def scheduled(id: str) -> Scheduled:
    """Return a task of the catalog as it was put on the schedule."""
    fake = scheduler.for_plugin("catalog")
    assert isinstance(fake, FakePluginScheduler)
    return fake.scheduled[id]


def task_ids() -> list[str]:
    """Return the ids of the catalog's tasks, as its API lists them."""
    return [task["taskId"] for task in scheduler.for_plugin("catalog").tasks()]
