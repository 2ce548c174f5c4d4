"""What the tests of the API's actions share."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

BASE = "/api/catalog"


def send(client: Client, method: str, path: str, body: Any = None, *, status: int) -> Any:
    """Send a request and return the JSON of the answer, None if it has no body."""
    data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    response = getattr(client, method)(f"{BASE}{path}", **data)
    assert response.status_code == status, response.content
    if not response.content:
        assert "Content-Type" not in response
        return None
    return response.json()


def policy(settings: Any, name: str) -> None:
    """Let a policy of ``tests.catalog.policies`` decide."""
    settings.PORTAL_SERVICES = {
        **getattr(settings, "PORTAL_SERVICES", {}),
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": f"tests.catalog.policies.{name}"},
        },
    }


def entity(**changes: Any) -> dict[str, Any]:
    """Return a sound component, changed."""
    sound = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "v"},
        "spec": {"type": "service", "lifecycle": "production", "owner": "me"},
    }
    return {name: value for name, value in {**sound, **changes}.items() if value is not None}
