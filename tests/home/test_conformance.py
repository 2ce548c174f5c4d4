"""The plugin keeps to what every plugin keeps to, with visits remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.config import override_config
from portal.testing import PluginConformance
from tests.home.conftest import VISITS


class TestHome(PluginConformance):
    plugin = "apps.home"

    @pytest.fixture(autouse=True)
    def _visits(self, stars: None) -> Iterator[None]:
        logo = {"home-page-widget:home/company-logo": {"config": {"logo": "/static/portal/logo.svg"}}}
        with override_config({"app": {"extensions": [*VISITS["app"]["extensions"], logo]}}):
            yield

    def values_for(self, node):
        """Give what the shell and the page pass on."""
        return [{"title": "A page", "settings": {}}]
