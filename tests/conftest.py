"""What all tests share: which databases they may touch, and clients that are somebody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from portal.services import services

#: Folders of ``tests`` whose tests may touch the database of the plugin of that name, and no other plugin's.
PLUGIN_FOLDERS = {
    path.name for path in (Path(__file__).parent.parent / "apps").iterdir() if (path / "apps.py").exists()
}
SERVICE_TOKEN = "token-of-a-test-service"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its databases by its folder, so that a catalog test that touches another plugin's fails."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if item.get_closest_marker("django_db") is None and folder in PLUGIN_FOLDERS:
            item.add_marker(pytest.mark.django_db(databases=["default", folder]))


@pytest.fixture(autouse=True)
def _fresh_services() -> Iterator[None]:
    """Let no test see the services of another: what one registers or caches is gone for the next."""
    yield
    services.reset()


@pytest.fixture
def service_client() -> Client:
    """A client that bears the static token of the test configuration."""
    return Client(headers={"Authorization": f"Bearer {SERVICE_TOKEN}"})


@pytest.fixture
def guest_client(client: Client) -> Client:
    """A client whose browser session is the guest's."""
    client.get("/")
    return client
