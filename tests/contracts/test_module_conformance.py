"""Every module that comes with the portal keeps to what every module keeps to."""

from __future__ import annotations

from pathlib import Path

from portal.testing import ModuleConformance

ROOT = Path(__file__).resolve().parents[2]
#: What some modules need of their plugin beyond its public rooms: they are built in, and move when it does.
DOORS = {
    "apps.catalog.modules.incremental": ("apps.catalog.models", "apps.catalog.operations"),
    "apps.catalog.modules.scm_events": ("apps.catalog.models", "apps.catalog.operations", "apps.catalog.processing"),
}

for path in sorted((ROOT / "apps").glob("*/modules/*/apps.py")):
    plugin, name = path.parts[-4], path.parts[-2]
    dotted = f"apps.{plugin}.modules.{name}"
    globals()[f"Test_{plugin}_{name}"] = type(
        f"Test_{plugin}_{name}",
        (ModuleConformance,),
        {"module": dotted, "own_doors": DOORS.get(dotted, ()), "__module__": __name__},
    )
del ModuleConformance  # a class of tests without a module


def test_there_are_modules():
    assert "Test_catalog_github" in globals()
