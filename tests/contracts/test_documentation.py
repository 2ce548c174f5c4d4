"""The documentation keeps to what is there: links, navigation, generated pages."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journeys.portal import environment_for, manage

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


def links_of(page: Path) -> list[Path]:
    """Give the files that a page links to."""
    targets = [match[1] for match in LINK.finditer(page.read_text())]
    return [(page.parent / target).resolve() for target in targets if "://" not in target]


def navigation(entry: Any) -> list[str]:
    """Give the files in a part of mkdocs' navigation."""
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [file for part in parts for file in navigation(part)]


@pytest.mark.parametrize("document", [ROOT / "README.md", *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(document):
    assert [str(target) for target in links_of(document) if not target.exists()] == []


def test_every_page_is_in_the_navigation_or_in_the_list_of_decisions():
    listed = navigation(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    decisions = [target.relative_to(DOCS).as_posix() for target in links_of(DOCS / "adr" / "index.md")]
    assert sorted({*listed, *decisions}) == [page.relative_to(DOCS).as_posix() for page in PAGES]


def test_the_generated_pages_are_up_to_date(tmp_path):
    manage(["reference", "--check"], environment_for(tmp_path))
