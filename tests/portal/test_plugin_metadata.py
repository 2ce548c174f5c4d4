"""What a plugin is called."""

from __future__ import annotations

import pytest

from portal.errors import NotFoundError
from portal.services import plugin_metadata


def test_a_plugin_has_an_id_and_a_title() -> None:
    assert plugin_metadata.for_plugin("catalog") == ("catalog", "Catalog")


def test_a_plugin_that_is_not_installed_has_none() -> None:
    with pytest.raises(NotFoundError, match="'tech-radar' isn't installed"):
        plugin_metadata.for_plugin("tech-radar")
