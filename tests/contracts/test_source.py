"""What no linter sees: what the source of the core says beyond its imports, and how long it takes to say it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.testing import layout, source

ROOT = Path(__file__).resolve().parents[2]
#: The one place that may open a transaction without saying where: it says where.
TRANSACTIONS = "databases/transactions.py"


@pytest.mark.parametrize("folder", ["portal", "apps", "bench", "examples"])
def test_no_module_is_too_long(folder):
    assert layout.long_modules(ROOT / folder) == []


def test_the_core_knows_no_plugin():
    assert source.foreign_imports(ROOT / "portal", "portal", ["apps", "examples", "tests"]) == []


def test_the_core_names_no_plugin_but_in_the_settings():
    named = re.compile(r"""["']apps\.\w+""")
    files = [path for path in layout.modules_of(ROOT / "portal") if path != ROOT / "portal" / "settings.py"]
    assert [str(path) for path in files if named.search(path.read_text())] == []


def test_the_core_guards_the_database_that_it_means():
    faults = source.unguarded_calls(ROOT / "portal")
    assert [fault for fault in faults if not fault.startswith(TRANSACTIONS)] == []


def test_the_shell_uses_templates_and_urls_of_its_own():
    found = source.foreign_references(ROOT, "errors", ["admin"])
    # The admin is Django's, dressed up.
    assert [fault for fault in found if not fault.startswith("templates/admin/")] == []


def test_only_the_shell_is_outside_the_plugins():
    templates = {path.relative_to(ROOT / "templates").parts[0] for path in (ROOT / "templates").rglob("*.html")}
    assert templates == {"admin", "base.html", "page.html", "errors", "portal"}
    assert {path.name for path in (ROOT / "static").iterdir()} == {"portal"}
