"""Modules that are installed and that the configuration says nothing to."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.catalog import modules
from tests.catalog.modules.kit import installed, task_ids

NAMES = sorted(path.parent.name for path in Path(modules.__file__).parent.glob("*/apps.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_module_without_configuration_does_nothing(name: str) -> None:
    with installed(f"apps.catalog.modules.{name}", {}):
        assert task_ids() == ["catalog_orphan_cleanup"]
