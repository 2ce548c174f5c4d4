"""DevTools that are switched on, and an operator who looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from portal.config import override_config
from portal.testing import signed_in_client
from portal.testing.rendering import SOMEBODY

ON: dict[str, Any] = {"app": {"extensions": ["page:devtools"]}}


@pytest.fixture(autouse=True)
def _on(settings: Any) -> Iterator[None]:
    settings.PORTAL_SERVICES = {"transport": {"BACKEND": "portal.services.transport.TestClientTransport"}}
    with override_config(ON):
        yield


@pytest.fixture
def client() -> Client:
    """An operator."""
    return signed_in_client(SOMEBODY)
