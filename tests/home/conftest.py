"""A home page with visits remembered, beside a catalog of which only stars and names are asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.home import operations
from portal.config import override_config
from portal.extensions.registry import get_tree
from portal.extensions.starred import StarredEntitiesApi
from portal.testing import signed_in_client
from portal.testing.rendering import SOMEBODY

#: Both extensions of visits, which are off unless they are mentioned.
VISITS: dict[str, Any] = {"app": {"extensions": ["api:home/visits", "app-root-element:home/visit-listener"]}}


class Stars(StarredEntitiesApi):
    """Stars in memory."""

    def __init__(self) -> None:
        self.refs: list[str] = []

    def starred(self, user_ref: str) -> list[str]:
        return self.refs

    def starred_among(self, user_ref: str, entity_refs: Any) -> frozenset[str]:
        return frozenset(self.refs) & frozenset(entity_refs)

    def set_starred(self, user_ref: str, entity_ref: str, *, starred: bool) -> None:
        self.refs.append(entity_ref)


@pytest.fixture(autouse=True)
def _same_thread(settings: Any) -> Iterator[None]:
    settings.PORTAL_SERVICES = {"transport": {"BACKEND": "portal.services.transport.TestClientTransport"}}
    operations._waiting.clear()
    yield
    operations._waiting.clear()


@pytest.fixture
def stars(monkeypatch: pytest.MonkeyPatch) -> Stars:
    """Stars in the place of the catalog's."""
    stars = Stars()
    monkeypatch.setattr("apps.home.extensions.widgets.get_api", lambda ref: stars)
    return stars


@pytest.fixture
def client() -> Client:
    """Somebody."""
    return signed_in_client(SOMEBODY)


@pytest.fixture
def remembered() -> Iterator[None]:
    """Have visits remembered."""
    with override_config(VISITS):
        get_tree()
        yield
