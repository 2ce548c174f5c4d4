"""The reference names everything there is to name: keys, slots, checks, variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.config import all_sections
from portal.extensions import get_tree
from portal.extensions.reference import blueprints
from portal.testing.layout import modules_of

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
CHECK_ID = re.compile(r"portal\.[EWI]\d{3}")
VARIABLE = re.compile(r"""(?:env\.\w+\(|environ(?:\.get\(|\[|\.setdefault\())"([A-Z][A-Z_]+)\"""")
#: Variables that are for the portal's own tests, or that Django documents.
INNER_VARIABLES = {"DJANGO_SETTINGS_MODULE", "TEST_DATABASE_URL", "PATH_INFO", "PORTAL_TEST_DATA_DIR"}


def source_of_the_portal() -> str:
    return "\n".join(path.read_text() for folder in ("portal", "apps") for path in modules_of(ROOT / folder))


def test_every_check_is_explained_and_no_other():
    page = (REFERENCE / "checks.md").read_text()
    assert sorted(set(CHECK_ID.findall(page))) == sorted(set(CHECK_ID.findall(source_of_the_portal())))


def test_every_configuration_key_is_documented():
    page = (REFERENCE / "config.md").read_text()
    keys = {key.full_path(section) for section in all_sections() for key in section.declared_keys()}
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def test_every_blueprint_is_documented():
    page = (REFERENCE / "extensions.md").read_text()
    ours = [one for one in blueprints(get_tree()) if not one.__module__.startswith("tests.")]
    assert [one.__name__ for one in ours if f"### `{one.kind}`: {one.__name__}" not in page] == []


def test_every_slot_is_documented_with_a_sentence():
    page = (REFERENCE / "extensions.md").read_text()
    for node in get_tree().nodes.values():
        for name, slot in node.spec.extension.inputs.items():
            if not node.spec.origin.startswith("tests."):
                assert slot.help, f"Input '{name}' of {node.id} has no help."
                assert f"`{name}`" in page, f"Input '{name}' of {node.id} is missing. Run: make docs"
                assert slot.help in page, f"Input '{name}' of {node.id} is missing. Run: make docs"


def test_every_environment_variable_is_documented():
    page = (REFERENCE / "environment.md").read_text()
    read = set(VARIABLE.findall(source_of_the_portal())) - INNER_VARIABLES
    assert {"PORTAL_CONFIG", "CACHE_URL", "SECRET_KEY"} <= read
    assert sorted(name for name in read if f"`{name}`" not in page) == []


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=lambda page: page.name)
def test_every_page_of_the_reference_is_listed(page):
    assert page.name == "index.md" or f"]({page.name})" in (REFERENCE / "index.md").read_text()
