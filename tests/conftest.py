"""What all tests share: the kit that plugins' tests use too, and which databases they may touch."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

# Whether a change is accepted depends neither on luck nor on how busy the machine is. To look for what nobody has
# thought of: make test ARGS="--hypothesis-profile=exploring".
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "exploring", parent=hypothesis.settings.get_profile("steady"), derandomize=False, print_blob=True
)
hypothesis.settings.load_profile("steady")

pytest_plugins = ["portal.testing.pytest_plugin"]

#: Folders of ``tests`` whose tests may touch the database of the plugin of that name, and no other plugin's.
PLUGIN_FOLDERS = {
    path.name for path in (Path(__file__).parent.parent / "apps").iterdir() if (path / "apps.py").exists()
}


def pytest_configure() -> None:
    """Let no test wait for a password: what makes it costly to guess makes it costly to set."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its databases by its folder, so that a catalog test that touches another plugin's fails."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if item.get_closest_marker("django_db") is None and folder in PLUGIN_FOLDERS:
            item.add_marker(pytest.mark.django_db(databases=["default", folder]))
