"""Fixtures of the tests of the events plugin."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client

from apps.events import operations
from apps.events.api import bus
from apps.events.queries import News


class SleepingLoop:
    """Looks at nothing: in these tests no other process publishes."""

    def __init__(self, name: str, step: Any) -> None:
        pass

    def start(self) -> None:
        """Do nothing."""

    def wake(self) -> None:
        """Do nothing."""

    def stop(self, timeout: float) -> bool:
        """Have ended."""
        return True


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> News:
    """Wake readers by what this process publishes, and by nothing else."""
    news = News()
    monkeypatch.setattr("apps.events.queries.waiting.Loop", SleepingLoop)
    monkeypatch.setattr(bus, "news", news)
    monkeypatch.setattr(operations, "news", news)
    monkeypatch.setattr(bus, "places", bus.Places())
    return news


class Program:
    """A program that uses the events API."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request with a JSON body; return the response."""
        content = b"" if body is None else orjson.dumps(body)
        return self.client.generic(
            method, f"/api/events{path}", data=content, content_type="application/json", headers=headers
        )

    def publish(self, topic: str, payload: Any = None, *, notified: list[str] | None = None) -> int:
        """Publish an event; return the status."""
        body: dict[str, Any] = {"event": {"topic": topic, "payload": payload}}
        if notified is not None:
            body["notifiedSubscribers"] = notified
        status: int = self.send("POST", "/bus/v1/events", body).status_code
        return status

    def subscribe(self, id: str, *topics: str) -> int:
        """Make a subscription; return the status."""
        status: int = self.send("PUT", f"/bus/v1/subscriptions/{id}", {"topics": topics}).status_code
        return status

    def read(self, id: str) -> list[Any] | None:
        """Read a subscription; return the payloads, or None where the answer is to ask again."""
        response = self.send("GET", f"/bus/v1/subscriptions/{id}/events")
        if response.status_code == 202:
            assert b"".join(response.streaming_content) == b""
            return None
        assert response.status_code == 200, response.content
        return [event["payload"] for event in response.json()["events"]]


@pytest.fixture
def program(service_client: Client) -> Program:
    """A program with a service token."""
    return Program(service_client)
