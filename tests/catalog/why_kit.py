"""What the tests of why something is missing share."""

from __future__ import annotations

from typing import Any

from django.test import Client

WEB = "component:default/web"


def why(client: Client, ref: str = "", *, url: str = "") -> dict[str, Any]:
    """Return the API's answer."""
    response = client.get("/api/catalog/greenroom/why", {"url": url} if url else {"ref": ref})
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def states(answer: dict[str, Any]) -> dict[str, str]:
    """Return the state of each step."""
    return {step["id"]: step["state"] for step in answer["steps"]}


def step(answer: dict[str, Any], step_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer["steps"] if one["id"] == step_id)
    return found
