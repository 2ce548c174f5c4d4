"""What modules add to the API of their plugin is closed, in nobody's way, and written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from portal.checks import check_module_routes
from portal.http.plugin_api import api_urlpatterns
from portal.plugins import installed_modules, room
from portal.testing.api import api_routes
from portal.testing.conformance.base import closed_portal

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(f"apps.{path.parts[-4]}.modules.{path.parts[-2]}" for path in ROOT.glob("apps/*/modules/*/apps.py"))


@pytest.fixture(autouse=True)
def every_module() -> Iterator[None]:
    """Install all modules that come with the portal."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, *MODULES]):
        yield


def test_no_module_is_in_anybodys_way() -> None:
    assert check_module_routes() == []


def test_there_is_a_module_with_routes() -> None:
    assert any(room(module, "api.urls") for module in installed_modules())


def test_every_route_of_a_module_is_closed_unless_it_says_otherwise() -> None:
    with closed_portal(), override_settings(ROOT_URLCONF=tuple(api_urlpatterns())):
        found = {
            f"{method} {route.path}": Client().generic(method.upper(), route.path).status_code
            for module in installed_modules()
            for route in api_routes(module)
            if route.policy != "unauthenticated"
            for method in route.methods
        }
    assert {route for route, status in found.items() if status != 401} == set()
    assert found


def test_every_route_of_a_module_is_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/http-api.md").read_text()
    prefixes = {route.path.split("/")[3] for module in installed_modules() for route in api_routes(module)}
    assert {prefix for prefix in prefixes if f" {prefix}/" not in reference} == set()
